/* SPDX-License-Identifier: MIT */
#ifndef MLW_TEST_SCENE_H
#define MLW_TEST_SCENE_H

/*
 * One small run that most tests of analyze ask about.
 *
 *	process 1 "prog": thread 1 "main", thread 2 "worker"
 *	process 2 "/usr/bin/child": thread 3 "main"
 *
 *	stack			thread	live at the end		at the peak
 *	main parse xmalloc	1	100 + 50 B		1150 B
 *	main recurse (3 times)	1	30 B			30 B
 *	main libx+A		2	7 B, 7 B		14 B
 *	main libx+B		2	7 B			7 B
 *	main parse xmalloc	3	200 B			0 B
 *	xmalloc			1	1 B			1 B
 *	main [twice inlined]	1	0 B (two temporary)	0 B
 *	main libx+A, mmap	1	4096 B			4096 B
 *
 * The peak is at 200 us, the 200 B of thread 3 come at 300 us, the end is at 1000 us.
 * Innermost in every stack is a frame of libmallow.so, which nobody may see.
 */

#include "recorder.h"

struct scene {
	struct recorder recorder;
	uint32_t parse, recurse, libx_a, libx_b, child_parse, only_wrapper, inlined,
	        mapping; /* traces */
};

void scene_open(struct scene *scene);
void scene_close(struct scene *scene);

#define SCENE_TOTAL_SIZE  (150u + 30 + 14 + 7 + 200 + 1)
#define SCENE_TOTAL_COUNT 8u
#define SCENE_PEAK_SIZE   (1150u + 30 + 14 + 7 + 1)

#endif /* MLW_TEST_SCENE_H */
