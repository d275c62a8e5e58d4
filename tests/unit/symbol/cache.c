/* SPDX-License-Identifier: MIT */
#include "symbol/cache.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBC "/lib/x86_64-linux-gnu/libc.so.6" /* its debug file is libc6-dbg's */

static char folder[] = "/tmp/mallow-cache.XXXXXX";
static char bytes[64];
static struct mlw_build_id libc;

static void start(void)
{
	int fd = open(LIBC, O_RDONLY);
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	libc = mlw_build_id_of(elf);
	cr_assert_leq(libc.size, sizeof(bytes));
	memcpy(bytes, libc.bytes, libc.size);
	libc.bytes = bytes;
	elf_end(elf);
	close(fd);
	cr_assert(mkdtemp(folder) != NULL);
	unsetenv("MALLOW_SYMBOL_CACHE");
	setenv("XDG_CACHE_HOME", folder, 1);
}

/* The one file of the cache, or "" */
static const char *file(void)
{
	static char path[PATH_MAX];
	char inside[PATH_MAX / 2];
	struct dirent *entry;
	DIR *dir;

	path[0] = '\0';
	snprintf(inside, sizeof(inside), "%s/mallow", folder);
	dir = opendir(inside);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(path, sizeof(path), "%s/%s", inside, entry->d_name);
	if (dir)
		closedir(dir);
	return path;
}

static void stop(void)
{
	char inside[PATH_MAX / 2];

	unlink(file());
	snprintf(inside, sizeof(inside), "%s/mallow", folder);
	rmdir(inside);
	rmdir(folder);
}

TestSuite(cache, .init = start, .fini = stop);

static struct mlw_symbol_cache *open_cache(void)
{
	struct mlw_symbol_cache *cache = mlw_symbol_cache_open(libc);

	if (!cache)
		cr_skip_test("no debug file of libc here");
	return cache;
}

static void remember(void)
{
	const struct mlw_symbol both[] = {
		{ .function = "inner<int, char>(long)",
		  .file = "/a b.c",
		  .line = 7,
		  .inlined = true },
		{ .function = "outer", .line = 9 },
	};
	struct mlw_symbol_cache *cache = open_cache();

	mlw_symbol_cache_add(cache, 0x2000, both, 2);
	mlw_symbol_cache_add(cache, 0x1000, NULL, 0);
	mlw_symbol_cache_close(cache);
}

Test(cache, what_was_added_comes_back)
{
	struct mlw_symbol_cache *cache;
	const struct mlw_symbol *symbols;
	size_t count;

	remember();
	cache = open_cache();
	cr_assert(mlw_symbol_cache_find(cache, 0x1000, &symbols, &count));
	cr_expect_eq(count, 0);
	cr_assert(mlw_symbol_cache_find(cache, 0x2000, &symbols, &count));
	cr_assert_eq(count, 2);
	cr_expect_str_eq(symbols[0].function, "inner<int, char>(long)");
	cr_expect_str_eq(symbols[0].file, "/a b.c");
	cr_expect_eq(symbols[0].line, 7);
	cr_expect(symbols[0].inlined);
	cr_expect_str_eq(symbols[1].function, "outer");
	cr_expect(symbols[1].file == NULL);
	cr_expect_not(symbols[1].inlined);
	cr_expect_not(mlw_symbol_cache_find(cache, 0x3000, &symbols, &count));
	mlw_symbol_cache_close(cache);
}

Test(cache, more_is_added_to_what_was_there)
{
	struct mlw_symbol_cache *cache;
	const struct mlw_symbol *symbols;
	const struct mlw_symbol one = { .function = "third" };
	size_t count;

	remember();
	cache = open_cache();
	mlw_symbol_cache_add(cache, 0x3000, &one, 1);
	mlw_symbol_cache_close(cache);
	cache = open_cache();
	cr_expect(mlw_symbol_cache_find(cache, 0x2000, &symbols, &count));
	cr_expect(mlw_symbol_cache_find(cache, 0x3000, &symbols, &count));
	mlw_symbol_cache_close(cache);
}

Test(cache, a_damaged_file_knows_nothing)
{
	struct stat status;
	char *path;

	remember();
	path = strdup(file());
	cr_assert_eq(stat(path, &status), 0);
	for (off_t i = 0; i < status.st_size; i++) {
		struct mlw_symbol_cache *cache;
		const struct mlw_symbol *symbols;
		int fd = open(path, O_RDWR);
		char was, is;
		size_t count;

		cr_assert_eq(pread(fd, &was, 1, i), 1);
		is = (char)(was ^ 4);
		cr_assert_eq(pwrite(fd, &is, 1, i), 1);
		cache = open_cache();
		cr_expect_not(mlw_symbol_cache_find(cache, 0x2000, &symbols, &count),
		              "byte %ld", (long)i);
		mlw_symbol_cache_close(cache);
		cr_assert_eq(pwrite(fd, &was, 1, i), 1);
		close(fd);
	}
	free(path);
}

Test(cache, there_is_none_without_a_debug_file_or_when_it_is_off)
{
	const struct mlw_build_id unknown = { "0123456789", 10 };
	const struct mlw_build_id none = { NULL, 0 };

	cr_expect(mlw_symbol_cache_open(unknown) == NULL);
	cr_expect(mlw_symbol_cache_open(none) == NULL);
	setenv("MALLOW_SYMBOL_CACHE", "0", 1);
	cr_expect(mlw_symbol_cache_open(libc) == NULL);
}

Test(cache, names_that_its_lines_cannot_hold_are_left_out)
{
	const struct mlw_symbol odd = { .function = "a\nb" };
	struct mlw_symbol_cache *cache = open_cache();

	mlw_symbol_cache_add(cache, 0x1000, &odd, 1);
	mlw_symbol_cache_close(cache);
	cr_expect_str_empty(file());
}

/* The build-id of the C library that this test itself runs with, read without libelf. */
static int find_libc(struct dl_phdr_info *info, size_t size, void *context)
{
	struct mlw_build_id *id = context;

	(void)size;
	for (size_t i = 0; strstr(info->dlpi_name, "libc.so") && i < info->dlpi_phnum;
	     i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		const char *note = (const char *)(info->dlpi_addr + header->p_vaddr);
		const ElfW(Nhdr) *head = (const void *)note;

		if (header->p_type != PT_NOTE || head->n_type != NT_GNU_BUILD_ID)
			continue;
		id->bytes = (const void *)(note + sizeof(*head) + sizeof("GNU"));
		id->size = head->n_descsz;
		return 1;
	}
	return 0;
}

/* A collector's first question of all may be for the C library's debug file. */
Test(debugfile, is_found_before_anything_else_was_asked_of_libelf)
{
	struct mlw_build_id id = { 0 };
	char *path = NULL;
	int fd;

	dl_iterate_phdr(find_libc, &id);
	cr_assert_gt(id.size, 2);
	fd = mlw_debugfile_open_by_build_id(id, &path);
	cr_assert_geq(fd, 0);
	free(path);
	close(fd);
}
