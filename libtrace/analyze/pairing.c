/* SPDX-License-Identifier: MIT */
#include "analyze/pairing.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/line_map.h"
#include "analyze/pairing_order.h"

/* What the other parts of a key are. */
enum key_kind {
	KEY_NOTHING,
	KEY_FILE_LINE,
	KEY_FUNCTION_LINE,
	KEY_FUNCTION_IN_FILE,
	KEY_FUNCTION_IN_MODULE,
	KEY_OFFSET,
	KEY_FILE,
	KEY_MODULE,
	KEY_STACK,
	KEY_NUMBER,
	/* Nothing on the other side is the same. */
	KEY_OF_OLD,
	KEY_OF_NEW,
};

/* A frame in the words of both recordings. */
struct joint {
	const struct mlw_frame *frame;
	const char *function, *file,
	        *module; /* interned for both; those of the new side */
	uint32_t number; /* equal: the same frame; 0 not asked yet */
	bool moved;
};

struct stack {
	uint32_t number; /* equal: the same frames from here outward */
	bool moved; /* one of them */
};

struct side {
	struct mlw_subject *subject;
	struct mlw_recording *recording;
	struct joint *frames; /* by mlw_frame.id */
	struct stack *nodes; /* by node id; only by trace */
	uint32_t *threads, *processes; /* by id: equal numbers are the same */
};

struct mlw_pairing {
	enum mallow_key by;
	struct mlw_intern texts;
	struct mlw_same_names files, modules;
	struct mlw_numbering same_builds; /* of the modules whose build is the same */
	struct mlw_line_map lines;
	struct mlw_numbering frame_keys;
	struct mlw_numbering stack_keys; /* (stack, frame) in one part: there are many */
	struct side sides[2];
};

static uint64_t pointer_key(const void *interned)
{
	return (uint64_t)(uintptr_t)interned;
}

static int keep(struct mlw_pairing *pairing, const char *text, const char **kept,
                struct mlw_error *err)
{
	*kept = mlw_intern(&pairing->texts, text, err);
	return text && !*kept ? -1 : 0;
}

/* Frames are numbered when they are first looked at: look at all. */
static int load_frames(struct side *side, struct mlw_error *err)
{
	struct mlw_recording *recording = side->recording;
	const struct mlw_frame *frames;
	size_t count;

	for (size_t i = 1; i <= recording->nodes->count; i++) {
		if (mlw_recording_frames(recording, (uint32_t)i, &frames, &count, err))
			return -1;
	}
	side->frames = calloc(recording->location_count + 1, sizeof(*side->frames));
	if (!side->frames)
		return mlw_fail(err, "out of memory");
	for (size_t i = 1; i <= recording->nodes->count; i++) {
		if (mlw_recording_frames(recording, (uint32_t)i, &frames, &count, err))
			return -1;
		for (size_t j = 0; j < count; j++)
			side->frames[frames[j].id].frame = &frames[j];
	}
	return 0;
}

static int name_frames(struct mlw_pairing *pairing, enum mallow_side which,
                       struct mlw_error *err)
{
	struct side *side = &pairing->sides[which];

	for (size_t i = 0; i < side->recording->location_count; i++) {
		struct joint *joint = &side->frames[i];

		if (!joint->frame)
			continue;
		if (keep(pairing, joint->frame->function, &joint->function, err) ||
		    keep(pairing, joint->frame->file, &joint->file, err) ||
		    keep(pairing, joint->frame->module, &joint->module, err) ||
		    mlw_same_names_add(&pairing->files, which, joint->file, err) ||
		    mlw_same_names_add(&pairing->modules, which, joint->module, err))
			return -1;
	}
	return 0;
}

/* The old side speaks of files and modules by their new names. */
static int pair_names(struct mlw_pairing *pairing, struct mlw_error *err)
{
	struct side *old_side = &pairing->sides[MALLOW_OLD];

	if (mlw_same_names_pair(&pairing->files, err) ||
	    mlw_same_names_pair(&pairing->modules, err))
		return -1;
	for (size_t i = 0; i < old_side->recording->location_count; i++) {
		struct joint *joint = &old_side->frames[i];

		joint->file = mlw_same_names_of(&pairing->files, joint->file);
		joint->module = mlw_same_names_of(&pairing->modules, joint->module);
	}
	return 0;
}

static bool same_build_id(const struct mlw_module_row *a, const struct mlw_module_row *b)
{
	return a->build_id_size && a->build_id_size == b->build_id_size &&
	       !memcmp(a->build_id, b->build_id, a->build_id_size);
}

/* The one module with this path; NULL if there are several or none. */
static const struct mlw_module_row *only_module(const struct mlw_recording *recording,
                                                const char *path)
{
	const struct mlw_module_row *found = NULL;

	for (size_t i = 0; i < recording->module_count; i++) {
		const char *other = recording->modules[i].path;

		if (!other || strcmp(other, path) != 0)
			continue;
		if (found)
			return NULL;
		found = &recording->modules[i];
	}
	return found;
}

static int find_same_builds(struct mlw_pairing *pairing, struct mlw_error *err)
{
	const struct mlw_same_names *modules = &pairing->modules;

	for (size_t i = 0; i < modules->numbers.count; i++) {
		const char *path = modules->names[i].path;
		const char *partner = mlw_same_names_of(modules, path);
		struct mlw_key key = { { pointer_key(partner), 0, 0 } };
		const struct mlw_module_row *old_row, *new_row;

		if (!modules->names[i].is_of[MALLOW_OLD])
			continue;
		old_row = only_module(pairing->sides[MALLOW_OLD].recording, path);
		new_row = only_module(pairing->sides[MALLOW_NEW].recording, partner);
		if (old_row && new_row && same_build_id(old_row, new_row) &&
		    !mlw_numbering_add(&pairing->same_builds, &key, err))
			return -1;
	}
	return 0;
}

static bool is_same_build(const struct mlw_pairing *pairing, const char *module)
{
	struct mlw_key key = { { pointer_key(module), 0, 0 } };

	return module && mlw_numbering_find(&pairing->same_builds, &key);
}

static void add_line(struct mlw_line *to, const struct mlw_line *from)
{
	to->size += from->size;
	to->count += from->count;
	to->allocated_size += from->allocated_size;
	to->allocations += from->allocations;
}

static void sum_traces(const struct side *side, struct mlw_line *nodes)
{
	const struct mlw_holdings *holdings = &side->subject->holdings;
	struct mlw_holding holding;

	for (size_t i = 0; i < holdings->count; i++) {
		const struct mlw_trace_totals *totals = &holding.totals;
		struct mlw_line line;

		mlw_holdings_get(holdings, i, &holding);
		line = (struct mlw_line){ 0, totals->live_size, totals->live_count,
			                  totals->allocated_size, totals->allocations };
		add_line(&nodes[side->recording->traces[holding.trace - 1].node], &line);
	}
}

/* Callers come before callees: from the last node on, a node's sum is whole when it is
 * added to its caller's. */
static int sum_frames(const struct side *side, struct mlw_line *nodes,
                      struct mlw_line *frames, struct mlw_error *err)
{
	const struct mlw_frame *row;
	size_t count;

	sum_traces(side, nodes);
	for (size_t i = side->recording->nodes->count; i > 0; i--) {
		if (mlw_recording_frames(side->recording, (uint32_t)i, &row, &count, err))
			return -1;
		for (size_t j = 0; j < count; j++)
			add_line(&frames[row[j].id], &nodes[i]);
		add_line(&nodes[mlw_nodes_parent(side->recording->nodes, (uint32_t)i)],
		         &nodes[i]);
	}
	return 0;
}

static int add_lines(struct mlw_pairing *pairing, enum mallow_side which,
                     struct mlw_line *sums, struct mlw_error *err)
{
	const struct side *side = &pairing->sides[which];

	for (size_t i = 0; i < side->recording->location_count; i++) {
		const struct joint *joint = &side->frames[i];
		struct mlw_code code = { joint->function, joint->file };

		if (!joint->function || !joint->file || !joint->frame->line)
			continue;
		sums[i].line = joint->frame->line;
		if (mlw_line_map_add(&pairing->lines, which, &code, &sums[i],
		                     is_same_build(pairing, joint->module), err))
			return -1;
	}
	return 0;
}

static int map_lines_of(struct mlw_pairing *pairing, enum mallow_side which,
                        struct mlw_error *err)
{
	const struct side *side = &pairing->sides[which];
	struct mlw_line *nodes =
	        calloc(side->recording->nodes->count + 1, sizeof(*nodes));
	struct mlw_line *frames =
	        calloc(side->recording->location_count + 1, sizeof(*frames));
	int result = -1;

	if (!nodes || !frames)
		mlw_fail(err, "out of memory");
	else if (!sum_frames(side, nodes, frames, err))
		result = add_lines(pairing, which, frames, err);
	free(frames);
	free(nodes);
	return result;
}

static int map_lines(struct mlw_pairing *pairing, struct mlw_error *err)
{
	if (map_lines_of(pairing, MALLOW_OLD, err) ||
	    map_lines_of(pairing, MALLOW_NEW, err))
		return -1;
	return mlw_line_map_align(&pairing->lines, err);
}

static void set_key(struct mlw_key *key, enum key_kind kind, uint64_t first,
                    uint64_t second)
{
	*key = (struct mlw_key){ { kind, first, second } };
}

static enum key_kind own_key(enum mallow_side side)
{
	return side == MALLOW_OLD ? KEY_OF_OLD : KEY_OF_NEW;
}

static void key_by_module(struct mlw_key *key, const struct joint *joint)
{
	set_key(key, KEY_MODULE, pointer_key(joint->module), 0);
}

static void key_by_function(const struct mlw_pairing *pairing, enum mallow_side side,
                            const struct joint *joint, struct mlw_key *key)
{
	if (joint->function && joint->file)
		set_key(key, KEY_FUNCTION_IN_FILE, pointer_key(joint->function),
		        pointer_key(joint->file));
	else if (joint->function)
		set_key(key, KEY_FUNCTION_IN_MODULE, pointer_key(joint->function),
		        pointer_key(joint->module));
	else
		set_key(key,
		        is_same_build(pairing, joint->module) ? KEY_OFFSET
		                                              : own_key(side),
		        pointer_key(joint->module), joint->frame->offset);
}

/* The line of the new build that the frame's is; 0 if it is gone. */
static uint32_t new_line(const struct mlw_pairing *pairing, enum mallow_side side,
                         const struct joint *joint, const char *function)
{
	struct mlw_code code = { function, joint->file };

	if (side == MALLOW_NEW || !joint->function)
		return joint->frame->line;
	return mlw_line_map_find(&pairing->lines, &code, joint->frame->line);
}

static void key_by_line(const struct mlw_pairing *pairing, enum mallow_side side,
                        const struct joint *joint, struct mlw_key *key, bool *moved)
{
	uint32_t line;

	if (!joint->file || !joint->frame->line) {
		key_by_function(pairing, side, joint, key);
		return;
	}
	line = new_line(pairing, side, joint, NULL);
	*moved = line && line != joint->frame->line;
	set_key(key, line ? KEY_FILE_LINE : own_key(side), pointer_key(joint->file),
	        line ? line : joint->frame->line);
}

/* As part of a stack, in which a line is that of one function. */
static int number_frame(struct mlw_pairing *pairing, enum mallow_side side,
                        struct joint *joint, struct mlw_error *err)
{
	struct mlw_key key;
	uint32_t line;

	if (joint->number)
		return 0;
	if (joint->function && joint->file && joint->frame->line) {
		line = new_line(pairing, side, joint, joint->function);
		joint->moved = line && line != joint->frame->line;
		set_key(&key, line ? KEY_FUNCTION_LINE : own_key(side),
		        pointer_key(joint->function), pointer_key(joint->file));
		key.part[0] |= (uint64_t)(line ? line : joint->frame->line) << 32;
	} else {
		key_by_line(pairing, side, joint, &key, &joint->moved);
	}
	joint->number = mlw_numbering_add(&pairing->frame_keys, &key, err);
	return joint->number ? 0 : -1;
}

/* Goes on from the stack `outer` by the frames of a node, the innermost `skip` not. */
static int extend_stack(struct mlw_pairing *pairing, enum mallow_side which,
                        struct stack outer, uint32_t node, size_t skip,
                        struct stack *stack, struct mlw_error *err)
{
	struct side *side = &pairing->sides[which];
	const struct mlw_frame *frames;
	size_t count;

	if (mlw_recording_frames(side->recording, node, &frames, &count, err))
		return -1;
	*stack = outer;
	while (count > skip) {
		struct joint *joint = &side->frames[frames[--count].id];
		struct mlw_key key;

		if (number_frame(pairing, which, joint, err))
			return -1;
		key = (struct mlw_key){ { (uint64_t)stack->number << 32 |
			                  joint->number } };
		stack->number = mlw_numbering_add(&pairing->stack_keys, &key, err);
		stack->moved |= joint->moved;
		if (!stack->number)
			return -1;
	}
	return 0;
}

static int number_stacks(struct mlw_pairing *pairing, enum mallow_side which,
                         struct mlw_error *err)
{
	struct side *side = &pairing->sides[which];
	size_t count = side->recording->nodes->count;

	side->nodes = calloc(count + 1, sizeof(*side->nodes));
	if (!side->nodes)
		return mlw_fail(err, "out of memory");
	for (uint32_t i = 1; i <= count; i++) {
		uint32_t parent = mlw_nodes_parent(side->recording->nodes, i);

		if (extend_stack(pairing, which, side->nodes[parent], i, 0,
		                 &side->nodes[i], err))
			return -1;
	}
	return 0;
}

static int key_by_trace(struct mlw_pairing *pairing, enum mallow_side which,
                        const struct mlw_group *group, struct mlw_key *key, bool *moved,
                        struct mlw_error *err)
{
	struct side *side = &pairing->sides[which];
	struct stack stack = { 0 }, outer = { 0 };
	uint32_t node = group->stack.node;

	if (node)
		outer = side->nodes[mlw_nodes_parent(side->recording->nodes, node)];
	if (node &&
	    extend_stack(pairing, which, outer, node, group->stack.index, &stack, err))
		return -1;
	*moved = stack.moved;
	set_key(key, KEY_STACK, stack.number, group->truncated);
	return 0;
}

static void key_by_frame(const struct mlw_pairing *pairing, enum mallow_side side,
                         const struct joint *joint, struct mlw_key *key, bool *moved)
{
	switch (pairing->by) {
	case MALLOW_BY_LINE:
		key_by_line(pairing, side, joint, key, moved);
		break;
	case MALLOW_BY_FUNCTION:
		key_by_function(pairing, side, joint, key);
		break;
	case MALLOW_BY_FILE:
		if (joint->file)
			set_key(key, KEY_FILE, pointer_key(joint->file), 0);
		else
			key_by_module(key, joint);
		break;
	default:
		key_by_module(key, joint);
		break;
	}
}

static int key_by_number(struct mlw_pairing *pairing, const struct side *side,
                         const struct mlw_group *group, struct mlw_key *key,
                         struct mlw_error *err)
{
	const char *name;

	switch (pairing->by) {
	case MALLOW_BY_THREAD:
		set_key(key, KEY_NUMBER, side->threads[group->id], 0);
		return 0;
	case MALLOW_BY_PROCESS:
		set_key(key, KEY_NUMBER, side->processes[group->id], 0);
		return 0;
	case MALLOW_BY_DOMAIN:
		name = mlw_recording_domain(side->recording, group->id, err);
		if (!name || keep(pairing, name, &name, err))
			return -1;
		set_key(key, KEY_NUMBER, pointer_key(name), 0);
		return 0;
	case MALLOW_BY_SCOPE:
		if (mlw_recording_scope(side->recording, group->id, &name, err) ||
		    keep(pairing, name, &name, err))
			return -1;
		set_key(key, KEY_NUMBER, pointer_key(name), 0);
		return 0;
	default:
		set_key(key, KEY_NUMBER, group->id, 0);
		return 0;
	}
}

int mlw_pairing_key(struct mlw_pairing *pairing, enum mallow_side side,
                    const struct mlw_group *group, struct mlw_key *key, bool *moved,
                    struct mlw_error *err)
{
	*moved = false;
	if (pairing->by == MALLOW_BY_TRACEBACK)
		return key_by_trace(pairing, side, group, key, moved, err);
	if (!mlw_key_is_frame(pairing->by))
		return key_by_number(pairing, &pairing->sides[side], group, key, err);
	if (group->frame)
		key_by_frame(pairing, side,
		             &pairing->sides[side].frames[group->frame->id], key, moved);
	else
		set_key(key, KEY_NOTHING, 0, 0);
	return 0;
}

static int pair_frames(struct mlw_pairing *pairing, struct mlw_error *err)
{
	for (int side = 0; side < 2; side++) {
		if (load_frames(&pairing->sides[side], err) ||
		    name_frames(pairing, (enum mallow_side)side, err))
			return -1;
	}
	if (pair_names(pairing, err) || find_same_builds(pairing, err))
		return -1;
	if (pairing->by != MALLOW_BY_LINE && pairing->by != MALLOW_BY_TRACEBACK)
		return 0;
	if (map_lines(pairing, err))
		return -1;
	if (pairing->by == MALLOW_BY_LINE)
		return 0;
	return number_stacks(pairing, MALLOW_OLD, err) ||
	                       number_stacks(pairing, MALLOW_NEW, err)
	               ? -1
	               : 0;
}

static int pair(struct mlw_pairing *pairing, struct mlw_error *err)
{
	struct side *olds = &pairing->sides[MALLOW_OLD],
	            *news = &pairing->sides[MALLOW_NEW];

	if (mlw_key_is_frame(pairing->by) || pairing->by == MALLOW_BY_TRACEBACK)
		return pair_frames(pairing, err);
	if (pairing->by != MALLOW_BY_THREAD && pairing->by != MALLOW_BY_PROCESS)
		return 0;
	if (mlw_pair_processes(olds->recording, news->recording, &pairing->texts,
	                       &olds->processes, &news->processes, err))
		return -1;
	return mlw_pair_threads(olds->recording, news->recording, &pairing->texts,
	                        olds->processes, news->processes, &olds->threads,
	                        &news->threads, err);
}

int mlw_pairing_new(struct mlw_pairing **pairing, struct mlw_subject *old_subject,
                    struct mlw_subject *new_subject, enum mallow_key by,
                    struct mlw_error *err)
{
	struct mlw_pairing *made = calloc(1, sizeof(*made));

	*pairing = NULL;
	if (!made)
		return mlw_fail(err, "out of memory");
	made->by = by;
	made->stack_keys.parts = 1;
	made->sides[MALLOW_OLD].subject = old_subject;
	made->sides[MALLOW_NEW].subject = new_subject;
	for (int side = 0; side < 2; side++)
		made->sides[side].recording = made->sides[side].subject->recording;
	if (pair(made, err)) {
		mlw_pairing_free(made);
		return -1;
	}
	*pairing = made;
	return 0;
}

void mlw_pairing_free(struct mlw_pairing *pairing)
{
	if (!pairing)
		return;
	for (int side = 0; side < 2; side++) {
		free(pairing->sides[side].frames);
		free(pairing->sides[side].nodes);
		free(pairing->sides[side].threads);
		free(pairing->sides[side].processes);
	}
	mlw_numbering_release(&pairing->stack_keys);
	mlw_numbering_release(&pairing->frame_keys);
	mlw_line_map_release(&pairing->lines);
	mlw_numbering_release(&pairing->same_builds);
	mlw_same_names_release(&pairing->modules);
	mlw_same_names_release(&pairing->files);
	mlw_intern_release(&pairing->texts);
	free(pairing);
}
