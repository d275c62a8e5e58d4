/* SPDX-License-Identifier: MIT */
/* mmap, munmap, mremap, brk and sbrk: the program's own calls, recorded under --mmap. */
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/public.h"
#include "record/real.h"
#include "record/record.h"

#define FRAME ((const uintptr_t *)__builtin_frame_address(0))

#define PAGE_ROUND(size) (((size) + 4095) & ~(size_t)4095)

static void *map(void *hint, size_t size, int protection, int flags, int fd, off_t offset,
                 const uintptr_t *frame)
{
	void *address;

	mlw_real_ready();
	if (mlw_record_maps_wanted() && (flags & MAP_FIXED))
		mlw_record_unmap(hint, PAGE_ROUND(size), MLW_MAP_MMAP, frame);
	address = mlw_real.mmap(hint, size, protection, flags, fd, offset);
	if (address != MAP_FAILED && mlw_record_maps_wanted())
		mlw_record_map(address, PAGE_ROUND(size), MLW_MAP_MMAP, frame);
	return address;
}

MLW_PUBLIC void *mmap(void *hint, size_t size, int protection, int flags, int fd,
                      off_t offset)
{
	return map(hint, size, protection, flags, fd, offset, FRAME);
}

MLW_PUBLIC void *mmap64(void *hint, size_t size, int protection, int flags, int fd,
                        off_t offset)
{
	return map(hint, size, protection, flags, fd, offset, FRAME);
}

/* A munmap that fails has unmapped nothing; it only fails for arguments that name no
 * pages (EINVAL), which leave nothing to record either. */
MLW_PUBLIC int munmap(void *address, size_t size)
{
	mlw_real_ready();
	if (mlw_record_maps_wanted() && size && !((uintptr_t)address & 4095))
		mlw_record_unmap(address, PAGE_ROUND(size), MLW_MAP_MMAP, FRAME);
	return mlw_real.munmap(address, size);
}

MLW_PUBLIC void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	void *address, *target = NULL;
	va_list arguments;

	if (flags & MREMAP_FIXED) {
		va_start(arguments, flags);
		target = va_arg(arguments, void *);
		va_end(arguments);
	}
	mlw_real_ready();
	if (!mlw_record_maps_wanted())
		return mlw_real.mremap(old, old_size, size, flags, target);
	mlw_record_unmap(old, PAGE_ROUND(old_size), MLW_MAP_MMAP, FRAME);
	if (target)
		mlw_record_unmap(target, PAGE_ROUND(size), MLW_MAP_MMAP, FRAME);
	address = mlw_real.mremap(old, old_size, size, flags, target);
	if (address == MAP_FAILED)
		mlw_record_map(old, PAGE_ROUND(old_size), MLW_MAP_MMAP, FRAME);
	else
		mlw_record_map(address, PAGE_ROUND(size), MLW_MAP_MMAP, FRAME);
	return address;
}

static void moved_break(const char *before, const char *after, const uintptr_t *frame)
{
	if (!mlw_record_maps_wanted())
		return;
	if (after > before)
		mlw_record_map(before, (size_t)(after - before), MLW_MAP_BRK, frame);
	else if (after < before)
		mlw_record_unmap(after, (size_t)(before - after), MLW_MAP_BRK, frame);
}

MLW_PUBLIC int brk(void *address)
{
	char *before;
	int status;

	mlw_real_ready();
	before = mlw_real.sbrk(0);
	status = mlw_real.brk(address);
	if (!status)
		moved_break(before, address, FRAME);
	return status;
}

MLW_PUBLIC void *sbrk(intptr_t increment)
{
	char *before;

	mlw_real_ready();
	before = mlw_real.sbrk(increment);
	if (before != (void *)-1 && increment)
		moved_break(before, before + increment, FRAME);
	return before;
}
