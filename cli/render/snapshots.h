/* SPDX-License-Identifier: MIT */
#ifndef MLW_RENDER_SNAPSHOTS_H
#define MLW_RENDER_SNAPSHOTS_H

#include <mallow/snapshot.h>

#include "render/json.h"

/* One snapshot of the array "snapshots" of an answer. */
void mlw_json_taken(struct mlw_json *json, const struct mallow_taken *taken);

#endif /* MLW_RENDER_SNAPSHOTS_H */
