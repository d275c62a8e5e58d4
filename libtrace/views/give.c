/* SPDX-License-Identifier: MIT */

/* How values are handed to SQLite. */

#include "store/model.h"
#include "views/state.h"

#define NS_PER_US UINT64_C(1000)

void mlw_give_int(sqlite3_context *context, uint64_t value)
{
	sqlite3_result_int64(context, (sqlite3_int64)value);
}

void mlw_give_known(sqlite3_context *context, uint64_t value)
{
	if (value)
		mlw_give_int(context, value);
}

void mlw_give_us(sqlite3_context *context, uint64_t us)
{
	mlw_give_int(context, us * NS_PER_US);
}

void mlw_give_text(sqlite3_context *context, const char *text)
{
	if (text)
		sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

int mlw_give_scope(sqlite3_context *context, struct mlw_recording *recording,
                   uint32_t scope, struct mlw_error *err)
{
	const char *name;

	if (mlw_recording_scope(recording, scope, &name, err))
		return -1;
	mlw_give_text(context, name);
	return 0;
}

void mlw_give_ended(sqlite3_context *context, uint32_t ended)
{
	static const char *const names[] = {
		[MLW_ENDED_RUNNING] = "running",   [MLW_ENDED_EXIT] = "exit",
		[MLW_ENDED_SIGNAL] = "signal",     [MLW_ENDED_EXEC] = "exec",
		[MLW_ENDED_DETACHED] = "detached", [MLW_ENDED_LOST] = "lost",
	};

	mlw_give_text(context,
	              ended < sizeof(names) / sizeof(*names) ? names[ended] : "lost");
}

/* What is live; and of a sample not what was temporary, inherited or foreign. */
bool mlw_give_is_known(const struct mlw_run_row *run, int column)
{
	if (run->saved)
		return column == 4 || column == 5;
	return !run->sample_bytes || column < 8;
}

void mlw_give_totals(sqlite3_context *context, const struct mlw_totals *totals,
                     int column)
{
	if (!totals)
		return;
	switch (column) {
	case 0:
		mlw_give_int(context, totals->allocations);
		break;
	case 1:
		mlw_give_int(context, totals->frees);
		break;
	case 2:
		mlw_give_int(context, totals->reallocations);
		break;
	case 3:
		mlw_give_int(context, totals->allocated_size);
		break;
	case 4:
		mlw_give_int(context, totals->live_size);
		break;
	case 5:
		mlw_give_int(context, totals->live_count);
		break;
	case 6:
		mlw_give_int(context, totals->peak_size);
		break;
	case 7:
		mlw_give_us(context, totals->peak_at_us);
		break;
	case 8:
		mlw_give_int(context, totals->temporary_count);
		break;
	case 9:
		mlw_give_int(context, totals->inherited_frees);
		break;
	case 10:
		mlw_give_int(context, totals->foreign_frees);
		break;
	}
}

int mlw_views_fail(sqlite3_vtab *table, const struct mlw_error *err)
{
	sqlite3_free(table->zErrMsg);
	table->zErrMsg = sqlite3_mprintf("%s", err->text);
	return SQLITE_ERROR;
}
