/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_WAY_H
#define MLW_RECORD_WAY_H

/*
 * The way to the collector: the socket that the environment names, or that of a collector
 * which this program has started itself. Survives a fork, and is what programs are told
 * that this one executes (mlw_session_socket and mlw_session_library).
 */

#include <stdbool.h>
#include <stdint.h>

/* Finds it, or makes it where the program wants that; false: there is none. Called by one
 * thread at a time, with signals blocked. */
bool mlw_way_find(void);

/*
 * Learns the library's path, which takes the loader's lock: a thread in dlopen holds that
 * and waits for whoever meets the collector as soon as it allocates. So this is called
 * before there are such threads, by our constructor, or where nobody waits for the caller
 * yet; mlw_way_find only asks the loader before any of that. False: it is not known.
 */
bool mlw_way_learn(void);

/* mlw_way_find may start a collector that keeps `depth` frames; 0: not any more. A
 * forked child does not inherit that. */
void mlw_way_want(uint32_t depth);

/* Why there is no collector of our own: 0, or a negative errno. mlw_way_want forgets it
 * unless its depth is 0. */
int mlw_way_error(void);

#endif /* MLW_RECORD_WAY_H */
