/* SPDX-License-Identifier: MIT */
#ifndef MLW_JSON_H
#define MLW_JSON_H

/*
 * Writes JSON (RFC 8259) as it goes. The writer puts commas and lines; the caller only
 * says what comes next.
 *
 *	struct mlw_json json;
 *
 *	mlw_json_init(&json, stdout);
 *	mlw_json_begin_object(&json, NULL);
 *	mlw_json_string(&json, "by", "line");
 *	mlw_json_begin_array(&json, "rows");
 *	mlw_json_uint(&json, NULL, 5);
 *	mlw_json_end_array(&json);
 *	mlw_json_end_object(&json);
 *
 * `key` is the member's name inside an object and NULL in an array or at the top. Members
 * of the two outermost levels have a line each, everything deeper shares its parent's:
 * a row is a line. Output errors stay in the stream (ferror).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct mlw_json {
	FILE *out; /* borrowed */
	unsigned depth; /* any: a tree of calls is deep */
	bool started; /* something stands at this level already */
};

void mlw_json_init(struct mlw_json *json, FILE *out);

void mlw_json_begin_object(struct mlw_json *json, const char *key);
void mlw_json_end_object(struct mlw_json *json);
void mlw_json_begin_array(struct mlw_json *json, const char *key);
void mlw_json_end_array(struct mlw_json *json);

/*
 * NULL becomes null. Bytes that are no UTF-8 become U+FFFD: names of a program are bytes,
 * JSON is text.
 */
void mlw_json_string(struct mlw_json *json, const char *key, const char *text);
/* All of `size` bytes, behind which a NUL stands: UTF-8 as a string, in which a NUL is
 * \u0000, anything else as {"hex": "00ff"}. */
void mlw_json_bytes(struct mlw_json *json, const char *key, const char *bytes,
                    size_t size);
void mlw_json_strings(struct mlw_json *json, const char *key, const char *const *texts,
                      size_t count);
void mlw_json_uint(struct mlw_json *json, const char *key, uint64_t value);
void mlw_json_int(struct mlw_json *json, const char *key, int64_t value);
/* Already as JSON has it: a number. */
void mlw_json_number(struct mlw_json *json, const char *key, const char *number);
void mlw_json_bool(struct mlw_json *json, const char *key, bool value);
void mlw_json_null(struct mlw_json *json, const char *key);

/* Begins the one object of an answer, with the member that every answer has. */
void mlw_json_begin_answer(struct mlw_json *json, FILE *out);
/* Ends it, and the last line. */
void mlw_json_end_answer(struct mlw_json *json);

#endif /* MLW_JSON_H */
