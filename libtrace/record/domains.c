/* SPDX-License-Identifier: MIT */
#include "record/domains.h"

#include <errno.h>
#include <string.h>

#include "record/session.h"

enum state {
	STATE_FREE = 0,
	STATE_WRITING = 1,
	STATE_READY = 2,
};

/* Survives a fork: the child uses the numbers of its parent. */
static struct {
	_Atomic uint32_t state; /* enum state */
	char text[MLW_DOMAIN_NAME_SIZE];
} domains[MLW_DOMAINS];

static bool is_reserved(const char *name)
{
	return !strcmp(name, "malloc") || !strcmp(name, "mmap") || !strcmp(name, "brk") ||
	       !strcmp(name, "all");
}

static bool is_name(const char *name)
{
	size_t length = 0;

	if (!name)
		return false;
	for (; name[length]; length++)
		if ((unsigned char)name[length] < 0x20 || name[length] == 0x7f ||
		    length + 1 >= MLW_DOMAIN_NAME_SIZE)
			return false;
	return length && !is_reserved(name);
}

static bool take(uint32_t index, const char *name)
{
	uint32_t state = STATE_FREE;

	if (!atomic_compare_exchange_strong(&domains[index].state, &state, STATE_WRITING))
		return false;
	strcpy(domains[index].text, name);
	atomic_store_explicit(&domains[index].state, STATE_READY, memory_order_release);
	return true;
}

/* Places are taken in order, so that behind a free one there is nothing. */
int mlw_domain(const char *name)
{
	if (!is_name(name))
		return -EINVAL;
	for (uint32_t i = 0; i < MLW_DOMAINS; i++) {
		uint32_t state =
		        atomic_load_explicit(&domains[i].state, memory_order_acquire);

		if (state == STATE_FREE && take(i, name))
			return (int)(MLW_MAP_TRACKED + i);
		if (state == STATE_READY && !strcmp(domains[i].text, name))
			return (int)(MLW_MAP_TRACKED + i);
	}
	return -ENOSPC;
}

int mlw_domain_publish(int domain)
{
	uint32_t index = (uint32_t)domain - MLW_MAP_TRACKED;
	struct mlw_domain_name *name;

	if (!mlw_session ||
	    atomic_load_explicit(&mlw_session->state, memory_order_acquire) !=
	            MLW_SESSION_READY)
		return -ENOTCONN;
	if (domain < (int)MLW_MAP_TRACKED || index >= MLW_DOMAINS ||
	    atomic_load_explicit(&domains[index].state, memory_order_acquire) !=
	            STATE_READY)
		return -EINVAL;
	name = &mlw_session->segment->domains[index];
	if (atomic_load_explicit(&name->ready, memory_order_relaxed))
		return 0;
	memcpy(name->text, domains[index].text, sizeof(name->text));
	atomic_store_explicit(&name->ready, 1, memory_order_release);
	return 0;
}
