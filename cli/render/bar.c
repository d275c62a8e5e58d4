/* SPDX-License-Identifier: MIT */
#include "render/bar.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/progress.h"

#define PATIENCE_NS UINT64_C(1000000000) /* what is over by then needs no bar */
#define DISTANCE_NS UINT64_C(100000000) /* between two drawings */
#define WIDTH       40u
#define BLOCK       8u /* of what nobody knows the end of */

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

/* From column `from` to `to`, the latter excluded. */
static void draw_block(FILE *out, unsigned from, unsigned to)
{
	fputs("\r[", out);
	for (unsigned i = 0; i < WIDTH; i++)
		fputc(i >= from && i < to ? '#' : ' ', out);
	fputc(']', out);
}

static void draw(FILE *out, uint64_t done, uint64_t total)
{
	double share = (double)done / (double)total;

	draw_block(out, 0, (unsigned)(share * WIDTH));
	fprintf(out, " %3u%%", (unsigned)(share * 100));
}

/* To and fro, a column with each drawing. */
static void draw_unknown(FILE *out, uint64_t since_ns)
{
	unsigned ways = WIDTH - BLOCK;
	unsigned step = (unsigned)(since_ns / DISTANCE_NS % (2ull * ways));
	unsigned from = step < ways ? step : 2 * ways - step;

	draw_block(out, from, from + BLOCK);
	fputs("     ", out); /* of a percentage that may stand there */
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
	if (total == MLW_PROGRESS_UNKNOWN)
		draw_unknown(bar->out, now_ns - bar->started_ns - PATIENCE_NS);
	else
		draw(bar->out, done, total);
	fflush(bar->out);
	bar->drawn_ns = now_ns;
}

void mlw_bar_stop(struct mlw_bar *bar)
{
	if (bar->out)
		wipe(bar);
	bar->out = NULL;
}

void mlw_bar_report(void *context, uint64_t done, uint64_t total)
{
	struct mlw_bar *bar = context;

	if (bar->out)
		mlw_bar_report_at(bar, now(), done, total);
}
