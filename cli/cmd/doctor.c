/* SPDX-License-Identifier: MIT */

/* mallow doctor: can this machine, and this program, be recorded? */

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/examine.h"
#include "cmd/output.h"
#include "cmd/selection.h"

static const char *const help[] = {
	"usage: mallow doctor [PROGRAM] [options]\n"
	"\n"
	"Says whether this machine, and PROGRAM on it, can be recorded, what is "
	"missing,\n"
	"and the mend. The program is not run. Exit status 0: yes; 1: no.\n"
	"\n"
	"  --json              for programs\n"
	"  --color[=WHEN]      auto (default), always or never\n",
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "doctor",
	.help = help,
	.operand = "PROGRAM",
	.operand_optional = true,
};

static int show(const struct mlw_selection *selection)
{
	struct mlw_findings findings = { 0 };
	int status;

	mlw_examine_machine(&findings);
	if (selection->query.place)
		mlw_examine_program(&findings, selection->query.place);
	status = mlw_findings_worst(&findings) == MLW_FINDING_BAD ? MLW_STATUS_NO
	                                                          : MLW_STATUS_FINE;
	if (mlw_findings_failed(&findings))
		status = mlw_output_failed(NULL, "out of memory");
	else if (selection->format == MLW_FORMAT_JSON)
		mlw_render_findings_json(&findings, stdout);
	else
		mlw_render_findings_text(&findings, &selection->style, stdout);
	mlw_findings_release(&findings);
	return mlw_output_end(status);
}

static int run(int argc, char **argv)
{
	struct mlw_selection selection;
	int status = mlw_selection_parse(&selection, argc, argv, &accepted);

	if (status == MLW_SELECTION_GO)
		status = show(&selection);
	mlw_selection_release(&selection);
	return status;
}

const struct mlw_command mlw_command_doctor = {
	.name = "doctor",
	.usage = "[PROGRAM] [options]",
	.summary = "can this machine, and this program, be recorded?",
	.run = run,
};
