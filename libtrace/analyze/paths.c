/* SPDX-License-Identifier: MIT */
#include "analyze/paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* The number of the frame's key; the least frame with it stands for all. */
static uint32_t number_frame(struct mlw_paths *paths, const struct mlw_frame *frame,
                             struct mlw_error *err)
{
	size_t known = paths->keys.count;
	struct mlw_key key;
	uint32_t label;

	mlw_group_key_of_frame(&key, paths->by, frame);
	label = mlw_numbering_add(&paths->keys, &key, err);
	if (!label || mlw_grow(&paths->frames, &paths->frame_capacity, label,
	                       sizeof(const struct mlw_frame *), err))
		return 0;
	if (label > known || mlw_frame_compare(frame, paths->frames[label - 1]) < 0)
		paths->frames[label - 1] = frame;
	return label;
}

/* A frame is asked once: stacks share most of their frames. 0 without memory. */
static uint32_t label_of(struct mlw_paths *paths, const struct mlw_frame *frame,
                         struct mlw_error *err)
{
	size_t known = paths->known_capacity;

	if (frame->id >= known) {
		if (mlw_grow(&paths->known, &paths->known_capacity, (size_t)frame->id + 1,
		             sizeof(*paths->known), err))
			return 0;
		memset(paths->known + known, 0,
		       (paths->known_capacity - known) * sizeof(*paths->known));
	}
	if (!paths->known[frame->id])
		paths->known[frame->id] = number_frame(paths, frame, err);
	return paths->known[frame->id];
}

static int add_label(struct mlw_paths *paths, uint32_t label, struct mlw_error *err)
{
	if (mlw_grow(&paths->labels, &paths->label_capacity, paths->label_count + 1,
	             sizeof(*paths->labels), err))
		return -1;
	paths->labels[paths->label_count++] = label;
	return 0;
}

/* Calls within one file or module are one step. */
static bool is_same_step(const struct mlw_paths *paths, size_t first, uint32_t label)
{
	return (paths->by == MALLOW_BY_FILE || paths->by == MALLOW_BY_MODULE) &&
	       paths->label_count > first &&
	       paths->labels[paths->label_count - 1] == label;
}

static int add_labels(struct mlw_paths *paths, struct mlw_recording *recording,
                      uint32_t trace, struct mlw_error *err)
{
	size_t first = paths->label_count;
	const struct mlw_frame *frame;
	struct mlw_walk walk;
	int got;

	if (mlw_walk_to_site(&walk, recording, trace, err))
		return -1;
	while ((got = mlw_walk_next(&walk, &frame, err)) > 0) {
		uint32_t label = label_of(paths, frame, err);

		if (!label)
			return -1;
		if (!is_same_step(paths, first, label) && add_label(paths, label, err))
			return -1;
	}
	if (!got && recording->traces[trace - 1].flags & MLW_TRACE_TRUNCATED)
		return add_label(paths, MLW_LABEL_TRUNCATED, err);
	return got;
}

int mlw_paths_add(struct mlw_paths *paths, struct mlw_recording *recording,
                  uint32_t trace, const struct mlw_trace_totals *totals,
                  struct mlw_error *err)
{
	struct mlw_path path = { .first = paths->label_count };

	if (add_labels(paths, recording, trace, err) ||
	    mlw_grow(&paths->rows, &paths->capacity, paths->count + 1,
	             sizeof(*paths->rows), err))
		return -1;
	path.count = paths->label_count - path.first;
	mlw_sums_add(&path.sums, totals);
	paths->rows[paths->count++] = path;
	return 0;
}

static struct mallow_frame common_frame(enum mallow_key by, const struct mlw_frame *frame)
{
	struct mlw_frame common;

	mlw_group_common_frame(&common, by, frame);
	return mlw_frame_show(&common);
}

int mlw_paths_finish(struct mlw_paths *paths, struct mlw_error *err)
{
	paths->names = calloc(paths->keys.count + 1, sizeof(*paths->names));
	if (!paths->names)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < paths->keys.count; i++)
		paths->names[i] = common_frame(paths->by, paths->frames[i]);
	return 0;
}

void mlw_paths_release(struct mlw_paths *paths)
{
	free(paths->rows);
	free(paths->labels);
	free(paths->frames);
	free(paths->names);
	free(paths->known);
	mlw_numbering_release(&paths->keys);
	*paths = (struct mlw_paths){ 0 };
}
