/* SPDX-License-Identifier: MIT */
/*
 * C++ operator new and delete (Itanium C++ ABI names). libstdc++'s own call malloc and
 * free, which are recorded there: those are entered by a jump and leave no frame.
 * jemalloc and tcmalloc bring operators that never call malloc: those are recorded here.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

#include "record/outer.h"
#include "record/public.h"
#include "record/real.h"
#include "record/record.h"

#define FRAME  ((const uintptr_t *)__builtin_frame_address(0))
#define CALLER __builtin_return_address(0)

enum operator{
	NEW,
	NEW_ARRAY,
	NEW_NOTHROW,
	NEW_ARRAY_NOTHROW,
	NEW_ALIGNED,
	NEW_ARRAY_ALIGNED,
	NEW_ALIGNED_NOTHROW,
	NEW_ARRAY_ALIGNED_NOTHROW,
	DELETE,
	DELETE_SIZED,
	DELETE_NOTHROW,
	DELETE_ALIGNED,
	DELETE_SIZED_ALIGNED,
	DELETE_ALIGNED_NOTHROW,
	DELETE_ARRAY,
	DELETE_ARRAY_SIZED,
	DELETE_ARRAY_NOTHROW,
	DELETE_ARRAY_ALIGNED,
	DELETE_ARRAY_SIZED_ALIGNED,
	DELETE_ARRAY_ALIGNED_NOTHROW,
	OPERATORS,
};

static const char *const names[OPERATORS] = {
	[NEW] = "_Znwm",
	[NEW_ARRAY] = "_Znam",
	[NEW_NOTHROW] = "_ZnwmRKSt9nothrow_t",
	[NEW_ARRAY_NOTHROW] = "_ZnamRKSt9nothrow_t",
	[NEW_ALIGNED] = "_ZnwmSt11align_val_t",
	[NEW_ARRAY_ALIGNED] = "_ZnamSt11align_val_t",
	[NEW_ALIGNED_NOTHROW] = "_ZnwmSt11align_val_tRKSt9nothrow_t",
	[NEW_ARRAY_ALIGNED_NOTHROW] = "_ZnamSt11align_val_tRKSt9nothrow_t",
	[DELETE] = "_ZdlPv",
	[DELETE_SIZED] = "_ZdlPvm",
	[DELETE_NOTHROW] = "_ZdlPvRKSt9nothrow_t",
	[DELETE_ALIGNED] = "_ZdlPvSt11align_val_t",
	[DELETE_SIZED_ALIGNED] = "_ZdlPvmSt11align_val_t",
	[DELETE_ALIGNED_NOTHROW] = "_ZdlPvSt11align_val_tRKSt9nothrow_t",
	[DELETE_ARRAY] = "_ZdaPv",
	[DELETE_ARRAY_SIZED] = "_ZdaPvm",
	[DELETE_ARRAY_NOTHROW] = "_ZdaPvRKSt9nothrow_t",
	[DELETE_ARRAY_ALIGNED] = "_ZdaPvSt11align_val_t",
	[DELETE_ARRAY_SIZED_ALIGNED] = "_ZdaPvmSt11align_val_t",
	[DELETE_ARRAY_ALIGNED_NOTHROW] = "_ZdaPvSt11align_val_tRKSt9nothrow_t",
};

struct real_operator {
	void (*function)(void);
	bool records; /* it does not reach malloc or free: we record it */
};

static struct real_operator real[OPERATORS];

/*
 * A library that was opened RTLD_LOCAL has its libstdc++ to itself, out of reach of
 * RTLD_NEXT: then the caller's own libraries are searched.
 */
static void *find_for_caller(const char *name, void *caller)
{
	struct link_map *map;
	Dl_info info;
	void *handle, *found;

	if (!dladdr1(caller, &info, (void **)&map, RTLD_DL_LINKMAP) || !map)
		return NULL;
	handle = dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD);
	if (!handle)
		return NULL;
	found = dlsym(handle, name);
	dlclose(handle);
	return found;
}

static const void *module_of(const void *address)
{
	Dl_info info;

	return dladdr(address, &info) ? info.dli_fbase : NULL;
}

static void *address_of(void *function)
{
	void *address;

	memcpy(&address, function, sizeof(address));
	return address;
}

/* An operator that lives where malloc lives, outside libc, is its allocator's own. */
static bool is_allocators_own(const void *found)
{
	const void *allocator = module_of(address_of(&mlw_real.malloc));

	return allocator && module_of(found) == allocator &&
	       allocator != module_of(address_of(&mlw_real.exit));
}

static __attribute__((noinline, cold)) void find_operator(enum operator which,
                                                          void *caller)
{
	void *found;

	mlw_real_ready();
	found = dlsym(RTLD_NEXT, names[which]);
	if (!found)
		found = find_for_caller(names[which], caller);
	real[which].records = found && is_allocators_own(found);
	memcpy(&real[which].function, &found, sizeof(found));
}

static inline const struct real_operator *operator_of(enum operator which, void *caller)
{
	if (__builtin_expect(!real[which].function, 0))
		find_operator(which, caller);
	return &real[which];
}

/*
 * All operators new in one: further arguments are left in their registers for those that
 * take none (System V ABI). Both ways end in a jump, so that the frame of the recorded
 * one is the hook's and the other has none.
 */
static __attribute__((noinline)) void *record_new(const struct real_operator *op,
                                                  size_t size, uintptr_t second,
                                                  uintptr_t third)
{
	void *(*function)(size_t, uintptr_t, uintptr_t) =
	        (void *(*)(size_t, uintptr_t, uintptr_t))op->function;
	struct mlw_outer outer;
	void *block;

	mlw_outer_begin(&outer);
	block = function(size, second, third);
	mlw_outer_end(&outer, block, size, FRAME);
	return block;
}

static inline __attribute__((always_inline)) void *call_new(enum operator which,
                                                            void *caller, size_t size,
                                                            uintptr_t second,
                                                            uintptr_t third)
{
	const struct real_operator *op = operator_of(which, caller);

	if (__builtin_expect(op->records, 0))
		return record_new(op, size, second, third);
	return ((void *(*)(size_t, uintptr_t, uintptr_t))op->function)(size, second,
	                                                               third);
}

static __attribute__((noinline)) void record_delete(const struct real_operator *op,
                                                    void *block, uintptr_t second,
                                                    uintptr_t third)
{
	void (*function)(void *, uintptr_t, uintptr_t) =
	        (void (*)(void *, uintptr_t, uintptr_t))op->function;

	if (mlw_sample_ends(block))
		mlw_record_free(MLW_EVENT_FREE, block, FRAME);
	mlw_record_skip(block);
	function(block, second, third);
	mlw_record_skip(NULL);
}

static inline __attribute__((always_inline)) void call_delete(enum operator which,
                                                              void *caller, void *block,
                                                              uintptr_t second,
                                                              uintptr_t third)
{
	const struct real_operator *op = operator_of(which, caller);

	if (__builtin_expect(op->records && block, 0))
		record_delete(op, block, second, third);
	else
		((void (*)(void *, uintptr_t, uintptr_t))op->function)(block, second,
		                                                       third);
}

MLW_PUBLIC void *mlw_operator_new(size_t size)
{
	return call_new(NEW, CALLER, size, 0, 0);
}

MLW_PUBLIC void *mlw_operator_new_array(size_t size)
{
	return call_new(NEW_ARRAY, CALLER, size, 0, 0);
}

MLW_PUBLIC void *mlw_operator_new_nothrow(size_t size, const void *tag)
{
	return call_new(NEW_NOTHROW, CALLER, size, (uintptr_t)tag, 0);
}

MLW_PUBLIC void *mlw_operator_new_array_nothrow(size_t size, const void *tag)
{
	return call_new(NEW_ARRAY_NOTHROW, CALLER, size, (uintptr_t)tag, 0);
}

MLW_PUBLIC void *mlw_operator_new_aligned(size_t size, size_t alignment)
{
	return call_new(NEW_ALIGNED, CALLER, size, alignment, 0);
}

MLW_PUBLIC void *mlw_operator_new_array_aligned(size_t size, size_t alignment)
{
	return call_new(NEW_ARRAY_ALIGNED, CALLER, size, alignment, 0);
}

MLW_PUBLIC void *mlw_operator_new_aligned_nothrow(size_t size, size_t alignment,
                                                  const void *tag)
{
	return call_new(NEW_ALIGNED_NOTHROW, CALLER, size, alignment, (uintptr_t)tag);
}

MLW_PUBLIC void *mlw_operator_new_array_aligned_nothrow(size_t size, size_t alignment,
                                                        const void *tag)
{
	return call_new(NEW_ARRAY_ALIGNED_NOTHROW, CALLER, size, alignment,
	                (uintptr_t)tag);
}

MLW_PUBLIC void mlw_operator_delete(void *block)
{
	call_delete(DELETE, CALLER, block, 0, 0);
}

MLW_PUBLIC void mlw_operator_delete_sized(void *block, size_t size)
{
	call_delete(DELETE_SIZED, CALLER, block, size, 0);
}

MLW_PUBLIC void mlw_operator_delete_nothrow(void *block, const void *tag)
{
	call_delete(DELETE_NOTHROW, CALLER, block, (uintptr_t)tag, 0);
}

MLW_PUBLIC void mlw_operator_delete_aligned(void *block, size_t alignment)
{
	call_delete(DELETE_ALIGNED, CALLER, block, alignment, 0);
}

MLW_PUBLIC void mlw_operator_delete_sized_aligned(void *block, size_t size,
                                                  size_t alignment)
{
	call_delete(DELETE_SIZED_ALIGNED, CALLER, block, size, alignment);
}

MLW_PUBLIC void mlw_operator_delete_aligned_nothrow(void *block, size_t alignment,
                                                    const void *tag)
{
	call_delete(DELETE_ALIGNED_NOTHROW, CALLER, block, alignment, (uintptr_t)tag);
}

MLW_PUBLIC void mlw_operator_delete_array(void *block)
{
	call_delete(DELETE_ARRAY, CALLER, block, 0, 0);
}

MLW_PUBLIC void mlw_operator_delete_array_sized(void *block, size_t size)
{
	call_delete(DELETE_ARRAY_SIZED, CALLER, block, size, 0);
}

MLW_PUBLIC void mlw_operator_delete_array_nothrow(void *block, const void *tag)
{
	call_delete(DELETE_ARRAY_NOTHROW, CALLER, block, (uintptr_t)tag, 0);
}

MLW_PUBLIC void mlw_operator_delete_array_aligned(void *block, size_t alignment)
{
	call_delete(DELETE_ARRAY_ALIGNED, CALLER, block, alignment, 0);
}

MLW_PUBLIC void mlw_operator_delete_array_sized_aligned(void *block, size_t size,
                                                        size_t alignment)
{
	call_delete(DELETE_ARRAY_SIZED_ALIGNED, CALLER, block, size, alignment);
}

MLW_PUBLIC void mlw_operator_delete_array_aligned_nothrow(void *block, size_t alignment,
                                                          const void *tag)
{
	call_delete(DELETE_ARRAY_ALIGNED_NOTHROW, CALLER, block, alignment,
	            (uintptr_t)tag);
}
