/* SPDX-License-Identifier: MIT */
#include "analyze/row.h"

#include <stdlib.h>

#include "analyze/command_line.h"
#include "analyze/holdings.h"
#include "base/strbuf.h"

static void fill_single(struct mlw_row *row, struct mlw_backing *backing, enum mlw_by by,
                        const struct mlw_group *group)
{
	if (!group->frame)
		return;
	mlw_group_common_frame(&backing->frame, by, group->frame);
	backing->pointer = &backing->frame;
	row->traceback = (struct mlw_traceback){ &backing->pointer, 1, false };
}

static int fill_stack(struct mlw_row *row, struct mlw_backing *backing,
                      const struct mlw_group *group, struct mlw_error *err)
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
	row->traceback =
	        (struct mlw_traceback){ backing->stack, count, group->truncated };
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

static int fill_number(struct mlw_row *row, struct mlw_recording *recording,
                       enum mlw_by by, uint32_t id, struct mlw_error *err)
{
	row->id = id;
	row->name = "";
	switch (by) {
	case MLW_BY_THREAD:
		if (recording->threads[id - 1].name)
			row->name = recording->threads[id - 1].name;
		return 0;
	case MLW_BY_PROCESS:
		return mlw_row_process_name(recording, id, &row->name, err);
	case MLW_BY_DOMAIN:
		row->name = mlw_recording_domain(recording, id, err);
		return row->name ? 0 : -1;
	case MLW_BY_SCOPE:
		return mlw_recording_scope(recording, id, &row->name, err);
	case MLW_BY_SIZE:
		row->size_min = mlw_size_class_min(id);
		row->size_max = mlw_size_class_max(id);
		return 0;
	default:
		return 0;
	}
}

int mlw_row_fill(struct mlw_row *row, struct mlw_backing *backing,
                 const struct mlw_group *group, enum mlw_by by,
                 struct mlw_recording *recording, struct mlw_error *err)
{
	row->sums = group->sums;
	row->kind = group->kind;
	if (by == MLW_BY_TRACE)
		return fill_stack(row, backing, group, err);
	if (!mlw_by_is_frame(by))
		return fill_number(row, recording, by, group->id, err);
	fill_single(row, backing, by, group);
	return 0;
}

void mlw_backing_release(struct mlw_backing *backing)
{
	free(backing->stack);
	*backing = (struct mlw_backing){ 0 };
}
