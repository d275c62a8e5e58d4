/* SPDX-License-Identifier: MIT */
#include "render/json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "render/utf8.h"

#define SCHEMA         1u
#define LINES_TO_DEPTH 2u /* levels whose members have lines of their own */

void mlw_json_init(struct mlw_json *json, FILE *out)
{
	*json = (struct mlw_json){ .out = out };
}

static void break_line(struct mlw_json *json)
{
	if (json->depth && json->depth <= LINES_TO_DEPTH)
		fprintf(json->out, "\n%*s", (int)(2 * json->depth), "");
}

/* Bytes from `text` on that stand for themselves. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while ((unsigned char)text[length] >= 0x20 &&
	       (unsigned char)text[length] < 0x80 && text[length] != '"' &&
	       text[length] != '\\')
		length++;
	return length;
}

/* One character that does not; returns its bytes. */
static size_t write_special(FILE *out, const char *text)
{
	unsigned char byte = (unsigned char)*text;
	size_t length = mlw_utf8_length(text);

	if (byte == '"' || byte == '\\')
		fprintf(out, "\\%c", byte);
	else if (byte < 0x20)
		fprintf(out, "\\u%04x", byte);
	else if (length)
		fwrite(text, 1, length, out);
	else
		fputs("\xef\xbf\xbd", out);
	return length ? length : 1;
}

/* Up to `end`, where a NUL stands; NULL: up to the first one. */
static void write_text(FILE *out, const char *text, const char *end)
{
	fputc('"', out);
	while (end ? text < end : *text) {
		size_t plain = plain_length(text);

		fwrite(text, 1, plain, out);
		text += plain;
		if (end ? text < end : *text)
			text += write_special(out, text);
	}
	fputc('"', out);
}

static void write_escaped(FILE *out, const char *text)
{
	write_text(out, text, NULL);
}

/* What stands before any value: the comma after the last one, the line, the key. */
static void begin_value(struct mlw_json *json, const char *key)
{
	if (json->started)
		fputs(json->depth > LINES_TO_DEPTH ? ", " : ",", json->out);
	json->started = true;
	break_line(json);
	if (key) {
		write_escaped(json->out, key);
		fputs(": ", json->out);
	}
}

static void begin(struct mlw_json *json, const char *key, char bracket)
{
	begin_value(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->started = false;
}

static void end(struct mlw_json *json, char bracket)
{
	bool filled = json->started;
	bool has_lines = json->depth <= LINES_TO_DEPTH;

	assert(json->depth);
	json->depth--;
	json->started = true; /* what ends here stands at the level outside */
	if (filled && has_lines)
		fprintf(json->out, "\n%*s", (int)(2 * json->depth), "");
	fputc(bracket, json->out);
}

void mlw_json_begin_object(struct mlw_json *json, const char *key)
{
	begin(json, key, '{');
}

void mlw_json_end_object(struct mlw_json *json)
{
	end(json, '}');
}

void mlw_json_begin_array(struct mlw_json *json, const char *key)
{
	begin(json, key, '[');
}

void mlw_json_end_array(struct mlw_json *json)
{
	end(json, ']');
}

void mlw_json_string(struct mlw_json *json, const char *key, const char *text)
{
	if (!text) {
		mlw_json_null(json, key);
		return;
	}
	begin_value(json, key);
	write_escaped(json->out, text);
}

void mlw_json_bytes(struct mlw_json *json, const char *key, const char *bytes,
                    size_t size)
{
	if (mlw_utf8_is_text(bytes, size)) {
		begin_value(json, key);
		write_text(json->out, bytes, bytes + size);
		return;
	}
	mlw_json_begin_object(json, key);
	begin_value(json, "hex");
	fputc('"', json->out);
	for (size_t i = 0; i < size; i++)
		fprintf(json->out, "%02x", (unsigned char)bytes[i]);
	fputc('"', json->out);
	mlw_json_end_object(json);
}

void mlw_json_strings(struct mlw_json *json, const char *key, const char *const *texts,
                      size_t count)
{
	mlw_json_begin_array(json, key);
	for (size_t i = 0; i < count; i++)
		mlw_json_string(json, NULL, texts[i]);
	mlw_json_end_array(json);
}

void mlw_json_uint(struct mlw_json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void mlw_json_int(struct mlw_json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRId64, value);
}

void mlw_json_number(struct mlw_json *json, const char *key, const char *number)
{
	begin_value(json, key);
	fputs(number, json->out);
}

void mlw_json_bool(struct mlw_json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->out);
}

void mlw_json_null(struct mlw_json *json, const char *key)
{
	begin_value(json, key);
	fputs("null", json->out);
}

void mlw_json_begin_answer(struct mlw_json *json, FILE *out)
{
	mlw_json_init(json, out);
	mlw_json_begin_object(json, NULL);
	mlw_json_begin_object(json, "mallow");
	mlw_json_uint(json, "schema", SCHEMA);
	mlw_json_string(json, "version", MALLOW_VERSION);
	mlw_json_end_object(json);
}

void mlw_json_end_answer(struct mlw_json *json)
{
	mlw_json_end_object(json);
	fputc('\n', json->out);
}
