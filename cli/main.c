/* SPDX-License-Identifier: MIT */

/* mallow: finds the command and hands the arguments over. */

#include <stdio.h>
#include <string.h>

#include "cmd/begin.h"
#include "cmd/command.h"
#include "cmd/output.h"

/* One a line, in the order of the help. */
/* clang-format off */
static const struct mlw_command *const commands[] = {
	&mlw_command_run,
	&mlw_command_stats,
	&mlw_command_top,
	&mlw_command_tree,
	&mlw_command_diff,
	&mlw_command_leaks,
	&mlw_command_timeline,
	&mlw_command_snapshot,
	&mlw_command_sql,
	&mlw_command_doctor,
};
/* clang-format on */

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static const struct mlw_command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

static int print_help(void)
{
	fputs("usage: mallow COMMAND [options] ...\n\n"
	      "Traces and profiles the memory of native programs.\n\n",
	      stdout);
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nA first look:\n\n"
	      "  mallow run -o prog.mallow ./prog\n"
	      "  mallow stats prog.mallow\n"
	      "  mallow top prog.mallow@peak\n\n"
	      "'mallow help COMMAND' or 'mallow COMMAND --help' lists a command's "
	      "options.\n",
	      stdout);
	return mlw_output_end(0);
}

static int unknown_command(const char *name)
{
	fprintf(stderr, "mallow: '%s' is no command (see 'mallow --help')\n", name);
	return 2;
}

static int run_command(const char *name, int argc, char **argv)
{
	const struct mlw_command *command = find_command(name);

	return command ? command->run(argc, argv) : unknown_command(name);
}

static int help_command(const char *name)
{
	char word[64];
	char option[] = "--help";
	char *argv[] = { word, option, NULL };

	if (!name)
		return print_help();
	snprintf(word, sizeof(word), "%s", name);
	return run_command(name, 2, argv);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	int status;

	if (!name) {
		fputs("mallow: a command is missing (see 'mallow --help')\n", stderr);
		return 2;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		return print_help();
	if (!strcmp(name, "help"))
		return help_command(argv[2]);
	if (mlw_begin_command(argc, argv, &status))
		return status;
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		puts("mallow " MALLOW_VERSION);
		return mlw_output_end(0);
	}
	return run_command(name, argc - 1, argv + 1);
}
