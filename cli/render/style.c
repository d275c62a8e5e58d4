/* SPDX-License-Identifier: MIT */
#include "render/style.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "render/utf8.h"

#define FILE_WIDTH  120u
#define LEAST_WIDTH 60u
#define CHART_WIDTH 80u /* where there is no terminal */
#define LEAST_CHART 40u
#define MOST_CHART  1000u

static bool wants_colour(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0;
}

static unsigned terminal_width(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col)
		return FILE_WIDTH;
	return size.ws_col < LEAST_WIDTH ? LEAST_WIDTH : size.ws_col;
}

/* A picture may be asked for in any width, also for a file. */
static unsigned chart_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;

	if (!width && isatty(fileno(out)))
		width = terminal_width(out);
	if (!width)
		width = CHART_WIDTH;
	return width < LEAST_CHART ? LEAST_CHART
	                           : (unsigned)(width < MOST_CHART ? width : MOST_CHART);
}

/* As setlocale(3) would look for it. */
static bool is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;

	for (size_t i = 0; (!locale || !*locale) && i < 3; i++)
		locale = getenv(names[i]);
	return locale && (strcasestr(locale, "UTF-8") || strcasestr(locale, "utf8"));
}

void mlw_style_init(struct mlw_style *style, enum mlw_colour colour, FILE *out)
{
	style->width = terminal_width(out);
	style->chart_width = chart_width(out);
	style->source = NULL;
	style->utf8 = is_utf8();
	style->colour = colour == MLW_COLOUR_ALWAYS ||
	                (colour == MLW_COLOUR_AUTO && wants_colour(out));
}

static const char *sequence(const struct mlw_style *style, const char *text)
{
	return style->colour ? text : "";
}

const char *mlw_style_bold(const struct mlw_style *style)
{
	return sequence(style, "\033[1m");
}

const char *mlw_style_dim(const struct mlw_style *style)
{
	return sequence(style, "\033[2m");
}

const char *mlw_style_warning(const struct mlw_style *style)
{
	return sequence(style, "\033[1;33m");
}

const char *mlw_style_good(const struct mlw_style *style)
{
	return sequence(style, "\033[32m");
}

const char *mlw_style_plain(const struct mlw_style *style)
{
	return sequence(style, "\033[0m");
}

/* One character of a name that may be shown; bytes that are no text, and C0 and C1
 * controls, are shown as one '?'. */
static size_t character(const char *at, bool *shown)
{
	unsigned char byte = (unsigned char)at[0];
	size_t length = mlw_utf8_length(at);
	bool is_c1 = byte == 0xc2 && length == 2 && (unsigned char)at[1] < 0xa0;

	*shown = length && byte >= 0x20 && byte != 0x7f && !is_c1;
	return length ? length : 1;
}

unsigned mlw_style_columns(const char *name)
{
	unsigned columns = 0;
	bool shown;

	for (; *name; columns++)
		name += character(name, &shown);
	return columns;
}

unsigned mlw_style_name(FILE *out, const char *name, unsigned width)
{
	unsigned columns = mlw_style_columns(name);
	bool cut = width && columns > width;
	unsigned limit = !cut ? columns : width > 3 ? width - 3 : 0;

	for (unsigned i = 0; i < limit; i++) {
		bool shown;
		size_t length = character(name, &shown);

		fwrite(shown ? name : "?", 1, shown ? length : 1, out);
		name += length;
	}
	if (cut)
		fputs("...", out);
	return cut ? limit + 3 : columns;
}
