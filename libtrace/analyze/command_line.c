/* SPDX-License-Identifier: MIT */
#include "analyze/command_line.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* Four hex digits; false if they are not. */
static bool parse_hex(const char **at, uint32_t *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++, (*at)++) {
		const char *digits = "0123456789abcdef";
		const char *found = isxdigit((unsigned char)**at)
		                            ? strchr(digits, **at | 0x20)
		                            : NULL;

		if (!found)
			return false;
		*value = *value << 4 | (uint32_t)(found - digits);
	}
	return true;
}

static void add_code_point(struct mlw_strbuf *word, uint32_t code)
{
	if (code < 0x80) {
		mlw_strbuf_putc(word, (char)code);
		return;
	}
	if (code < 0x800) {
		mlw_strbuf_putc(word, (char)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		mlw_strbuf_putc(word, (char)(0xe0 | code >> 12));
		mlw_strbuf_putc(word, (char)(0x80 | (code >> 6 & 0x3f)));
	} else {
		mlw_strbuf_putc(word, (char)(0xf0 | code >> 18));
		mlw_strbuf_putc(word, (char)(0x80 | (code >> 12 & 0x3f)));
		mlw_strbuf_putc(word, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	mlw_strbuf_putc(word, (char)(0x80 | (code & 0x3f)));
}

/* \uXXXX, and the second half of a surrogate pair behind it. */
static bool parse_unicode(const char **at, struct mlw_strbuf *word)
{
	uint32_t code, low;

	if (!parse_hex(at, &code))
		return false;
	if (code >= 0xd800 && code < 0xdc00 && (*at)[0] == '\\' && (*at)[1] == 'u') {
		*at += 2;
		if (!parse_hex(at, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	add_code_point(word, code);
	return true;
}

static bool parse_escape(const char **at, struct mlw_strbuf *word)
{
	static const char names[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (**at == 'u') {
		(*at)++;
		return parse_unicode(at, word);
	}
	found = **at ? strchr(names, **at) : NULL;
	if (!found)
		return false;
	(*at)++;
	mlw_strbuf_putc(word, bytes[found - names]);
	return true;
}

static bool parse_string(const char **at, struct mlw_strbuf *word)
{
	if (*(*at)++ != '"')
		return false;
	while (**at && **at != '"') {
		size_t plain = strcspn(*at, "\"\\");

		mlw_strbuf_add(word, *at, plain);
		*at += plain;
		if (**at == '\\') {
			(*at)++;
			if (!parse_escape(at, word))
				return false;
		}
	}
	return *(*at)++ == '"';
}

static int add_word(struct mlw_command_line *line, size_t *capacity, const char **at,
                    struct mlw_error *err)
{
	struct mlw_strbuf word = MLW_STRBUF_INIT;

	if (mlw_grow(&line->words, capacity, line->count + 1, sizeof(*line->words), err))
		return -1;
	if (!parse_string(at, &word)) {
		mlw_strbuf_release(&word);
		return mlw_fail(err, "damaged: a command is no list of words");
	}
	line->words[line->count] = mlw_strbuf_detach(&word);
	if (!line->words[line->count])
		return mlw_fail(err, "out of memory");
	line->count++;
	return 0;
}

static int parse_array(struct mlw_command_line *line, const char *json,
                       struct mlw_error *err)
{
	const char *at = skip_space(json);
	size_t capacity = 0;

	if (*at++ != '[')
		return mlw_fail(err, "damaged: a command is no list of words");
	for (at = skip_space(at); *at != ']'; at = skip_space(at)) {
		if (line->count && *at++ != ',')
			return mlw_fail(err, "damaged: a command is no list of words");
		at = skip_space(at);
		if (add_word(line, &capacity, &at, err))
			return -1;
	}
	return 0;
}

int mlw_command_line_init(struct mlw_command_line *line, const char *json,
                          struct mlw_error *err)
{
	*line = (struct mlw_command_line){ 0 };
	if (json && parse_array(line, json, err)) {
		mlw_command_line_release(line);
		return -1;
	}
	return 0;
}

void mlw_command_line_release(struct mlw_command_line *line)
{
	if (!line)
		return;
	for (size_t i = 0; i < line->count; i++)
		free(line->words[i]);
	free(line->words);
	*line = (struct mlw_command_line){ 0 };
}
