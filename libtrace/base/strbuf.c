/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not const only because `text` is not: its one byte is never written. */
char mlw_strbuf_empty[1];

static int fail(struct mlw_strbuf *buf)
{
	buf->failed = true;
	return -1;
}

/* Room for `extra` bytes and the NUL after them. */
static int reserve(struct mlw_strbuf *buf, size_t extra)
{
	size_t wanted = buf->capacity ? buf->capacity : 64;
	size_t need;
	char *grown;

	if (buf->failed || extra > SIZE_MAX / 2 - 1 - buf->length)
		return fail(buf);
	need = buf->length + extra + 1;
	if (need <= buf->capacity)
		return 0;
	while (wanted < need)
		wanted *= 2;
	grown = realloc(buf->capacity ? buf->text : NULL, wanted);
	if (!grown)
		return fail(buf);
	grown[buf->length] = '\0';
	buf->text = grown;
	buf->capacity = wanted;
	return 0;
}

void mlw_strbuf_init(struct mlw_strbuf *buf)
{
	*buf = (struct mlw_strbuf)MLW_STRBUF_INIT;
}

void mlw_strbuf_release(struct mlw_strbuf *buf)
{
	if (!buf)
		return;
	if (buf->capacity)
		free(buf->text);
	mlw_strbuf_init(buf);
}

int mlw_strbuf_add(struct mlw_strbuf *buf, const char *bytes, size_t size)
{
	if (reserve(buf, size))
		return -1;
	if (size)
		memcpy(buf->text + buf->length, bytes, size);
	buf->length += size;
	buf->text[buf->length] = '\0';
	return 0;
}

int mlw_strbuf_puts(struct mlw_strbuf *buf, const char *string)
{
	return mlw_strbuf_add(buf, string, strlen(string));
}

int mlw_strbuf_putc(struct mlw_strbuf *buf, char byte)
{
	return mlw_strbuf_add(buf, &byte, 1);
}

/* Into the room that is left; returns what vsnprintf does. */
MLW_PRINTF(2, 0)
static int format(struct mlw_strbuf *buf, const char *fmt, va_list args)
{
	return vsnprintf(buf->text + buf->length, buf->capacity - buf->length, fmt, args);
}

int mlw_strbuf_printf(struct mlw_strbuf *buf, const char *fmt, ...)
{
	va_list args, again;
	int size;

	if (reserve(buf, 0))
		return -1;
	va_start(args, fmt);
	va_copy(again, args);
	size = format(buf, fmt, args);
	if (size >= 0 && (size_t)size >= buf->capacity - buf->length)
		size = reserve(buf, (size_t)size) ? -1 : format(buf, fmt, again);
	va_end(again);
	va_end(args);
	if (size >= 0)
		buf->length += (size_t)size;
	buf->text[buf->length] = '\0';
	return size < 0 ? fail(buf) : 0;
}

void mlw_strbuf_clear(struct mlw_strbuf *buf)
{
	buf->failed = false;
	buf->length = 0;
	if (buf->capacity)
		buf->text[0] = '\0';
}

char *mlw_strbuf_detach(struct mlw_strbuf *buf)
{
	char *text = NULL;

	if (!reserve(buf, 0)) {
		text = buf->text;
		mlw_strbuf_init(buf);
	}
	mlw_strbuf_release(buf);
	return text;
}
