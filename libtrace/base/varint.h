/* SPDX-License-Identifier: MIT */
#ifndef MLW_VARINT_H
#define MLW_VARINT_H

/*
 * Unsigned integers in one to nine bytes, written and read without a loop. The number of
 * bytes is one more than the zero bits at the bottom of the first byte:
 *
 *	xxxxxxx1                      7 bits
 *	xxxxxx10 xxxxxxxx             14 bits
 *	...
 *	10000000 and seven bytes      56 bits
 *	00000000 and eight bytes      64 bits
 *
 * Little endian: with n bytes the value is the number in them, shifted right by n (nine
 * bytes: the last eight as they are). The writer uses the shortest form.
 *
 * Signed differences are folded first (0, -1, 1, -2, ... become 0, 1, 2, 3, ...).
 */

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define MLW_VARINT_MAX 9u

/* Writes `value` and returns the end. All of MLW_VARINT_MAX bytes at `at` may be written
 * to.
 */
static inline uint8_t *mlw_varint_put(uint8_t *at, uint64_t value)
{
	unsigned bits = 64u - (unsigned)__builtin_clzll(value | 1);
	unsigned bytes = (bits * 9 + 64) >> 6; /* (bits + 6) / 7 without a division */
	uint64_t word;

	if (__builtin_expect(bytes > 8, 0)) {
		word = htole64(value);
		at[0] = 0;
		memcpy(at + 1, &word, sizeof(word));
		return at + MLW_VARINT_MAX;
	}
	word = htole64(((value << 1 | 1) << (bytes - 1)));
	memcpy(at, &word, sizeof(word));
	return at + bytes;
}

/* Reads a value and returns the end. MLW_VARINT_MAX bytes at `at` must be readable,
 * whatever they are. */
static inline const uint8_t *mlw_varint_get(const uint8_t *at, uint64_t *value)
{
	uint64_t word;
	unsigned bytes;

	if (__builtin_expect(at[0] == 0, 0)) {
		memcpy(&word, at + 1, sizeof(word));
		*value = le64toh(word);
		return at + MLW_VARINT_MAX;
	}
	bytes = (unsigned)__builtin_ctz(at[0]) + 1;
	memcpy(&word, at, sizeof(word));
	*value = le64toh(word) << (64 - 8 * bytes) >> (64 - 7 * bytes);
	return at + bytes;
}

/* The bytes of the value at `at`. */
static inline unsigned mlw_varint_size(const uint8_t *at)
{
	return at[0] ? (unsigned)__builtin_ctz(at[0]) + 1 : MLW_VARINT_MAX;
}

static inline uint64_t mlw_fold(int64_t value)
{
	return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static inline int64_t mlw_unfold(uint64_t value)
{
	return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

#endif /* MLW_VARINT_H */
