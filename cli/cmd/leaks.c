/* SPDX-License-Identifier: MIT */

/* mallow leaks: what was never freed. */

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/render.h"

static const char *const help[] = {
	"usage: mallow leaks FILE[@WHEN] [options]\n"
	"\n"
	"Shows every block that was never freed, by the whole stack that allocated it, "
	"or\n"
	"what is live at WHEN: end, peak, 1.5s (after the start), 25% (of the time).\n"
	"What the C library and the loader keep for themselves is called runtime.\n"
	"\n"
	"  --fail              exit status 1 if anything but runtime was leaked\n"
	"  -n N                rows to show (default 10; 0: all; --json, --csv: all)\n"
	"  --by GROUP          trace (default), line, function, file, module, thread,\n"
	"                      process, domain, scope or size\n"
	"  --sort KEY          size (default), count, peak, allocated, allocations or\n"
	"                      temporary\n"
	"  --at WHEN           instead of FILE@WHEN\n"
	"  --cumulative        count a block for each function on its stack\n"
	"\n",
	mlw_help_filters,
	"  --min-size SIZE     leave out groups smaller than SIZE\n",
	mlw_help_names,
	"\n",
	mlw_help_output,
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "leaks",
	.help = help,
	.operand = "FILE",
	.csv = true,
	.queries = true,
	.fail = true,
	.by = MLW_BY_TRACE,
};

/* Rows are in the order of kinds: what is nobody's fault comes last. */
static int status_of(const struct mlw_statistics *leaks, bool fail)
{
	bool any = leaks->count && leaks->rows[0].kind < MLW_LEAK_RUNTIME;

	return fail && any ? MLW_STATUS_NO : MLW_STATUS_FINE;
}

static int show(const struct mlw_selection *selection, struct mlw_error *err)
{
	struct mlw_query query = selection->query;
	struct mlw_statistics *leaks;
	int result = 0;

	query.leaks = true;
	if (mlw_statistics_new(&leaks, &query, err))
		return -1;
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_leaks_json(leaks, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_leaks_csv(leaks, stdout);
	else
		result = mlw_render_leaks_text(leaks, &selection->style, stdout, err);
	mlw_output_incomplete(leaks->file, leaks->closed, leaks->complete);
	if (!result)
		result = status_of(leaks, selection->fail);
	mlw_statistics_free(leaks);
	return result;
}

static int run(int argc, char **argv)
{
	return mlw_selection_answer(argc, argv, &accepted, show);
}

const struct mlw_command mlw_command_leaks = {
	.name = "leaks",
	.usage = "FILE[@WHEN] [options]",
	.summary = "what was never freed",
	.run = run,
};
