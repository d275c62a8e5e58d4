/* SPDX-License-Identifier: MIT */
#include "record/modules.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "record/session.h"
#include "record/sys.h"

#define ANNOUNCED        1024u /* a power of 2 */
#define WAIT_SLICE_NS    1000000
#define WAIT_SLICES      5000
#define NOTE_ALIGN(size) (((size) + 3u) & ~(size_t)3u)

_Atomic uint32_t mlw_generation;

/*
 * What has been announced: start address and generation in one word, so that it is read
 * and written whole. Two threads may announce the same module at once, and an entry may
 * be overwritten by another: either costs a second announcement, no more.
 */
static _Atomic uint64_t announced[ANNOUNCED];

static uint64_t announced_key(uintptr_t start, uint32_t generation)
{
	return (uint64_t)start << 16 | (generation & 0xffff);
}

static _Atomic uint64_t *announced_slot(uint64_t key)
{
	return &announced[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
}

/* Slot `number` is free once the collector has taken what was there a lap ago. */
static bool wait_for_slot(const struct mlw_segment *segment, uint64_t number)
{
	const struct timespec slice = { .tv_nsec = WAIT_SLICE_NS };

	for (int i = 0; i < WAIT_SLICES; i++) {
		if (number < atomic_load(&segment->module_tail) + MLW_MODULE_SLOTS)
			return true;
		if (mlw_session_collector_gone())
			return false;
		mlw_session_wake();
		mlw_sys3(SYS_nanosleep, (long)&slice, 0, 0);
	}
	return false;
}

/* ELF gABI, note section: name size, description size, type, name, description. */
static void find_build_id(struct mlw_module_slot *slot, const uint8_t *note, size_t size)
{
	while (size >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *header = (const void *)note;
		size_t name = NOTE_ALIGN((size_t)header->n_namesz);
		size_t description = NOTE_ALIGN((size_t)header->n_descsz);

		if (name > size || description > size ||
		    sizeof(*header) + name + description > size)
			return;
		if (header->n_type == NT_GNU_BUILD_ID && header->n_namesz == 4 &&
		    !memcmp(header + 1, "GNU", 4) &&
		    header->n_descsz <= MLW_BUILD_ID_MAX) {
			slot->build_id_size = header->n_descsz;
			memcpy(slot->build_id, note + sizeof(*header) + name,
			       header->n_descsz);
			return;
		}
		note += sizeof(*header) + name + description;
		size -= sizeof(*header) + name + description;
	}
}

/* The ELF header is mapped at the start of every object that a linker of today makes. */
static void read_headers(struct mlw_module_slot *slot, const struct mlw_object *object)
{
	const ElfW(Ehdr) *header = (const void *)object->start;
	const ElfW(Phdr) * segments;

	if (memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_phentsize != sizeof(*segments) ||
	    header->e_phoff + header->e_phnum * sizeof(*segments) > 4096)
		return;
	segments = (const void *)(object->start + header->e_phoff);
	for (int i = 0; i < header->e_phnum && !slot->build_id_size; i++) {
		uintptr_t at = slot->bias + segments[i].p_vaddr;

		if (segments[i].p_type != PT_NOTE || at < object->start ||
		    at + segments[i].p_memsz > object->end)
			continue;
		find_build_id(slot, (const uint8_t *)at, segments[i].p_memsz);
	}
}

static void fill(struct mlw_module_slot *slot, const struct mlw_object *object,
                 uint32_t generation)
{
	const char *path = object->map && object->map->l_name ? object->map->l_name : "";
	size_t size = strlen(path);

	slot->start = object->start;
	slot->end = object->end;
	slot->bias = object->map ? object->map->l_addr : 0;
	slot->generation = generation;
	slot->build_id_size = 0;
	slot->path_size = (uint32_t)(size < MLW_MODULE_PATH ? size : MLW_MODULE_PATH);
	memcpy(slot->path, path, slot->path_size);
	slot->path[slot->path_size] = '\0';
	read_headers(slot, object);
}

void mlw_module_announce(const struct mlw_object *object)
{
	uint32_t generation = atomic_load_explicit(&mlw_generation, memory_order_acquire);
	uint64_t key = announced_key(object->start, generation), number;
	struct mlw_module_slot *slot;
	struct mlw_segment *segment;

	if (atomic_load_explicit(announced_slot(key), memory_order_acquire) == key)
		return;
	if (!mlw_session || !mlw_session->segment)
		return;
	segment = mlw_session->segment;
	number = atomic_fetch_add(&segment->module_head, 1);
	if (!wait_for_slot(segment, number))
		return;
	slot = &segment->modules[number % MLW_MODULE_SLOTS];
	fill(slot, object, generation);
	atomic_store_explicit(&slot->ready, number + 1, memory_order_release);
	atomic_store_explicit(announced_slot(key), key, memory_order_release);
}
