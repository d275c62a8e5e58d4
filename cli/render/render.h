/* SPDX-License-Identifier: MIT */
#ifndef MLW_RENDER_H
#define MLW_RENDER_H

/*
 * Answers as bytes. Each function writes one whole answer to `out`; output errors stay in
 * the stream. Those that return int fail only without memory.
 */

#include <mallow/snapshot.h>

#include "base/error.h"
#include "render/style.h"

int mlw_render_ranking_text(const struct mallow_ranking *ranking,
                            const struct mlw_style *style, FILE *out,
                            struct mlw_error *err);
void mlw_render_ranking_json(const struct mallow_ranking *ranking, FILE *out);
void mlw_render_ranking_csv(const struct mallow_ranking *ranking, FILE *out);

/* Of a query with `leaks`. */
int mlw_render_leaks_text(const struct mallow_ranking *leaks,
                          const struct mlw_style *style, FILE *out,
                          struct mlw_error *err);
void mlw_render_leaks_json(const struct mallow_ranking *leaks, FILE *out);
void mlw_render_leaks_csv(const struct mallow_ranking *leaks, FILE *out);

/* These ask the tree for its nodes, which fails without memory. */
int mlw_render_tree_text(struct mallow_tree *tree, const struct mlw_style *style,
                         FILE *out, struct mlw_error *err);
int mlw_render_tree_json(struct mallow_tree *tree, FILE *out, struct mlw_error *err);
/* A line a node, each before its children, with its depth (0: the root). */
int mlw_render_tree_csv(struct mallow_tree *tree, FILE *out, struct mlw_error *err);

int mlw_render_difference_text(const struct mallow_changes *changes,
                               const struct mlw_style *style, FILE *out,
                               struct mlw_error *err);
void mlw_render_difference_json(const struct mallow_changes *changes, FILE *out);
void mlw_render_difference_csv(const struct mallow_changes *changes, FILE *out);

int mlw_render_stats_text(const struct mallow_stats *stats, const struct mlw_style *style,
                          FILE *out, struct mlw_error *err);
void mlw_render_stats_json(const struct mallow_stats *stats, FILE *out);
/* --by domain */
int mlw_render_stats_domains(const struct mallow_stats *stats,
                             const struct mlw_style *style, FILE *out,
                             struct mlw_error *err);
/* A line for the run, each process, each thread and each domain. */
void mlw_render_stats_csv(const struct mallow_stats *stats, FILE *out);

int mlw_render_snapshots_text(const struct mallow_snapshots *snapshots,
                              const struct mlw_style *style, FILE *out,
                              struct mlw_error *err);
void mlw_render_snapshots_json(const struct mallow_snapshots *snapshots, FILE *out);
void mlw_render_snapshots_csv(const struct mallow_snapshots *snapshots, FILE *out);
/* The same of one alone. */
void mlw_render_taken_json(const struct mallow_taken *taken,
                           const struct mallow_about *about, FILE *out);
void mlw_render_taken_csv(const struct mallow_taken *taken, FILE *out);

int mlw_render_timeline_text(const struct mallow_timeline *timeline,
                             const struct mlw_style *style, FILE *out,
                             struct mlw_error *err);
void mlw_render_timeline_json(const struct mallow_timeline *timeline, FILE *out);
void mlw_render_timeline_csv(const struct mallow_timeline *timeline, FILE *out);

#endif /* MLW_RENDER_H */
