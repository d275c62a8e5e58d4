/* SPDX-License-Identifier: MIT */
#include "symbol/debugfile.h"

#include <dlfcn.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

#define DEBUG_ROOT "/usr/lib/debug"

/* What a candidate must be. */
struct wanted {
	struct mlw_build_id id;
	uint32_t crc; /* compared when there is no build-id */
};

struct mlw_build_id mlw_build_id_of(Elf *elf)
{
	struct mlw_build_id id = { 0 };
	ssize_t size = dwelf_elf_gnu_build_id(elf, &id.bytes);

	id.size = size > 0 ? (size_t)size : 0;
	return id;
}

int mlw_build_id_equal(struct mlw_build_id a, struct mlw_build_id b)
{
	return a.size == b.size && (!a.size || !memcmp(a.bytes, b.bytes, a.size));
}

/* The checksum of .gnu_debuglink: CRC-32 of IEEE 802.3, reflected, four bits at a time.
 */
static uint32_t crc_add(uint32_t crc, const unsigned char *bytes, size_t size)
{
	static const uint32_t step[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	crc = ~crc;
	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ step[crc & 15];
		crc = crc >> 4 ^ step[crc & 15];
	}
	return ~crc;
}

static int has_crc(int fd, uint32_t wanted)
{
	unsigned char buffer[16384];
	uint32_t crc = 0;
	off_t at = 0;
	ssize_t got;

	while ((got = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		crc = crc_add(crc, buffer, (size_t)got);
		at += got;
	}
	return got == 0 && crc == wanted;
}

static int has_build_id(int fd, struct mlw_build_id wanted)
{
	Elf *elf;
	int result;

	/* Nothing else of libelf need have been used before. */
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	result = elf && mlw_build_id_equal(mlw_build_id_of(elf), wanted);
	elf_end(elf);
	return result;
}

static int is_wanted(int fd, const struct wanted *wanted)
{
	return wanted->id.size ? has_build_id(fd, wanted->id) : has_crc(fd, wanted->crc);
}

/* Takes over `path`, and hands it on when the file is the right one. */
static int try_file(char *path, const struct wanted *wanted, char **found)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

	if (fd >= 0 && is_wanted(fd, wanted)) {
		*found = path;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return -1;
}

static char *build_id_path(struct mlw_build_id id)
{
	struct mlw_strbuf path = MLW_STRBUF_INIT;
	const unsigned char *bytes = id.bytes;

	mlw_strbuf_puts(&path, DEBUG_ROOT "/.build-id/");
	for (size_t i = 0; i < id.size; i++)
		mlw_strbuf_printf(&path, i == 0 ? "%02x/" : "%02x", bytes[i]);
	mlw_strbuf_puts(&path, ".debug");
	return mlw_strbuf_detach(&path);
}

static char *link_path(const char *root, const char *folder, const char *between,
                       const char *link)
{
	struct mlw_strbuf path = MLW_STRBUF_INIT;

	mlw_strbuf_printf(&path, "%s%s/%s%s", root, folder, between, link);
	return mlw_strbuf_detach(&path);
}

/* The three places relative to the object's folder. */
static int open_by_link(const char *folder, const char *link, const struct wanted *wanted,
                        char **found)
{
	int fd = try_file(link_path("", folder, "", link), wanted, found);

	if (fd < 0)
		fd = try_file(link_path("", folder, ".debug/", link), wanted, found);
	if (fd < 0 && folder[0] == '/')
		fd = try_file(link_path(DEBUG_ROOT, folder, "", link), wanted, found);
	return fd;
}

int mlw_debugfile_open_by_build_id(struct mlw_build_id id, char **found)
{
	struct wanted wanted = { .id = id };

	/* One byte names the folder; at least one more must name the file. */
	if (id.size < 2)
		return -1;
	return try_file(build_id_path(id), &wanted, found);
}

int mlw_debugfile_open(Elf *elf, const char *path, char **found)
{
	struct wanted wanted = { .id = mlw_build_id_of(elf) };
	const char *link = dwelf_elf_gnu_debuglink(elf, &wanted.crc);
	int fd = mlw_debugfile_open_by_build_id(wanted.id, found);
	char *copy;

	if (fd >= 0 || !link || !*link || !path)
		return fd;
	copy = strdup(path);
	if (!copy)
		return -1;
	fd = open_by_link(dirname(copy), link, &wanted, found);
	free(copy);
	return fd;
}

/* The part of libdebuginfod's interface that is needed (elfutils/debuginfod.h). */
struct debuginfod {
	void *(*begin)(void);
	int (*find)(void *client, const unsigned char *id, int size, char **path);
	void (*end)(void *client);
};

/* By dlopen, so that nobody needs libcurl for what is off by default. */
static int load_debuginfod(struct debuginfod *lib)
{
	void *handle = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return -1;
	*(void **)&lib->begin = dlsym(handle, "debuginfod_begin");
	*(void **)&lib->find = dlsym(handle, "debuginfod_find_debuginfo");
	*(void **)&lib->end = dlsym(handle, "debuginfod_end");
	return lib->begin && lib->find && lib->end ? 0 : -1;
}

int mlw_debugfile_download(struct mlw_build_id id, char **found)
{
	struct debuginfod lib;
	void *client;
	int fd;

	if (!id.size || !getenv("DEBUGINFOD_URLS") || load_debuginfod(&lib))
		return -1;
	client = lib.begin();
	if (!client)
		return -1;
	fd = lib.find(client, id.bytes, (int)id.size, found);
	lib.end(client);
	if (fd >= 0 && !has_build_id(fd, id)) {
		close(fd);
		free(*found);
		fd = -1;
	}
	return fd >= 0 ? fd : -1;
}
