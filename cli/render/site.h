/* SPDX-License-Identifier: MIT */
#ifndef MLW_SITE_H
#define MLW_SITE_H

/*
 * A frame in one line of text:
 *
 *	parse_value  src/parser.c:214	everything is known
 *	parse_value  (libparser.so.1)	no debug info
 *	libparser.so.1+0x3f20		nothing but the place, as addr2line wants it
 */

#include "render/style.h"
#include <mallow/snapshot.h>

/* `frame` NULL: "(no stack)". At most about `width` columns: a long path loses its
 * beginning, a long name its end. */
void mlw_site_write(FILE *out, const struct mlw_style *style,
                    const struct mallow_frame *frame, unsigned width);

/* The same of one call in a stack: without a line, the place of the call stands with the
 * module, "parse_value  (libparser.so.1+0x3f20)", since a function has many. */
void mlw_site_write_call(FILE *out, const struct mlw_style *style,
                         const struct mallow_frame *frame, unsigned width);

/* A whole stack in one line of about `width` columns, "parse_value < parse < main": as
 * many of its calls as there is room for, at least the first. */
void mlw_site_write_stack(FILE *out, const struct mlw_style *style,
                          const struct mallow_traceback *traceback, unsigned width);

/* The source line of a frame in a line of its own, behind `indent` blanks: nothing
 * without style->source, or where it is not known. */
void mlw_site_source(FILE *out, const struct mlw_style *style,
                     const struct mallow_frame *frame, unsigned indent);

#endif /* MLW_SITE_H */
