/* SPDX-License-Identifier: MIT */
#ifndef MLW_RENDER_ROW_H
#define MLW_RENDER_ROW_H

/* The group that a row stands for, and stacks, as every answer with rows writes them. */

#include <mallow/snapshot.h>
#include <stdio.h>

#include "render/csv.h"
#include "render/json.h"
#include "render/style.h"

/* In one line of text, of at most about `width` columns. */
void mlw_row_label(FILE *out, const struct mlw_style *style, enum mallow_key by,
                   const struct mallow_row *row, unsigned width);
/* A stack in lines of its own and an empty one. */
void mlw_row_stack(FILE *out, const struct mlw_style *style,
                   const struct mallow_traceback *traceback);

/* The line below rows of which `hidden` are not shown, with what these come to: cumulative
 * ones overlap, and nothing is told then. */
void mlw_row_hidden(FILE *out, const struct mlw_style *style,
                    const struct mallow_about *about, size_t hidden,
                    const struct mallow_sums *rest);

/* What is added up of a row, each number under its name; null is what is not known. */
void mlw_row_json_sums(struct mlw_json *json, const struct mallow_sums *sums,
                       const struct mallow_about *about);
/* "sample_bytes" and "size_error", of a sampled run alone. */
void mlw_row_json_sample(struct mlw_json *json, const struct mallow_about *about);
void mlw_row_json_error(struct mlw_json *json, uint64_t error,
                        const struct mallow_about *about);
/* The key of the group under the group's own name, and the traceback. */
void mlw_row_json(struct mlw_json *json, enum mallow_key by,
                  const struct mallow_row *row);
/* A stack alone. */
void mlw_row_json_stack(struct mlw_json *json, const char *key,
                        const struct mallow_traceback *traceback);

/* The names of a group's columns, and the columns. */
void mlw_row_csv_header(struct mlw_csv *csv, enum mallow_key by);
void mlw_row_csv(struct mlw_csv *csv, enum mallow_key by, const struct mallow_row *row);

#endif /* MLW_RENDER_ROW_H */
