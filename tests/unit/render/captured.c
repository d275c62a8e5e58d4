/* SPDX-License-Identifier: MIT */
#include "captured.h"

#include <criterion/criterion.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

void captured_open(struct captured *captured)
{
	captured->out = open_memstream(&captured->text, &captured->size);
	cr_assert_not_null(captured->out);
}

const char *captured_text(struct captured *captured)
{
	cr_assert_eq(fflush(captured->out), 0);
	return captured->text;
}

void captured_close(struct captured *captured)
{
	fclose(captured->out);
	free(captured->text);
}

/* tests/data beside the folder of this very source file. */
static void data_path(char *path, size_t size, const char *name)
{
	char file[] = __FILE__;

	snprintf(path, size, "%s/../../data/%s", dirname(file), name);
}

static char *read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	cr_assert_not_null(in, "%s is missing; MALLOW_UPDATE=1 writes it", path);
	if (getdelim(&text, &size, '\0', in) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(in);
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	cr_assert_not_null(out);
	fputs(text, out);
	cr_assert_eq(fclose(out), 0);
}

/* A release must not change what is expected. */
static void hide_version(char *text)
{
	static const char version[] = "\"version\": \"" MALLOW_VERSION "\"";
	static const char hidden[] = "\"version\": \"\"";
	char *found = strstr(text, version);

	if (!found)
		return;
	memcpy(found, hidden, strlen(hidden));
	memmove(found + strlen(hidden), found + strlen(version),
	        strlen(found + strlen(version)) + 1);
}

void captured_matches(struct captured *captured, const char *name)
{
	char *text = strdup(captured_text(captured));
	char path[4096];
	char *expected;

	hide_version(text);
	data_path(path, sizeof(path), name);
	if (getenv("MALLOW_UPDATE")) {
		write_file(path, text);
		free(text);
		return;
	}
	expected = read_file(path);
	cr_expect_str_eq(text, expected);
	free(expected);
	free(text);
}
