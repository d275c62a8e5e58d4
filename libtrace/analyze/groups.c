/* SPDX-License-Identifier: MIT */
#include "analyze/groups.h"

#include <stdlib.h>

#include "base/array.h"

/* What the two other parts of a frame's key are. */
enum key_kind {
	KEY_LINE,
	KEY_FUNCTION_IN_FILE,
	KEY_FUNCTION_IN_MODULE,
	KEY_OFFSET,
	KEY_FILE,
	KEY_MODULE,
	KEY_NOTHING,
};

static uint64_t pointer_key(const char *interned)
{
	return (uint64_t)(uintptr_t)interned;
}

static void set_key(struct mlw_key *key, enum key_kind kind, uint64_t first,
                    uint64_t second)
{
	*key = (struct mlw_key){ { kind, first, second } };
}

static void key_by_function(struct mlw_key *key, const struct mlw_frame *frame)
{
	if (frame->function && frame->file)
		set_key(key, KEY_FUNCTION_IN_FILE, pointer_key(frame->function),
		        pointer_key(frame->file));
	else if (frame->function)
		set_key(key, KEY_FUNCTION_IN_MODULE, pointer_key(frame->function),
		        pointer_key(frame->module));
	else if (frame->file && !frame->module)
		set_key(key, KEY_LINE, pointer_key(frame->file), frame->line);
	else
		set_key(key, KEY_OFFSET, frame->offset, pointer_key(frame->module));
}

void mlw_group_key_of_frame(struct mlw_key *key, enum mallow_key by,
                            const struct mlw_frame *frame)
{
	if (!frame)
		set_key(key, KEY_NOTHING, 0, 0);
	else if (by == MALLOW_BY_LINE && frame->file && frame->line)
		set_key(key, KEY_LINE, pointer_key(frame->file), frame->line);
	else if (by == MALLOW_BY_FILE && frame->file)
		set_key(key, KEY_FILE, pointer_key(frame->file), 0);
	else if (by == MALLOW_BY_FILE || by == MALLOW_BY_MODULE)
		set_key(key, KEY_MODULE, pointer_key(frame->module), 0);
	else
		key_by_function(key, frame);
}

void mlw_group_common_frame(struct mlw_frame *common, enum mallow_key by,
                            const struct mlw_frame *frame)
{
	*common = *frame;
	if (by == MALLOW_BY_LINE || (by == MALLOW_BY_FUNCTION && !frame->function))
		return;
	common->line = 0;
	common->offset = 0;
	common->inlined = false;
	if (by == MALLOW_BY_FUNCTION)
		return;
	common->function = NULL;
	if (by == MALLOW_BY_MODULE)
		common->file = NULL;
}

struct mlw_group *mlw_groups_find(struct mlw_groups *groups, const struct mlw_key *key,
                                  struct mlw_error *err)
{
	uint32_t number;

	if (mlw_grow(&groups->rows, &groups->capacity, groups->count + 1,
	             sizeof(*groups->rows), err))
		return NULL;
	number = mlw_numbering_add(&groups->keys, key, err);
	if (!number)
		return NULL;
	if (number > groups->count)
		groups->rows[groups->count++] = (struct mlw_group){ .key = *key };
	return &groups->rows[number - 1];
}

void mlw_groups_release(struct mlw_groups *groups)
{
	free(groups->rows);
	mlw_numbering_release(&groups->keys);
	*groups = (struct mlw_groups){ 0 };
}
