/* SPDX-License-Identifier: MIT */
#include "analyze/wrapper.h"

#include <criterion/criterion.h>

Test(wrapper, allocation_functions_are)
{
	static const char *const functions[] = {
		"malloc",
		"calloc",
		"__libc_memalign",
		"strdup",
		"getline",
		"asprintf",
		"xmalloc",
		"xzalloc",
		"xasprintf",
		"g_malloc0_n",
		"g_strdup_printf",
		"g_slice_alloc",
		"operator new(unsigned long)",
		"operator new",
		"operator new[](unsigned long, std::align_val_t)",
		"std::allocator<int>::allocate(unsigned long)",
		"__gnu_cxx::new_allocator<std::pair<int, int> >::allocate(unsigned "
		"long, void const*)",
		"std::allocator_traits<std::allocator<char> >::allocate(std::allocator"
		"<char>&, unsigned long)",
		"alloc::alloc::exchange_malloc",
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		cr_expect(mlw_wrapper_builtin(functions[i], NULL), "%s", functions[i]);
}

Test(wrapper, what_uses_them_is_not)
{
	static const char *const functions[] = {
		"main",
		"mallocate",
		"malloc_init",
		"xmalloc_test",
		"std::vector<int, std::allocator<int> >::push_back(int const&)",
		"std::_Vector_base<int, std::allocator<int> >::_M_allocate(int)",
		"g_hash_table_new",
		"operator newline()",
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		cr_expect_not(mlw_wrapper_builtin(functions[i], NULL), "%s",
		              functions[i]);
}

Test(wrapper, so_is_everything_in_the_allocators_headers)
{
	cr_expect(mlw_wrapper_builtin("allocate",
	                              "/usr/include/c++/12/bits/new_allocator.h"));
	cr_expect_not(mlw_wrapper_builtin("push_back",
	                                  "/usr/include/c++/12/bits/stl_vector.h"));
}

Test(wrapper, an_unknown_function_is_not)
{
	cr_expect_not(mlw_wrapper_builtin(NULL, NULL));
}
