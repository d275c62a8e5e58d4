/* SPDX-License-Identifier: MIT */
#include "record/objects.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>

#include "record/sys.h"

#define PAGE          4096u
#define TABLE_OBJECTS 4096u
#define READ_TRIES    64

/* glibc 2.35's _dl_find_object; NULL with an older one, and then the loader's list of
 * modules, by name too: a reference would make the loader a library that we need. */
static int (*find_object)(void *, struct dl_find_object *);
static const struct r_debug *loader;

/*
 * The program and the loader, which the kernel mapped. Where one has a hole between its
 * segments, _dl_find_object tells the segment that holds the pc instead of the whole,
 * whose first page has the program headers. Written once, at load.
 */
static struct mlw_object by_kernel[2];

/*
 * Without it: all loaded objects, sorted by address. One writer at a time; a reader that
 * saw the sequence odd or moving reads again.
 */
static struct mlw_object *table;
static _Atomic uint32_t table_count;
static _Atomic uint32_t table_sequence;
static _Atomic uint32_t table_wanted; /* changes not yet in the table */

/* The headers, which were mapped with the first page of the first segment. */
static const ElfW(Phdr) *
        program_headers(const struct mlw_object *object, uint32_t *count)
{
	const ElfW(Ehdr) *elf = (const ElfW(Ehdr) *)object->start;

	if (object->start & (PAGE - 1) || memcmp(elf->e_ident, ELFMAG, SELFMAG) ||
	    elf->e_phentsize != sizeof(ElfW(Phdr)) || elf->e_phoff > PAGE ||
	    elf->e_phoff + elf->e_phnum * sizeof(ElfW(Phdr)) > PAGE)
		return NULL;
	*count = elf->e_phnum;
	return (const ElfW(Phdr) *)(object->start + elf->e_phoff);
}

/* The object whose first page is at `start`. */
static void find_whole(struct mlw_object *object, uintptr_t start)
{
	const ElfW(Phdr) * headers;
	uintptr_t first = UINTPTR_MAX, end = 0;
	uint32_t count = 0;

	*object = (struct mlw_object){ .start = start };
	headers = start ? program_headers(object, &count) : NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (headers[i].p_type != PT_LOAD)
			continue;
		if (headers[i].p_vaddr < first)
			first = headers[i].p_vaddr & ~(uintptr_t)(PAGE - 1);
		if (headers[i].p_vaddr + headers[i].p_memsz > end)
			end = headers[i].p_vaddr + headers[i].p_memsz;
	}
	object->end = start + (end > first ? end - first : 0);
}

static void find_by_kernel(void)
{
	unsigned long (*get)(unsigned long);
	void *found = dlsym(RTLD_DEFAULT, "getauxval");

	memcpy(&get, &found, sizeof(found));
	if (!get)
		return;
	find_whole(&by_kernel[0], get(AT_PHDR) & ~(uintptr_t)(PAGE - 1));
	find_whole(&by_kernel[1], get(AT_BASE));
}

/* In a forked child all of it is as in its parent. */
void mlw_objects_init(void)
{
	static _Atomic uint32_t begun;
	void *found;

	if (atomic_exchange(&begun, 1))
		return;
	found = dlsym(RTLD_DEFAULT, "_dl_find_object");

	memcpy(&find_object, &found, sizeof(found));
	if (find_object) {
		find_by_kernel();
		return;
	}
	loader = dlsym(RTLD_DEFAULT, "_r_debug");
	table = mlw_sys_map(TABLE_OBJECTS * sizeof(*table));
	mlw_objects_changed();
}

static const struct link_map *link_map_of(uintptr_t bias, const ElfW(Dyn) * dynamic)
{
	const struct link_map *map;

	for (map = loader ? loader->r_map : NULL; map; map = map->l_next)
		if (map->l_addr == bias && map->l_ld == dynamic)
			return map;
	return NULL;
}

static void insert(const struct mlw_object *object)
{
	uint32_t count = atomic_load_explicit(&table_count, memory_order_relaxed);
	uint32_t i = count;

	if (count == TABLE_OBJECTS)
		return;
	for (; i > 0 && table[i - 1].start > object->start; i--)
		table[i] = table[i - 1];
	table[i] = *object;
	atomic_store_explicit(&table_count, count + 1, memory_order_relaxed);
}

static int add_object(struct dl_phdr_info *info, size_t size, void *unused)
{
	struct mlw_object object = { .start = UINTPTR_MAX };
	const ElfW(Dyn) *dynamic = NULL;

	(void)size;
	(void)unused;
	for (uint32_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;

		if (header->p_type == PT_LOAD && start < object.start)
			object.start = start & ~(uintptr_t)(PAGE - 1);
		if (header->p_type == PT_LOAD && start + header->p_memsz > object.end)
			object.end = start + header->p_memsz;
		if (header->p_type == PT_GNU_EH_FRAME)
			object.eh_frame_hdr = (const uint8_t *)start;
		if (header->p_type == PT_DYNAMIC)
			dynamic = (const ElfW(Dyn) *)start;
	}
	object.map = link_map_of(info->dlpi_addr, dynamic);
	if (object.start < object.end)
		insert(&object);
	return 0;
}

/* Whoever finds a writer at work leaves it to that one to look again. */
void mlw_objects_changed(void)
{
	uint32_t wanted;

	if (find_object || !table)
		return;
	if (atomic_fetch_add(&table_wanted, 1))
		return;
	do {
		wanted = atomic_load(&table_wanted);
		atomic_fetch_add(&table_sequence, 1);
		atomic_store(&table_count, 0);
		dl_iterate_phdr(add_object, NULL);
		atomic_fetch_add(&table_sequence, 1);
	} while (atomic_fetch_sub(&table_wanted, wanted) != wanted);
}

static bool search_table(uintptr_t pc, struct mlw_object *object)
{
	uint32_t low = 0, high = atomic_load(&table_count);

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (table[middle].start <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	*object = table[low - 1];
	return pc < object->end;
}

static bool find_in_table(uintptr_t pc, struct mlw_object *object)
{
	for (int i = 0; table && i < READ_TRIES; i++) {
		uint32_t before = atomic_load(&table_sequence);
		bool found = search_table(pc, object);

		atomic_thread_fence(memory_order_acquire);
		if (!(before & 1) && atomic_load(&table_sequence) == before)
			return found;
	}
	return false;
}

static void make_whole(uintptr_t pc, struct mlw_object *object)
{
	for (int i = 0; i < 2; i++) {
		if (pc >= by_kernel[i].start && pc < by_kernel[i].end) {
			object->start = by_kernel[i].start;
			object->end = by_kernel[i].end;
		}
	}
}

bool mlw_object_find(uintptr_t pc, struct mlw_object *object)
{
	struct dl_find_object found;

	if (!find_object)
		return find_in_table(pc, object);
	/* The loader takes the pointer as a number; it never writes through it. */
	if (find_object((void *)pc, &found))
		return false;
	object->start = (uintptr_t)found.dlfo_map_start;
	object->end = (uintptr_t)found.dlfo_map_end;
	object->eh_frame_hdr = found.dlfo_eh_frame;
	object->map = found.dlfo_link_map;
	make_whole(pc, object);
	return true;
}

bool mlw_object_segment(const struct mlw_object *object, uintptr_t address,
                        const uint8_t **start, const uint8_t **end)
{
	uint32_t count = 0;
	const ElfW(Phdr) *headers = program_headers(object, &count);
	uintptr_t bias = 0;
	bool biased = false;

	for (uint32_t i = 0; i < count; i++) {
		if (headers[i].p_type != PT_LOAD)
			continue;
		if (!biased)
			bias = object->start -
			       (headers[i].p_vaddr & ~(uintptr_t)(PAGE - 1));
		biased = true;
		if (!(headers[i].p_flags & PF_R) ||
		    address - (bias + headers[i].p_vaddr) >= headers[i].p_filesz)
			continue;
		*start = (const uint8_t *)(bias + headers[i].p_vaddr);
		*end = *start + headers[i].p_filesz;
		return true;
	}
	return false;
}
