/* SPDX-License-Identifier: MIT */
#include "render/bar.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS UINT64_C(1000000000) /* what is over by then needs no bar */
#define DISTANCE_NS UINT64_C(100000000) /* between two drawings */
#define WIDTH       40u

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

void mlw_bar_init(struct mlw_bar *bar, FILE *out)
{
	const char *term = getenv("TERM");
	bool terminal = isatty(fileno(out)) && term && strcmp(term, "dumb") != 0;

	*bar = (struct mlw_bar){ .out = terminal ? out : NULL, .started_ns = now() };
}

static void draw(FILE *out, uint64_t done, uint64_t total)
{
	double share = (double)done / (double)total;
	unsigned filled = (unsigned)(share * WIDTH);

	fputs("\r[", out);
	for (unsigned i = 0; i < WIDTH; i++)
		fputc(i < filled ? '#' : ' ', out);
	fprintf(out, "] %3u%%", (unsigned)(share * 100));
	fflush(out);
}

static void wipe(struct mlw_bar *bar)
{
	if (!bar->drawn_ns)
		return;
	fputs("\r\033[K", bar->out);
	fflush(bar->out);
	bar->drawn_ns = 0;
}

void mlw_bar_report_at(struct mlw_bar *bar, uint64_t now_ns, uint64_t done,
                       uint64_t total)
{
	if (!bar->out)
		return;
	if (done >= total) {
		wipe(bar);
		return;
	}
	if (now_ns < bar->started_ns + PATIENCE_NS ||
	    (bar->drawn_ns && now_ns < bar->drawn_ns + DISTANCE_NS))
		return;
	draw(bar->out, done, total);
	bar->drawn_ns = now_ns;
}

void mlw_bar_report(void *context, uint64_t done, uint64_t total)
{
	struct mlw_bar *bar = context;

	if (bar->out)
		mlw_bar_report_at(bar, now(), done, total);
}
