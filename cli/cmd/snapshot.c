/* SPDX-License-Identifier: MIT */

/* mallow snapshot: lists the snapshots of a run, takes one of a run that goes on, or
 * saves a moment as a file of its own. */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/save.h"
#include "cmd/selection.h"
#include "collect/ask.h"
#include "render/reason.h"
#include "render/render.h"

static const char *const help[] = {
	"usage: mallow snapshot FILE [options]\n"
	"       mallow snapshot PID NAME [options]\n"
	"       mallow snapshot FILE@WHEN -o OUT [options]\n"
	"\n"
	"Lists the snapshots of a run. With two operands it takes one, of the run that\n"
	"records process PID (one of its processes, or 'mallow run' itself), and "
	"returns\n"
	"when it is in the file: 'mallow top FILE@NAME' then shows what was live.\n"
	"\n"
	"With -o it saves what was live at a moment in a small file of its own, which\n"
	"other commands read too.\n"
	"\n"
	"  -o OUT              the file to save in\n"
	"  --force             replace OUT if it exists and is a recording\n"
	"  --metadata KEY=VALUE\n"
	"                      attach a text to it, which 'mallow stats' shows\n"
	"\n",
	mlw_help_output,
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "snapshot",
	.help = help,
	.operand = "FILE or PID",
	.second = "NAME",
	.csv = true,
	.output = true,
};

static int render(const struct mallow_snapshots *snapshots,
                  const struct mlw_selection *selection, struct mlw_error *err)
{
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_snapshots_json(snapshots, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_snapshots_csv(snapshots, stdout);
	else
		return mlw_render_snapshots_text(snapshots, &selection->style, stdout,
		                                 err);
	return 0;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

static int list(const struct mlw_selection *selection, struct mlw_error *err)
{
	const char *place = selection->query.place;
	struct mallow_snapshots *snapshots;
	const struct mallow_about *about;
	struct mallow_error reason;
	int result;

	if (is_number(place) && access(place, F_OK))
		return mlw_fail(err,
		                "there is no such file (to take a snapshot of "
		                "process %s: mallow snapshot %s NAME)",
		                place, place);
	if (mallow_snapshots_new(&snapshots, place, &reason))
		return mlw_reason(err, &reason);
	about = mallow_snapshots_about(snapshots);
	result = render(snapshots, selection, err);
	mlw_output_incomplete(about->file, about->closed, about->complete);
	if (selection->format == MLW_FORMAT_CSV)
		mlw_output_sampled(about->file, about->sample_bytes);
	mallow_snapshots_free(snapshots);
	return result;
}

static void say_taken(const struct mallow_taken *snapshot, const char *file)
{
	char size[MLW_UNIT_TEXT], time[MLW_UNIT_TEXT];

	mlw_style_name(stdout, snapshot->name, 0);
	fputs(": size=", stdout);
	printf("%s, count=%" PRIu64 ", at %s, in ", mlw_size_text(snapshot->size, size),
	       snapshot->count, mlw_duration_text(snapshot->at_ns, time));
	mlw_style_name(stdout, file, 0);
	fputc('\n', stdout);
}

static int take(const struct mlw_selection *selection, struct mlw_error *err)
{
	const char *pid = selection->query.place;
	struct mlw_taken_snapshot taken;
	struct mallow_taken snapshot = { .name = selection->second, .nth = 1 };
	const struct mallow_about unknown = { 0 }; /* who took it does not say */
	unsigned long number;

	errno = 0;
	number = strtoul(pid, NULL, 10);
	if (!is_number(pid) || errno || !number || number > INT_MAX)
		return mlw_fail(err,
		                "'%s' is no process id (to list the snapshots of a "
		                "file: mallow snapshot FILE)",
		                pid);
	if (mlw_ask_snapshot((pid_t)number, selection->second, &taken, err))
		return -1;
	snapshot.at_ns = taken.at_us * 1000;
	snapshot.size = taken.size;
	snapshot.count = taken.count;
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_taken_json(&snapshot, &unknown, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_taken_csv(&snapshot, stdout);
	else
		say_taken(&snapshot, taken.file);
	return 0;
}

static int check_output(const struct mlw_selection *selection, struct mlw_error *err)
{
	if (selection->output && selection->second)
		return mlw_fail(err,
		                "-o saves a place of a file: '%s' is one operand "
		                "too many",
		                selection->second);
	if (selection->output || (!selection->force && !selection->metadata.count))
		return 0;
	return mlw_fail(err, "%s is for a snapshot that is saved (-o OUT)",
	                selection->force ? "--force" : "--metadata");
}

static int act(const struct mlw_selection *selection, struct mlw_error *err)
{
	if (check_output(selection, err))
		return -1;
	if (selection->output)
		return mlw_save_snapshot(selection, err);
	return selection->second ? take(selection, err) : list(selection, err);
}

/* What fails with a process or with OUT is no failure of a file. */
static int answer(const struct mlw_selection *selection)
{
	struct mlw_error err;
	bool lists = !selection->second && !selection->output;

	if (act(selection, &err))
		return mlw_output_failed(lists ? selection->query.place : NULL, err.text);
	return mlw_output_end(MLW_STATUS_FINE);
}

static int run(int argc, char **argv)
{
	struct mlw_selection selection;
	int status = mlw_selection_parse(&selection, argc, argv, &accepted);

	if (status == MLW_SELECTION_GO)
		status = answer(&selection);
	mlw_selection_release(&selection);
	return status;
}

const struct mlw_command mlw_command_snapshot = {
	.name = "snapshot",
	.usage = "FILE | PID NAME | FILE@WHEN -o OUT",
	.summary = "list the snapshots of a run, take one, or save one",
	.run = run,
};
