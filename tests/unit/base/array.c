/* SPDX-License-Identifier: MIT */
#include "base/array.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

Test(array, growing_keeps_what_is_there_and_leaves_room)
{
	struct mlw_error err;
	size_t capacity = 0;
	int *numbers = NULL;

	for (size_t i = 0; i < 100; i++) {
		cr_assert_eq(mlw_grow(&numbers, &capacity, i + 1, sizeof(*numbers), &err),
		             0);
		numbers[i] = (int)i;
	}
	for (int i = 0; i < 100; i++)
		cr_expect_eq(numbers[i], i);
	cr_expect_eq(capacity, 128);
	free(numbers);
}

Test(array, a_reserved_array_has_room_for_just_so_many)
{
	struct mlw_error err;
	size_t capacity = 0;
	int *numbers = NULL;

	cr_assert_eq(mlw_reserve(&numbers, &capacity, 100, sizeof(*numbers), &err), 0);
	cr_expect_eq(capacity, 100);
	cr_assert_eq(mlw_reserve(&numbers, &capacity, 50, sizeof(*numbers), &err), 0);
	cr_expect_eq(capacity, 100);
	free(numbers);
}

Test(array, what_no_memory_can_hold_fails)
{
	struct mlw_error err;
	size_t capacity = 0;
	uint64_t *numbers = NULL;

	cr_expect_eq(mlw_grow(&numbers, &capacity, SIZE_MAX / 4, sizeof(*numbers), &err),
	             -1);
	cr_expect_eq(
	        mlw_reserve(&numbers, &capacity, SIZE_MAX / 4, sizeof(*numbers), &err),
	        -1);
	cr_expect_null(numbers);
	cr_expect_eq(capacity, 0);
}
