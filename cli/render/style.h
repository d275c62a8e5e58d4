/* SPDX-License-Identifier: MIT */
#ifndef MLW_STYLE_H
#define MLW_STYLE_H

/* How text looks where it goes: colour and the width of a line. */

#include <stdbool.h>
#include <stdio.h>

struct mallow_source;

enum mlw_colour {
	MLW_COLOUR_AUTO, /* on a terminal, unless NO_COLOR is set or TERM is dumb */
	MLW_COLOUR_ALWAYS,
	MLW_COLOUR_NEVER,
};

struct mlw_style {
	bool colour;
	unsigned width; /* columns; a fixed number where there is no terminal, so that
	                   output in a file does not hang on the window */
	unsigned chart_width; /* of a picture: COLUMNS, or the terminal's, or 80 */
	struct mallow_source
	        *source; /* for the lines below sites (--source), NULL: none */
	bool utf8; /* the locale is one of UTF-8 (LC_ALL, LC_CTYPE, LANG) */
};

void mlw_style_init(struct mlw_style *style, enum mlw_colour colour, FILE *out);

/* Escape sequences, or "" without colour. */
const char *mlw_style_bold(const struct mlw_style *style);
const char *mlw_style_dim(const struct mlw_style *style);
const char *mlw_style_warning(const struct mlw_style *style);
const char *mlw_style_good(const struct mlw_style *style);
const char *mlw_style_plain(const struct mlw_style *style);

/*
 * Writes a name that came from a file or a program: control characters become '?', so
 * that no name can move the cursor. At most `width` columns (0: any); what is too long
 * ends with "...". Returns the columns written.
 */
unsigned mlw_style_name(FILE *out, const char *name, unsigned width);

/* Columns that a name takes. */
unsigned mlw_style_columns(const char *name);

#endif /* MLW_STYLE_H */
