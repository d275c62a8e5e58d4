/* SPDX-License-Identifier: MIT */
#include "analyze/pairing_order.h"

#include <stdlib.h>

#include "analyze/command_line.h"
#include "analyze/numbering.h"

struct nameable {
	struct mlw_key key; /* equal: the same name */
	uint32_t partner; /* place in the other list + 1; 0 none yet */
};

struct order {
	struct mlw_numbering names;
	struct mlw_numbering places; /* (name, how many of it came before) */
	uint32_t *seen; /* by name - 1 */
};

/* The number of (name, place in the list among its namesakes); 0 without memory. */
static uint32_t place_of(struct order *order, const struct nameable *one,
                         struct mlw_error *err)
{
	uint32_t name = mlw_numbering_add(&order->names, &one->key, err);
	struct mlw_key key = { { name, 0, 0 } };

	if (!name)
		return 0;
	key.part[1] = order->seen[name - 1]++;
	return mlw_numbering_add(&order->places, &key, err);
}

static int number_places(struct order *order, const struct nameable *list, size_t count,
                         uint32_t *places, struct mlw_error *err)
{
	for (size_t i = 0; i < order->names.count; i++)
		order->seen[i] = 0;
	for (size_t i = 0; i < count; i++) {
		places[i] = list[i].partner ? 0 : place_of(order, &list[i], err);
		if (!list[i].partner && !places[i])
			return -1;
	}
	return 0;
}

static int pair(struct order *order, struct nameable *olds, size_t old_count,
                struct nameable *news, size_t new_count, uint32_t *places,
                struct mlw_error *err)
{
	uint32_t *at =
	        places + old_count + new_count; /* by place - 1: index in olds + 1 */

	if (number_places(order, olds, old_count, places, err) ||
	    number_places(order, news, new_count, places + old_count, err))
		return -1;
	for (size_t i = 0; i < old_count; i++) {
		if (places[i])
			at[places[i] - 1] = (uint32_t)i + 1;
	}
	for (size_t i = 0; i < new_count; i++) {
		uint32_t place = places[old_count + i];
		uint32_t old = place ? at[place - 1] : 0;

		if (!old)
			continue;
		news[i].partner = old;
		olds[old - 1].partner = (uint32_t)i + 1;
	}
	return 0;
}

static int pair_in_order(struct nameable *olds, size_t old_count, struct nameable *news,
                         size_t new_count, struct mlw_error *err)
{
	size_t all = old_count + new_count;
	uint32_t *places = calloc(2 * all + 1, sizeof(*places));
	struct order order = { .seen = calloc(all + 1, sizeof(*order.seen)) };
	int result = -1;

	if (places && order.seen)
		result = pair(&order, olds, old_count, news, new_count, places, err);
	else
		mlw_fail(err, "out of memory");
	mlw_numbering_release(&order.places);
	mlw_numbering_release(&order.names);
	free(order.seen);
	free(places);
	return result;
}

/* Numbers by id: those of new ones are their ids, those of old ones their partners', or
 * beyond all of these. */
static int number(const struct nameable *olds, size_t old_count, size_t new_count,
                  uint32_t **old_numbers, uint32_t **new_numbers, struct mlw_error *err)
{
	*old_numbers = calloc(old_count + 1, sizeof(**old_numbers));
	*new_numbers = calloc(new_count + 1, sizeof(**new_numbers));
	if (!*old_numbers || !*new_numbers)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < old_count; i++)
		(*old_numbers)[i + 1] =
		        olds[i].partner ? olds[i].partner : (uint32_t)(new_count + i + 1);
	for (size_t i = 1; i <= new_count; i++)
		(*new_numbers)[i] = (uint32_t)i;
	return 0;
}

static int name_by(struct nameable *one, struct mlw_intern *texts, const char *text,
                   uint64_t beside, struct mlw_error *err)
{
	const char *interned = mlw_intern(texts, text, err);

	one->key = (struct mlw_key){ { (uint64_t)(uintptr_t)interned, beside, 0 } };
	return text && !interned ? -1 : 0;
}

static int name_by_commands(struct nameable *list, const struct mlw_recording *recording,
                            struct mlw_intern *texts, struct mlw_error *err)
{
	for (size_t i = 0; i < recording->process_count; i++) {
		if (name_by(&list[i], texts, recording->processes[i].command, 0, err))
			return -1;
	}
	return 0;
}

static int name_by_programs(struct nameable *list, const struct mlw_recording *recording,
                            struct mlw_intern *texts, struct mlw_error *err)
{
	struct mlw_command_line line;

	for (size_t i = 0; i < recording->process_count; i++) {
		const char *program;
		int result;

		if (mlw_command_line_init(&line, recording->processes[i].command, err))
			return -1;
		program = line.count ? mlw_basename(line.words[0]) : "";
		result = name_by(&list[i], texts, program, 0, err);
		mlw_command_line_release(&line);
		if (result)
			return -1;
	}
	return 0;
}

static int pair_processes(const struct mlw_recording *old_recording,
                          const struct mlw_recording *new_recording,
                          struct mlw_intern *texts, struct nameable *olds,
                          struct nameable *news, struct mlw_error *err)
{
	size_t old_count = old_recording->process_count;
	size_t new_count = new_recording->process_count;

	if (name_by_commands(olds, old_recording, texts, err) ||
	    name_by_commands(news, new_recording, texts, err) ||
	    pair_in_order(olds, old_count, news, new_count, err) ||
	    name_by_programs(olds, old_recording, texts, err) ||
	    name_by_programs(news, new_recording, texts, err))
		return -1;
	return pair_in_order(olds, old_count, news, new_count, err);
}

int mlw_pair_processes(const struct mlw_recording *old_recording,
                       const struct mlw_recording *new_recording,
                       struct mlw_intern *texts, uint32_t **old_numbers,
                       uint32_t **new_numbers, struct mlw_error *err)
{
	size_t old_count = old_recording->process_count;
	size_t new_count = new_recording->process_count;
	struct nameable *list = calloc(old_count + new_count + 1, sizeof(*list));
	int result = -1;

	if (!list)
		mlw_fail(err, "out of memory");
	else if (!pair_processes(old_recording, new_recording, texts, list,
	                         list + old_count, err))
		result =
		        number(list, old_count, new_count, old_numbers, new_numbers, err);
	free(list);
	return result;
}

static int name_threads(struct nameable *list, const struct mlw_recording *recording,
                        const uint32_t *processes, struct mlw_intern *texts,
                        struct mlw_error *err)
{
	for (size_t i = 0; i < recording->thread_count; i++) {
		const struct mlw_thread_row *thread = &recording->threads[i];

		if (name_by(&list[i], texts, thread->name, processes[thread->process],
		            err))
			return -1;
	}
	return 0;
}

int mlw_pair_threads(const struct mlw_recording *old_recording,
                     const struct mlw_recording *new_recording, struct mlw_intern *texts,
                     const uint32_t *old_processes, const uint32_t *new_processes,
                     uint32_t **old_numbers, uint32_t **new_numbers,
                     struct mlw_error *err)
{
	size_t old_count = old_recording->thread_count;
	size_t new_count = new_recording->thread_count;
	struct nameable *olds = calloc(old_count + new_count + 1, sizeof(*olds));
	struct nameable *news;
	int result = -1;

	if (!olds)
		return mlw_fail(err, "out of memory");
	news = olds + old_count;
	if (!name_threads(olds, old_recording, old_processes, texts, err) &&
	    !name_threads(news, new_recording, new_processes, texts, err) &&
	    !pair_in_order(olds, old_count, news, new_count, err))
		result =
		        number(olds, old_count, new_count, old_numbers, new_numbers, err);
	free(olds);
	return result;
}
