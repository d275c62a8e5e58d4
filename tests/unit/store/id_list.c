/* SPDX-License-Identifier: MIT */
#include "store/id_list.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define IDS 100000u

static uint8_t bytes[MLW_ID_LIST_BYTES + MLW_VARINT_MAX];
static uint8_t passes[IDS + 1];

/* What a list says of one id. */
static bool has(size_t size, uint32_t id)
{
	bool found;

	passes[id] = 1;
	found = mlw_id_list_has(bytes, size, passes, IDS + 1);
	passes[id] = 0;
	return found;
}

Test(id_list, has_what_was_added_and_nothing_else)
{
	srand(3);
	for (uint32_t count = 1; count <= MLW_ID_LIST_MOST; count++) {
		static uint8_t added[IDS + 1];
		struct mlw_id_set set = { 0 };
		uint32_t ids[MLW_ID_LIST_MOST], range = count % 2 ? 2 * count : IDS;
		size_t size;

		for (uint32_t i = 0; i < count; i++) {
			ids[i] = (uint32_t)rand() % range + 1;
			added[ids[i]] = 1;
			mlw_id_set_add(&set, ids[i]);
			mlw_id_set_add(&set, ids[i]);
		}
		size = mlw_id_set_write(&set, bytes);
		for (uint32_t id = 1; id <= 2 * count; id++)
			cr_assert_eq(has(size, id), added[id]);
		for (uint32_t i = 0; i < count; i++) {
			cr_assert(has(size, ids[i]));
			added[ids[i]] = 0;
		}
	}
}

Test(id_list, is_none_when_they_are_too_many)
{
	struct mlw_id_set set = { 0 };

	for (uint32_t id = 1; id <= MLW_ID_LIST_MOST; id++)
		mlw_id_set_add(&set, id * 700);
	cr_expect_eq(mlw_id_set_write(&set, bytes), MLW_ID_LIST_MOST * 2);
	mlw_id_set_add(&set, 5);
	cr_expect_eq(mlw_id_set_write(&set, bytes), 0);
	for (uint32_t id = 1; id <= 1000; id++)
		mlw_id_set_add(&set, id);
	cr_expect_eq(mlw_id_set_write(&set, bytes), 0);
	cr_expect(has(0, 77777));
}

/* What makes no sense leaves nothing out. */
Test(id_list, that_is_damaged_has_everything)
{
	static const struct {
		uint8_t bytes[4];
		size_t size;
	} damaged[] = {
		{ { 0x03, 0x01 }, 2 }, /* the same id again */
		{ { 0x03, 0x02 }, 2 }, /* ends in the middle of a value */
		{ { 0x0c, 0xff, 0xff }, 3 }, /* an id that is not there */
	};

	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
		memcpy(bytes, damaged[i].bytes, sizeof(damaged[i].bytes));
		cr_expect(has(damaged[i].size, 7), "list %zu", i);
	}
	memcpy(bytes, (uint8_t[]){ 0x03 }, 1);
	cr_expect(!has(1, 7));
}
