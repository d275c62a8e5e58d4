/* SPDX-License-Identifier: MIT */
#include "analyze/source.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

#define SIZE_LIMIT (16 << 20) /* what is longer was not written by anybody */

/* A file that was looked for. Its lines end with a NUL each. */
struct text {
	char *name;
	char *bytes; /* NULL: it is not there */
	char **lines;
	size_t count, capacity;
};

struct mallow_source {
	const char *root;
	struct text *texts;
	size_t count, capacity;
};

int mlw_source_open(struct mallow_source **source, const char *root,
                    struct mlw_error *err)
{
	*source = calloc(1, sizeof(**source));
	if (!*source)
		return mlw_fail(err, "out of memory");
	(*source)->root = root;
	return 0;
}

void mlw_source_close(struct mallow_source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->count; i++) {
		free(source->texts[i].name);
		free(source->texts[i].bytes);
		free(source->texts[i].lines);
	}
	free(source->texts);
	free(source);
}

/* The name comes from a recording, which may come from anywhere: nothing is waited for
 * (a pipe), and nothing without an end is read (a device). */
static char *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	char *bytes = NULL;
	ssize_t size = -1;

	if (fd >= 0 && !fstat(fd, &status) && S_ISREG(status.st_mode) &&
	    status.st_size > 0 && status.st_size < SIZE_LIMIT)
		bytes = malloc((size_t)status.st_size + 1);
	if (bytes)
		size = read(fd, bytes, (size_t)status.st_size);
	if (fd >= 0)
		close(fd);
	if (size > 0) {
		bytes[size] = '\0';
		return bytes;
	}
	free(bytes);
	return NULL;
}

static char *find_file(const struct mallow_source *source, const char *name)
{
	char *bytes = NULL, *path;

	if (*name != '/' && source->root &&
	    asprintf(&path, "%s/%s", source->root, name) >= 0) {
		bytes = read_file(path);
		free(path);
	}
	return bytes ? bytes : read_file(name);
}

static void split(struct text *text)
{
	struct mlw_error ignored;
	char *at = text->bytes;

	while (at && *at) {
		char *end = strchr(at, '\n');

		if (mlw_grow(&text->lines, &text->capacity, text->count + 1,
		             sizeof(*text->lines), &ignored))
			return;
		text->lines[text->count++] = at;
		if (end)
			*end = '\0';
		at = end ? end + 1 : NULL;
	}
}

/* There are about as many as rows on a screen. */
static struct text *find_text(struct mallow_source *source, const char *name)
{
	struct mlw_error ignored;
	struct text *text;

	for (size_t i = 0; i < source->count; i++) {
		if (!strcmp(source->texts[i].name, name))
			return &source->texts[i];
	}
	if (mlw_grow(&source->texts, &source->capacity, source->count + 1,
	             sizeof(*source->texts), &ignored))
		return NULL;
	text = &source->texts[source->count];
	*text = (struct text){ .name = strdup(name) };
	if (!text->name)
		return NULL;
	source->count++;
	text->bytes = find_file(source, name);
	split(text);
	return text;
}

static char *trim(char *line)
{
	size_t length;

	while (isspace((unsigned char)*line))
		line++;
	length = strlen(line);
	while (length && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
	for (char *at = line; *at; at++) {
		if (*at == '\t')
			*at = ' ';
	}
	return line;
}

const char *mlw_source_line(struct mallow_source *source, const char *file, uint32_t line)
{
	const struct text *text = file && line ? find_text(source, file) : NULL;

	if (!text || line > text->count)
		return NULL;
	text->lines[line - 1] = trim(text->lines[line - 1]);
	return *text->lines[line - 1] ? text->lines[line - 1] : NULL;
}
