/* SPDX-License-Identifier: MIT */
#include "symbol/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/strbuf.h"

#define SIZE_LIMIT  (8u << 20) /* bytes of one file */
#define SYMBOLS_MAX 256u /* inlined into each other at one address */
#define TITLE       "mallow-symbols " MALLOW_VERSION " "

struct entry {
	uint64_t offset;
	size_t first, count; /* in symbols */
};

struct mlw_symbol_cache {
	char path[PATH_MAX];
	char *text; /* as it was read; names point into it, their ends made NUL */
	struct entry *entries; /* by offset */
	size_t entry_count, entry_capacity;
	struct mlw_symbol *symbols;
	size_t symbol_count, symbol_capacity;
	struct mlw_strbuf content; /* the file's, without its title */
	bool changed;
};

uint64_t mlw_symbol_cache_sum(const char *text, size_t size)
{
	uint64_t sum = mlw_hash64(size), word = 0;

	for (; size >= sizeof(word); text += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		sum = mlw_hash64(sum ^ word);
	}
	word = 0;
	memcpy(&word, text, size);
	return mlw_hash64(sum ^ word);
}

/* The folder, made when it is not there; nobody else's is used. */
static bool find_folder(char *path, size_t size)
{
	const char *off = getenv("MALLOW_SYMBOL_CACHE");
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct stat status;
	int length;

	if (off && !strcmp(off, "0"))
		return false;
	if (base && *base == '/')
		length = snprintf(path, size, "%s", base);
	else if (home && *home == '/')
		length = snprintf(path, size, "%s/.cache", home);
	else
		return false;
	if (length < 0 || (size_t)length + sizeof("/mallow") > size ||
	    (mkdir(path, 0700) && errno != EEXIST))
		return false;
	memcpy(path + length, "/mallow", sizeof("/mallow"));
	if (mkdir(path, 0700) && errno != EEXIST)
		return false;
	return !stat(path, &status) && S_ISDIR(status.st_mode) &&
	       status.st_uid == geteuid();
}

/* "FOLDER/BUILDID-SIZE-TIME" of its debug file; false when there is no such file. */
static bool name_file(struct mlw_build_id id, char *path, size_t size)
{
	const uint8_t *bytes = id.bytes;
	struct stat status;
	size_t length;
	char *found;
	int fd = mlw_debugfile_open_by_build_id(id, &found), failed;

	if (fd < 0)
		return false;
	free(found);
	failed = fstat(fd, &status);
	close(fd);
	length = strlen(path);
	if (failed || length + 2 * id.size + 64 > size)
		return false;
	path[length++] = '/';
	for (size_t i = 0; i < id.size; i++)
		length +=
		        (size_t)snprintf(path + length, size - length, "%02x", bytes[i]);
	snprintf(path + length, size - length, "-%jx-%jx", (uintmax_t)status.st_size,
	         (uintmax_t)status.st_mtim.tv_sec);
	return true;
}

/* The whole file with a NUL behind it, or NULL. */
static char *read_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat status;
	char *text = NULL;
	ssize_t got = -1;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_size > 0 &&
	    status.st_size <= (off_t)SIZE_LIMIT)
		text = malloc((size_t)status.st_size + 1);
	if (text)
		got = read(fd, text, (size_t)status.st_size);
	close(fd);
	if (!text || got != status.st_size) {
		free(text);
		return NULL;
	}
	text[got] = '\0';
	*size = (size_t)got;
	return text;
}

/* Behind the title line, if that and the checksum are right. */
static char *check_title(char *text, size_t size)
{
	char *end = memchr(text, '\n', size);
	uint64_t sum;

	if (!end || strncmp(text, TITLE, strlen(TITLE)))
		return NULL;
	sum = strtoull(text + strlen(TITLE), NULL, 16);
	end++;
	return sum == mlw_symbol_cache_sum(end, size - (size_t)(end - text)) ? end : NULL;
}

/* Cuts the line at `*at` out of the text; NULL at its end. */
static char *next_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line;
}

static const char *name_or_null(const char *name)
{
	return *name ? name : NULL;
}

static bool read_symbol(struct mlw_symbol_cache *cache, char *line)
{
	char *function = line ? strchr(line, '\t') : NULL;
	char *file = function ? strchr(function + 1, '\t') : NULL;
	struct mlw_error err;
	unsigned inlined;
	uint32_t number;

	if (!file || sscanf(line, "%u %u", &number, &inlined) != 2 ||
	    mlw_grow(&cache->symbols, &cache->symbol_capacity, cache->symbol_count + 1,
	             sizeof(*cache->symbols), &err))
		return false;
	*file++ = '\0';
	cache->symbols[cache->symbol_count++] =
	        (struct mlw_symbol){ .function = name_or_null(function + 1),
		                     .file = name_or_null(file),
		                     .line = number,
		                     .inlined = inlined != 0 };
	return true;
}

static bool read_entry(struct mlw_symbol_cache *cache, const char *line, char **at)
{
	struct entry entry = { .first = cache->symbol_count };
	struct mlw_error err;
	unsigned long long offset;

	if (sscanf(line, "%llx %zu", &offset, &entry.count) != 2 ||
	    entry.count > SYMBOLS_MAX ||
	    mlw_grow(&cache->entries, &cache->entry_capacity, cache->entry_count + 1,
	             sizeof(*cache->entries), &err))
		return false;
	entry.offset = offset;
	for (size_t i = 0; i < entry.count; i++)
		if (!read_symbol(cache, next_line(at)))
			return false;
	cache->entries[cache->entry_count++] = entry;
	return true;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

static void load(struct mlw_symbol_cache *cache)
{
	size_t size = 0;
	char *at, *line;

	cache->text = read_file(cache->path, &size);
	at = cache->text ? check_title(cache->text, size) : NULL;
	if (!at)
		return;
	mlw_strbuf_add(&cache->content, at, size - (size_t)(at - cache->text));
	while ((line = next_line(&at)))
		if (!read_entry(cache, line, &at))
			break;
	if (cache->entry_count)
		qsort(cache->entries, cache->entry_count, sizeof(*cache->entries),
		      compare_entries);
}

struct mlw_symbol_cache *mlw_symbol_cache_open(struct mlw_build_id id)
{
	struct mlw_symbol_cache *cache;

	if (!id.size)
		return NULL;
	cache = calloc(1, sizeof(*cache));
	if (!cache)
		return NULL;
	if (!find_folder(cache->path, sizeof(cache->path)) ||
	    !name_file(id, cache->path, sizeof(cache->path))) {
		free(cache);
		return NULL;
	}
	mlw_strbuf_init(&cache->content);
	load(cache);
	return cache;
}

bool mlw_symbol_cache_find(const struct mlw_symbol_cache *cache, uint64_t offset,
                           const struct mlw_symbol **symbols, size_t *count)
{
	const struct entry key = { .offset = offset };
	const struct entry *found;

	if (!cache || !cache->entry_count)
		return false;
	found = bsearch(&key, cache->entries, cache->entry_count, sizeof(key),
	                compare_entries);
	if (!found)
		return false;
	*symbols = cache->symbols + found->first;
	*count = found->count;
	return true;
}

static bool is_plain(const char *name)
{
	return !name || (*name && !strpbrk(name, "\t\n"));
}

void mlw_symbol_cache_add(struct mlw_symbol_cache *cache, uint64_t offset,
                          const struct mlw_symbol *symbols, size_t count)
{
	if (!cache || count > SYMBOLS_MAX || cache->content.length > SIZE_LIMIT / 2)
		return;
	for (size_t i = 0; i < count; i++)
		if (!is_plain(symbols[i].function) || !is_plain(symbols[i].file))
			return;
	mlw_strbuf_printf(&cache->content, "%llx %zu\n", (unsigned long long)offset,
	                  count);
	for (size_t i = 0; i < count; i++)
		mlw_strbuf_printf(&cache->content, "%u %d\t%s\t%s\n", symbols[i].line,
		                  symbols[i].inlined,
		                  symbols[i].function ? symbols[i].function : "",
		                  symbols[i].file ? symbols[i].file : "");
	cache->changed = true;
}

/* Another run may do the same at this time: whose file comes last stays, whole. */
static void save(const struct mlw_symbol_cache *cache)
{
	const struct mlw_strbuf *content = &cache->content;
	char temporary[PATH_MAX + 8];
	FILE *file;
	bool good;
	int fd;

	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", cache->path);
	fd = mkostemp(temporary, O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		if (fd >= 0)
			close(fd);
		return;
	}
	fprintf(file, TITLE "%llx\n",
	        (unsigned long long)mlw_symbol_cache_sum(content->text, content->length));
	good = fwrite(content->text, 1, content->length, file) == content->length;
	if (fclose(file) || !good || rename(temporary, cache->path))
		unlink(temporary);
}

void mlw_symbol_cache_close(struct mlw_symbol_cache *cache)
{
	if (!cache)
		return;
	if (cache->changed && !mlw_strbuf_failed(&cache->content))
		save(cache);
	mlw_strbuf_release(&cache->content);
	free(cache->symbols);
	free(cache->entries);
	free(cache->text);
	free(cache);
}
