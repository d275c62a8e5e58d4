/* SPDX-License-Identifier: MIT */
#include "record/names.h"

#include <string.h>

enum state {
	STATE_FREE = 0,
	STATE_WRITING = 1,
	STATE_READY = 2,
};

bool mlw_name_is_good(const char *text)
{
	size_t length = 0;

	if (!text)
		return false;
	for (; text[length]; length++)
		if ((unsigned char)text[length] < 0x20 || text[length] == 0x7f ||
		    length + 1 >= MLW_NAME_SIZE)
			return false;
	return length;
}

static bool take(struct mlw_name *name, const char *text)
{
	uint32_t state = STATE_FREE;

	if (!atomic_compare_exchange_strong(&name->state, &state, STATE_WRITING))
		return false;
	strcpy(name->text, text);
	atomic_store_explicit(&name->state, STATE_READY, memory_order_release);
	return true;
}

/* Places are taken in order, so that behind a free one there is nothing. */
int mlw_name_find(struct mlw_name *table, uint32_t count, uint32_t first,
                  const char *text)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t place = (first + i) % count;
		struct mlw_name *name = &table[place];
		uint32_t state = atomic_load_explicit(&name->state, memory_order_acquire);

		if (state == STATE_FREE && take(name, text))
			return (int)place;
		if (state == STATE_READY && !strcmp(name->text, text))
			return (int)place;
	}
	return -1;
}

bool mlw_name_is_ready(const struct mlw_name *name)
{
	return atomic_load_explicit(&name->state, memory_order_acquire) == STATE_READY;
}

void mlw_name_publish(const struct mlw_name *name, struct mlw_shared_name *shared)
{
	if (atomic_load_explicit(&shared->ready, memory_order_relaxed))
		return;
	memcpy(shared->text, name->text, sizeof(shared->text));
	atomic_store_explicit(&shared->ready, 1, memory_order_release);
}
