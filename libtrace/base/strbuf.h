/* SPDX-License-Identifier: MIT */
#ifndef MLW_STRBUF_H
#define MLW_STRBUF_H

/*
 * A string that grows.
 *
 *	struct mlw_strbuf buf = MLW_STRBUF_INIT;
 *
 *	mlw_strbuf_puts(&buf, "live: ");
 *	mlw_strbuf_printf(&buf, "%zu bytes", bytes);
 *	if (mlw_strbuf_failed(&buf))
 *		result = mlw_fail(err, "out of memory");
 *	else
 *		fputs(buf.text, out);
 *	mlw_strbuf_release(&buf);
 *
 * Invariants:
 *	- text is never NULL and text[length] is always NUL; bytes before it may be
 *	  NUL too
 *	- text is on the heap when capacity is not 0, and then length < capacity;
 *	  otherwise it is the shared empty string, which nobody writes to
 *
 * An append that cannot be done (no memory, or a printf format that the C library
 * rejects) sets `failed`, and every append after it does nothing: the text never has a
 * hole. So callers ask once, at the end, and may ignore what each append returns (0, or -1
 * once failed).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct mlw_strbuf {
	char *text;
	size_t length;
	size_t capacity;
	bool failed;
};

extern char mlw_strbuf_empty[1];

#define MLW_STRBUF_INIT                  \
	{                                \
		.text = mlw_strbuf_empty \
	}

/* The same as MLW_STRBUF_INIT, for a buffer inside another structure. */
void mlw_strbuf_init(struct mlw_strbuf *buf);

/* Frees the text and leaves an empty buffer, ready for use. NULL or zeroed is fine. */
void mlw_strbuf_release(struct mlw_strbuf *buf);

/* `bytes` must not be a part of the buffer itself. */
int mlw_strbuf_add(struct mlw_strbuf *buf, const char *bytes, size_t size);
int mlw_strbuf_puts(struct mlw_strbuf *buf, const char *string);
int mlw_strbuf_putc(struct mlw_strbuf *buf, char byte);

MLW_PRINTF(2, 3)
int mlw_strbuf_printf(struct mlw_strbuf *buf, const char *fmt, ...);

/* Makes it empty and keeps the memory for the next text. A failure is forgotten. */
void mlw_strbuf_clear(struct mlw_strbuf *buf);

static inline bool mlw_strbuf_failed(const struct mlw_strbuf *buf)
{
	return buf->failed;
}

/*
 * Hands over the text, which the caller frees with free(), and leaves an empty buffer.
 * NULL if any append failed, or without memory for an empty string.
 */
char *mlw_strbuf_detach(struct mlw_strbuf *buf);

#endif /* MLW_STRBUF_H */
