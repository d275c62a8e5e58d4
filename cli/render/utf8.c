/* SPDX-License-Identifier: MIT */
#include "render/utf8.h"

#include <stdint.h>

static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };

size_t mlw_utf8_length(const char *text)
{
	unsigned char first = (unsigned char)text[0];
	uint32_t code;
	size_t length;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	code = first & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if ((byte & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (byte & 0x3f);
	}
	if (code < smallest[length] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return length;
}

bool mlw_utf8_is_text(const char *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t length = mlw_utf8_length(bytes + at);

		if (!length)
			return false;
		at += length;
	}
	return true;
}
