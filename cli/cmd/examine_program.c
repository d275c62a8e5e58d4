/* SPDX-License-Identifier: MIT */
#include "cmd/examine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbol/executable.h"

static void examine_kind(struct mlw_findings *findings,
                         const struct mlw_executable *executable, const char *path)
{
	if (executable->interpreter)
		mlw_findings_add(findings, MLW_FINDING_FINE, "program",
		                 "%s is a script; %s is what is recorded", path,
		                 executable->interpreter);
	else if (executable->elf)
		mlw_findings_add(findings, MLW_FINDING_FINE, "program", "%s", path);
	else
		mlw_findings_add(findings, MLW_FINDING_NOTE, "program",
		                 "%s is no executable format: /bin/sh is started with it",
		                 path);
}

static void examine_format(struct mlw_findings *findings,
                           const struct mlw_executable *executable)
{
	const char *machine = mlw_executable_machine(executable);
	const char *what = executable->dynamic ? "dynamically" : "statically";
	bool works = executable->native && executable->dynamic;

	mlw_findings_add(findings, works ? MLW_FINDING_FINE : MLW_FINDING_BAD, "format",
	                 "%u-bit %s, %s linked", executable->bits, machine, what);
	if (!executable->native)
		mlw_findings_mend(findings, "a 64-bit x86-64 build can be recorded");
	else if (!executable->dynamic)
		mlw_findings_mend(findings, "nothing can be preloaded into a static "
		                            "program: link it without -static");
}

static void examine_loader(struct mlw_findings *findings,
                           const struct mlw_executable *executable)
{
	const char *loader = executable->loader;

	if (!loader)
		return;
	if (access(loader, X_OK)) {
		mlw_findings_add(findings, MLW_FINDING_BAD, "dynamic linker", "%s: %s",
		                 loader, strerror(errno));
		mlw_findings_mend(findings, "the program cannot start on this machine");
	} else if (strstr(loader, "ld-musl")) {
		mlw_findings_add(findings, MLW_FINDING_BAD, "dynamic linker",
		                 "%s is musl's", loader);
		mlw_findings_mend(findings, "a build for glibc can be recorded");
	}
}

static void examine_privileges(struct mlw_findings *findings,
                               const struct mlw_executable *executable)
{
	const char *what = executable->setuid   ? "setuid"
	                   : executable->setgid ? "setgid"
	                                        : "file capabilities";

	if (!executable->setuid && !executable->setgid && !executable->capabilities)
		return;
	if (!executable->secure) {
		mlw_findings_add(findings, MLW_FINDING_FINE, "privileges",
		                 "%s, which gives this user nothing new", what);
		return;
	}
	mlw_findings_add(findings, MLW_FINDING_BAD, "privileges",
	                 "%s: the dynamic linker ignores LD_PRELOAD", what);
	mlw_findings_mend(findings, "record a copy without these privileges (cp), or run "
	                            "mallow as the file's owner");
}

/* Sanitizers replace malloc themselves and want to be the first library. */
static void examine_sanitizer(struct mlw_findings *findings,
                              const struct mlw_executable *executable)
{
	if (!executable->sanitizer[0])
		return;
	mlw_findings_add(findings, MLW_FINDING_BAD, "sanitizer",
	                 "built with -fsanitize=%s, which brings its own malloc",
	                 executable->sanitizer);
	mlw_findings_mend(findings, "record a build without it");
}

static void examine_allocator(struct mlw_findings *findings,
                              const struct mlw_executable *executable)
{
	const char *name = executable->allocator;

	if (executable->own_malloc || executable->dynamic_malloc) {
		mlw_findings_add(findings, MLW_FINDING_BAD, "allocator",
		                 "%s is linked into the executable and precedes any "
		                 "preloaded library",
		                 *name ? name : "a malloc of its own");
		mlw_findings_mend(findings, "link the allocator as a shared library");
	} else {
		mlw_findings_add(findings, MLW_FINDING_FINE, "allocator", "%s",
		                 *name ? name : "the C library's");
	}
}

static void examine_symbols(struct mlw_findings *findings,
                            const struct mlw_executable *executable, const char *path)
{
	if (executable->debug_info) {
		mlw_findings_add(findings, MLW_FINDING_FINE, "symbols", "debug info %s",
		                 executable->debug_file ? executable->debug_file
		                                        : "in the file");
		return;
	}
	mlw_findings_add(findings, MLW_FINDING_NOTE, "symbols", "%s",
	                 executable->symbols
	                         ? "functions, but no files and lines"
	                         : "stripped: exported functions at most, no lines");
	mlw_findings_mend(findings,
	                  "build with -g; for a Debian program install its -dbgsym "
	                  "package ('find-dbgsym-packages %s' names it)",
	                  path);
}

static void examine_file(struct mlw_findings *findings, const char *path)
{
	struct mlw_executable executable;
	struct mlw_error err;

	if (mlw_executable_inspect(path, &executable, &err)) {
		mlw_findings_add(findings, MLW_FINDING_BAD, "program", "%s", err.text);
	} else {
		examine_kind(findings, &executable, path);
		if (executable.elf) {
			examine_format(findings, &executable);
			examine_loader(findings, &executable);
			examine_privileges(findings, &executable);
			examine_sanitizer(findings, &executable);
			examine_allocator(findings, &executable);
			examine_symbols(findings, &executable,
			                executable.interpreter ? executable.interpreter
			                                       : path);
		}
	}
	mlw_executable_release(&executable);
}

void mlw_examine_program(struct mlw_findings *findings, const char *name)
{
	struct mlw_error err;
	char *path = NULL;

	if (mlw_executable_find(name, &path, &err)) {
		mlw_findings_add(findings, MLW_FINDING_BAD, "program", "%s", err.text);
		return;
	}
	examine_file(findings, path);
	free(path);
}
