/* SPDX-License-Identifier: MIT */
#ifndef MLW_UTF8_H
#define MLW_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes of the UTF-8 character (RFC 3629: no overlong form, no surrogate, nothing above
 * U+10FFFF) at the start of a NUL-terminated text; 0 if the bytes are none.
 */
size_t mlw_utf8_length(const char *text);

/* Are `size` bytes, behind which a NUL stands, such characters and NULs? */
bool mlw_utf8_is_text(const char *bytes, size_t size);

#endif /* MLW_UTF8_H */
