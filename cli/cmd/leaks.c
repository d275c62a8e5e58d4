/* SPDX-License-Identifier: MIT */

/* mallow leaks: what was never freed. */

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/reason.h"
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
	.by = MALLOW_BY_TRACEBACK,
};

/* Rows are in the order of kinds: what is nobody's fault comes last. */
static int status_of(const struct mallow_ranking *leaks, bool fail)
{
	const struct mallow_row *first = mallow_ranking_row(leaks, 0);
	bool any = first && first->kind < MALLOW_LEAK_RUNTIME;

	return fail && any ? MLW_STATUS_NO : MLW_STATUS_FINE;
}

static int show(const struct mlw_selection *selection, struct mlw_error *err)
{
	struct mallow_query query = selection->query;
	struct mallow_ranking *leaks;
	struct mallow_error reason;
	int result = 0;

	query.leaks = true;
	if (mallow_ranking_new(&leaks, &query, &reason))
		return mlw_reason(err, &reason);
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_leaks_json(leaks, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_leaks_csv(leaks, stdout);
	else
		result = mlw_render_leaks_text(leaks, &selection->style, stdout, err);
	mlw_output_incomplete(mallow_ranking_about(leaks)->file,
	                      mallow_ranking_about(leaks)->closed,
	                      mallow_ranking_about(leaks)->complete);
	if (selection->format == MLW_FORMAT_CSV)
		mlw_output_sampled(mallow_ranking_about(leaks)->file,
		                   mallow_ranking_about(leaks)->sample_bytes);
	if (!result)
		result = status_of(leaks, selection->fail);
	mallow_ranking_free(leaks);
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
