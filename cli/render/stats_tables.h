/* SPDX-License-Identifier: MIT */
#ifndef MLW_STATS_TABLES_H
#define MLW_STATS_TABLES_H

/* The parts of `mallow stats` that are tables, and what they share with the rest. */

#include <mallow/snapshot.h>
#include <stdio.h>

#include "base/error.h"
#include "render/style.h"

/* The words with blanks between them; `width` as in mlw_style_name. */
void mlw_stats_command(FILE *out, const char *const *words, size_t count, unsigned width);
/* "exit 0", "SIGSEGV", "running" */
void mlw_stats_end_text(const struct mallow_end *end, char *text, size_t size);
void mlw_stats_heading(FILE *out, const struct mlw_style *style, const char *text);

/*
 * Processes as a tree: each below its parent and two blanks further right. Of many, those
 * that allocated most; one whose parent is not shown stands below the next of its
 * ancestors that is.
 */
int mlw_stats_write_processes(FILE *out, const struct mlw_style *style,
                              const struct mallow_stats *stats, struct mlw_error *err);

/* Threads by name, in all processes together; nothing when there is only one. */
int mlw_stats_write_threads(FILE *out, const struct mlw_style *style,
                            const struct mallow_stats *stats, struct mlw_error *err);

#endif /* MLW_STATS_TABLES_H */
