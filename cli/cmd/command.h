/* SPDX-License-Identifier: MIT */
#ifndef MLW_COMMAND_H
#define MLW_COMMAND_H

/*
 * A command of `mallow`: one file, one descriptor. `run` gets argv[0] = the command's
 * name and returns the exit status of the process.
 */

struct mlw_command {
	const char *name;
	const char *usage; /* "FILE [options]" */
	const char *summary; /* one line for `mallow --help` */
	int (*run)(int argc, char **argv);
};

extern const struct mlw_command mlw_command_run;
extern const struct mlw_command mlw_command_stats;
extern const struct mlw_command mlw_command_top;
extern const struct mlw_command mlw_command_tree;
extern const struct mlw_command mlw_command_diff;
extern const struct mlw_command mlw_command_leaks;
extern const struct mlw_command mlw_command_timeline;
extern const struct mlw_command mlw_command_snapshot;
extern const struct mlw_command mlw_command_sql;
extern const struct mlw_command mlw_command_doctor;

#endif /* MLW_COMMAND_H */
