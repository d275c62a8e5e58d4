/* SPDX-License-Identifier: MIT */
#include "analyze/wrapper.h"

#include <fnmatch.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Whole names, sorted as strcmp does. */
static const char *const names[] = {
	"_IO_getdelim",
	"_IO_vasprintf",
	"__GI___libc_malloc",
	"__GI___strdup",
	"___asprintf",
	"___asprintf_chk",
	"___vasprintf_chk",
	"__asprintf",
	"__asprintf_chk",
	"__getdelim",
	"__libc_calloc",
	"__libc_malloc",
	"__libc_memalign",
	"__libc_pvalloc",
	"__libc_realloc",
	"__libc_reallocarray",
	"__libc_valloc",
	"__posix_memalign",
	"__rdl_alloc",
	"__rdl_alloc_zeroed",
	"__rdl_realloc",
	"__rust_alloc",
	"__rust_alloc_zeroed",
	"__rust_realloc",
	"__strdup",
	"__strndup",
	"__vasprintf_chk",
	"__vasprintf_internal",
	"__wcsdup",
	"aligned_alloc",
	"asprintf",
	"calloc",
	"getdelim",
	"getline",
	"malloc",
	"mallow_pool_alloc",
	"mallow_track",
	"memalign",
	"operator new",
	"operator new[]",
	"posix_memalign",
	"pvalloc",
	"realloc",
	"reallocarray",
	"reallocf",
	"strdup",
	"strndup",
	"valloc",
	"vasprintf",
	"wcsdup",
	"x2nrealloc",
	"x2realloc",
	"xasprintf",
	"xcalloc",
	"xcharalloc",
	"xmalloc",
	"xmallocz",
	"xmallocz_gently",
	"xmemdup",
	"xmemdup0",
	"xmemdupz",
	"xnmalloc",
	"xnrealloc",
	"xpalloc",
	"xrealloc",
	"xreallocarray",
	"xstrdup",
	"xstrndup",
	"xvasprintf",
	"xzalloc",
};

/* Names by pattern; the literal beginning is compared before fnmatch is asked. */
static const char *const patterns[] = {
	"operator new(*",
	"operator new[](*",
	"std::allocator<*>::allocate*",
	"std::allocator_traits<*>::allocate*",
	"std::__new_allocator<*>::allocate*",
	"__gnu_cxx::new_allocator<*>::allocate*",
	"__gnu_cxx::__alloc_traits<*>::allocate*",
	"std::__1::allocator<*>::allocate*",
	"std::__1::allocator_traits<*>::allocate*",
	"std::__1::__libcpp_allocate*",
	"alloc::alloc::alloc*",
	"alloc::alloc::exchange_malloc*",
	"alloc::alloc::realloc*",
	"alloc::alloc::Global::alloc*",
	"<alloc::alloc::Global as core::alloc::Allocator>::*",
	"g_malloc*",
	"g_realloc*",
	"g_try_malloc*",
	"g_try_realloc*",
	"g_aligned_alloc*",
	"g_slice_alloc*",
	"g_slice_copy",
	"g_strdup",
	"g_strdup_printf",
	"g_strdup_vprintf",
	"g_strndup",
	"g_memdup*",
	"g_vasprintf",
};

static const char *const files[] = {
	"/bits/new_allocator.h",        "/ext/new_allocator.h", "/bits/alloc_traits.h",
	"/ext/alloc_traits.h",          "/bits/allocator.h",    "/__memory/allocator.h",
	"/__memory/allocator_traits.h",
};

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static int compare_names(const void *key, const void *name)
{
	return strcmp(key, *(const char *const *)name);
}

static bool matches_pattern(const char *function)
{
	for (size_t i = 0; i < LENGTH(patterns); i++) {
		size_t literal = strcspn(patterns[i], "*");

		if (!strncmp(function, patterns[i], literal) &&
		    !fnmatch(patterns[i], function, 0))
			return true;
	}
	return false;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	size_t tail = strlen(end);

	return length >= tail && !strcmp(text + length - tail, end);
}

bool mlw_wrapper_builtin(const char *function, const char *file)
{
	for (size_t i = 0; file && i < LENGTH(files); i++) {
		if (ends_with(file, files[i]))
			return true;
	}
	if (!function)
		return false;
	return bsearch(function, names, LENGTH(names), sizeof(*names), compare_names) ||
	       matches_pattern(function);
}
