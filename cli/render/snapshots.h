/* SPDX-License-Identifier: MIT */
#ifndef MLW_RENDER_SNAPSHOTS_H
#define MLW_RENDER_SNAPSHOTS_H

#include "analyze/snapshots.h"
#include "render/json.h"

/* The member "snapshots" of an answer. */
void mlw_json_snapshots(struct mlw_json *json, const struct mlw_snapshot *rows,
                        size_t count);

#endif /* MLW_RENDER_SNAPSHOTS_H */
