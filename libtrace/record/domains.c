/* SPDX-License-Identifier: MIT */
#include "record/domains.h"

#include <errno.h>
#include <string.h>

#include "record/names.h"
#include "record/session.h"

static struct mlw_name domains[MLW_DOMAINS];

static bool is_reserved(const char *name)
{
	return !strcmp(name, "malloc") || !strcmp(name, "mmap") || !strcmp(name, "brk") ||
	       !strcmp(name, "all");
}

int mlw_domain(const char *name)
{
	int place;

	if (!mlw_name_is_good(name) || is_reserved(name))
		return -EINVAL;
	place = mlw_name_find(domains, MLW_DOMAINS, 0, name);
	return place < 0 ? -ENOSPC : (int)MLW_MAP_TRACKED + place;
}

int mlw_domain_publish(int domain)
{
	uint32_t index = (uint32_t)domain - MLW_MAP_TRACKED;

	if (!mlw_session ||
	    atomic_load_explicit(&mlw_session->state, memory_order_acquire) !=
	            MLW_SESSION_READY)
		return -ENOTCONN;
	if (domain < (int)MLW_MAP_TRACKED || index >= MLW_DOMAINS ||
	    !mlw_name_is_ready(&domains[index]))
		return -EINVAL;
	mlw_name_publish(&domains[index], &mlw_session->segment->domains[index]);
	return 0;
}
