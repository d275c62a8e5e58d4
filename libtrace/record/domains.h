/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_DOMAINS_H
#define MLW_RECORD_DOMAINS_H

/*
 * The domains that the program has named. A number, once given, is good for as long as
 * the process and its forked children live, whether they are recorded or not; the
 * collector reads the name in the segment, where it is put before the number's first
 * event.
 */

#include <stdint.h>

/* The number of the domain `name`, from MLW_MAP_TRACKED on; -EINVAL: no name of a domain;
 * -ENOSPC: there are too many. */
int mlw_domain(const char *name);

/* Puts the name of `domain` into the segment: 0; -ENOTCONN without one; -EINVAL: there is
 * no such domain. */
int mlw_domain_publish(int domain);

#endif /* MLW_RECORD_DOMAINS_H */
