/* SPDX-License-Identifier: MIT */
#include "analyze/row.h"

#include <stdlib.h>

#include "analyze/command_line.h"
#include "analyze/holdings.h"
#include "base/strbuf.h"

static void fill_single(struct mlw_backing *backing, enum mallow_key by,
                        const struct mlw_group *group)
{
	if (!group->frame)
		return;
	mlw_group_common_frame(&backing->frame, by, group->frame);
	backing->pointer = &backing->frame;
	backing->traceback = (struct mallow_traceback){ .frames = &backing->pointer,
		                                        .count = 1,
		                                        .total_frames = 1 };
}

static int fill_stack(struct mlw_backing *backing, const struct mlw_group *group,
                      struct mlw_error *err)
{
	const struct mlw_frame *frame;
	struct mlw_walk walk = group->stack;
	size_t count = 0;
	int got;

	while ((got = mlw_walk_next(&walk, &frame, err)) > 0)
		count++;
	if (got < 0)
		return -1;
	backing->stack = calloc(count + 1, sizeof(*backing->stack));
	if (!backing->stack)
		return mlw_fail(err, "out of memory");
	walk = group->stack;
	for (size_t i = 0; i < count && mlw_walk_next(&walk, &backing->stack[i], err) > 0;
	     i++)
		;
	backing->traceback = (struct mallow_traceback){ .frames = backing->stack,
		                                        .count = count,
		                                        .total_frames = (uint32_t)count,
		                                        .truncated = group->truncated };
	return 0;
}

int mlw_row_process_name(struct mlw_recording *recording, uint32_t id, const char **name,
                         struct mlw_error *err)
{
	struct mlw_command_line line;
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	if (mlw_command_line_init(&line, recording->processes[id - 1].command, err))
		return -1;
	for (size_t i = 0; i < line.count; i++)
		mlw_strbuf_printf(&text, "%s%s", i ? " " : "", line.words[i]);
	mlw_command_line_release(&line);
	*name = mlw_strbuf_failed(&text)
	                ? NULL
	                : mlw_intern(&recording->strings, text.text, err);
	mlw_strbuf_release(&text);
	return *name ? 0 : mlw_fail(err, "out of memory");
}

static int fill_number(struct mallow_row *row, struct mlw_recording *recording,
                       enum mallow_key by, uint32_t id, struct mlw_error *err)
{
	row->id = id;
	row->name = "";
	switch (by) {
	case MALLOW_BY_THREAD:
		if (recording->threads[id - 1].name)
			row->name = recording->threads[id - 1].name;
		return 0;
	case MALLOW_BY_PROCESS:
		return mlw_row_process_name(recording, id, &row->name, err);
	case MALLOW_BY_DOMAIN:
		row->name = mlw_recording_domain(recording, id, err);
		return row->name ? 0 : -1;
	case MALLOW_BY_SCOPE:
		return mlw_recording_scope(recording, id, &row->name, err);
	case MALLOW_BY_SIZE:
		row->size_min = mlw_size_class_min(id);
		row->size_max = mlw_size_class_max(id);
		return 0;
	default:
		return 0;
	}
}

int mlw_row_fill(struct mallow_row *row, struct mlw_backing *backing,
                 const struct mlw_group *group, enum mallow_key by,
                 struct mlw_recording *recording, struct mlw_error *err)
{
	row->sums = group->sums;
	row->kind = group->kind;
	row->traceback = &backing->traceback;
	if (by == MALLOW_BY_TRACEBACK)
		return fill_stack(backing, group, err);
	if (!mlw_key_is_frame(by))
		return fill_number(row, recording, by, group->id, err);
	fill_single(backing, by, group);
	return 0;
}

void mlw_backing_release(struct mlw_backing *backing)
{
	free(backing->stack);
	*backing = (struct mlw_backing){ 0 };
}
