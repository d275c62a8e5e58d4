/* SPDX-License-Identifier: MIT */
#ifndef MLW_OBJECTS_H
#define MLW_OBJECTS_H

/*
 * Which loaded object a pc belongs to, without locks and without libc calls that take
 * any: _dl_find_object (glibc 2.35 and later, looked up at load time), or a table of our
 * own made by dl_iterate_phdr at load, dlopen and dlclose time.
 */

#include <stdbool.h>
#include <stdint.h>

struct link_map;

struct mlw_object {
	uintptr_t start, end; /* the object that holds the pc */
	const uint8_t *eh_frame_hdr; /* PT_GNU_EH_FRAME, or NULL */
	const struct link_map *map; /* borrowed from the loader; NULL when unknown */
};

/* Call once at load, before any other; and (fallback table only) after dlopen and
 * dlclose. Never fails: without _dl_find_object and without memory nothing is found. */
void mlw_objects_init(void);
void mlw_objects_changed(void);

/* False if no loaded object holds the pc (JIT code, the vdso on some kernels). */
bool mlw_object_find(uintptr_t pc, struct mlw_object *object);

/*
 * The bounds of the object's readable PT_LOAD segment that holds `address`, by its
 * program headers: between its segments an object has holes that must not be read.
 */
bool mlw_object_segment(const struct mlw_object *object, uintptr_t address,
                        const uint8_t **start, const uint8_t **end);

#endif /* MLW_OBJECTS_H */
