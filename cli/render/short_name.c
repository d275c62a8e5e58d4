/* SPDX-License-Identifier: MIT */
#include "render/short_name.h"

#include <ctype.h>
#include <string.h>

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* Bytes at `at` whose brackets are part of a name: operators, and namespaces and closures
 * without a name. 0: none. */
static size_t literal_length(const char *at)
{
	static const char *const literals[] = {
		"operator<=>",
		"operator<<=",
		"operator>>=",
		"operator->*",
		"operator<<",
		"operator>>",
		"operator<=",
		"operator>=",
		"operator->",
		"operator<",
		"operator>",
		"operator()",
		"(anonymous namespace)",
	};

	for (size_t i = 0; i < sizeof(literals) / sizeof(*literals); i++) {
		if (starts_with(at, literals[i]))
			return strlen(literals[i]);
	}
	return 0;
}

/* The bracket that closes the one at `at`, or the end of the text. */
static const char *find_close(const char *at)
{
	unsigned depth = 0;

	for (; *at; at++) {
		if (*at == '<' || *at == '(')
			depth++;
		else if ((*at == '>' && at[-1] != '-') || *at == ')')
			depth--;
		if (!depth)
			break;
	}
	return at;
}

/* Rust writes `<Type as Trait>::method`: there the brackets hold the name. */
static bool holds_arguments(const char *name, const char *at)
{
	bool is_empty = at[1] == ')' || at[1] == '>';

	return at != name && !is_empty && (*at == '(' || *at == '<') &&
	       !isspace((unsigned char)at[-1]);
}

void mlw_short_name(struct mlw_strbuf *text, const char *name)
{
	for (const char *at = name; *at; at++) {
		size_t literal = literal_length(at);

		if (literal) {
			mlw_strbuf_add(text, at, literal);
			at += literal - 1;
		} else if (holds_arguments(name, at)) {
			mlw_strbuf_puts(text, *at == '<' ? "<...>" : "(...)");
			at = find_close(at);
			if (!*at)
				return;
		} else {
			mlw_strbuf_putc(text, *at);
		}
	}
}
