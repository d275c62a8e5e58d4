/* SPDX-License-Identifier: MIT */
#include "record/scopes.h"

#include <errno.h>
#include <string.h>

#include "record/names.h"

#define CACHE    256u /* a power of two */
#define NAMELESS 0xffffu /* the number of a scope without a name */
#define PROBES   64u

_Static_assert(MLW_SCOPES < NAMELESS && MLW_SCOPE_NODES < 1u << 16, "both fit a node");

static struct mlw_name names[MLW_SCOPES];

/* The number of the scope (low half) and, shifted, the node that it is on top of; 0:
 * free. A node's own number is its place + 1. */
static _Atomic uint32_t nodes[MLW_SCOPE_NODES];

/*
 * Where the text at an address was found last: place + 1. Only a guess: the text is
 * compared, since other texts come to lie at the same address.
 */
static _Atomic uint16_t cache[CACHE];

static uint32_t cache_place(const char *name)
{
	return (uint32_t)((uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15) >> 56) % CACHE;
}

/* FNV-1a. */
static uint32_t hash(const char *text)
{
	uint32_t sum = 0x811c9dc5;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 0x01000193;
	return sum;
}

static int look_for(const char *name, _Atomic uint16_t *guess)
{
	int place;

	if (!mlw_name_is_good(name))
		return -EINVAL;
	place = mlw_name_find(names, MLW_SCOPES, hash(name) % MLW_SCOPES, name);
	if (place < 0)
		return -ENOSPC;
	atomic_store_explicit(guess, (uint16_t)(place + 1), memory_order_release);
	return place + 1;
}

static inline int number_of(const char *name)
{
	_Atomic uint16_t *guess = &cache[cache_place(name)];
	uint32_t number = atomic_load_explicit(guess, memory_order_acquire);

	if (__builtin_expect(name && number && !strcmp(names[number - 1].text, name), 1))
		return (int)number;
	return look_for(name, guess);
}

static uint32_t number_in(uint32_t node)
{
	uint32_t number =
	        node ? atomic_load_explicit(&nodes[node - 1], memory_order_relaxed) &
	                        0xffff
	             : NAMELESS;

	return number == NAMELESS ? 0 : number;
}

/* The node of scope `number` on top of `parent`, 0: there is no room for it. */
static inline uint32_t child(uint32_t parent, uint32_t number)
{
	uint32_t key = parent << 16 | (number ? number : NAMELESS);
	uint32_t place = key * UINT32_C(0x9e3779b1) >> 16;

	for (uint32_t i = 0; i < PROBES; i++) {
		_Atomic uint32_t *node = &nodes[(place + i) % MLW_SCOPE_NODES];
		uint32_t found = atomic_load_explicit(node, memory_order_relaxed);

		if (!found && atomic_compare_exchange_strong(node, &found, key))
			found = key;
		if (found == key)
			return (place + i) % MLW_SCOPE_NODES + 1;
	}
	return 0;
}

int mlw_scope_begin(struct mlw_scopes *scopes, const char *name)
{
	volatile struct mlw_scopes *own = scopes;
	int number = number_of(name);
	uint32_t node = own->node;
	uint32_t next = own->beyond ? 0
	                            : child(node, number > 0 ? (uint32_t)number
	                                                     : number_in(node));

	if (next)
		own->node = next;
	else
		own->beyond++;
	return number < 0 ? number : next ? 0 : -ENOSPC;
}

int mlw_scope_end(struct mlw_scopes *scopes)
{
	volatile struct mlw_scopes *own = scopes;
	uint32_t node = own->node;

	if (own->beyond)
		own->beyond--;
	else if (node)
		own->node =
		        atomic_load_explicit(&nodes[node - 1], memory_order_relaxed) >>
		        16;
	else
		return -EINVAL;
	return 0;
}

uint32_t mlw_scope_current(const struct mlw_scopes *scopes)
{
	return number_in(*(const volatile uint32_t *)&scopes->node);
}

void mlw_scope_publish(uint32_t number, struct mlw_segment *segment)
{
	if (number)
		mlw_name_publish(&names[number - 1], &segment->scopes[number - 1]);
}
