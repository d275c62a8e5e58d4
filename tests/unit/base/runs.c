/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/runs.h"

#define IDS 5000u

static bool begins(uint32_t id)
{
	return id == 1 || id % 64 == 0 || id * UINT32_C(2654435761) >> 28 == 3;
}

Test(runs, tells_the_run_of_each_id)
{
	struct mlw_runs runs = { 0 };
	struct mlw_error err;
	uint32_t count = 0;

	for (uint32_t id = 1; id <= IDS; id++) {
		cr_assert_eq(mlw_runs_extend(&runs, id, &err), 0);
		if (begins(id))
			mlw_runs_begin(&runs, id);
	}
	for (uint32_t id = 1; id <= IDS; id++) {
		count += begins(id);
		cr_assert_eq(mlw_runs_begins(&runs, id), begins(id), "id %u", id);
		cr_assert_eq(mlw_runs_of(&runs, id), count, "id %u", id);
	}
	cr_expect_eq(runs.count, count);
	mlw_runs_release(&runs);
}

Test(runs, one_may_be_longer_than_many_blocks)
{
	struct mlw_runs runs = { 0 };
	struct mlw_error err;

	cr_assert_eq(mlw_runs_extend(&runs, 7, &err), 0);
	mlw_runs_begin(&runs, 7);
	cr_assert_eq(mlw_runs_extend(&runs, 1000, &err), 0);
	mlw_runs_begin(&runs, 1000);
	cr_expect_eq(mlw_runs_of(&runs, 7), 1);
	cr_expect_eq(mlw_runs_of(&runs, 64), 1);
	cr_expect_eq(mlw_runs_of(&runs, 999), 1);
	cr_expect_eq(mlw_runs_of(&runs, 1000), 2);
	mlw_runs_release(&runs);
}
