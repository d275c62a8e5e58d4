/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/scopes.h"

static struct mlw_scopes scopes;

/* The name of the scope that a thread is in, as the collector would find it. */
static const char *name_now(void)
{
	static struct mlw_segment *segment;
	uint32_t number = mlw_scope_current(&scopes);

	if (!segment)
		segment = calloc(1, sizeof(*segment));
	mlw_scope_publish(number, segment);
	return number ? segment->scopes[number - 1].text : "";
}

Test(scopes, nest)
{
	cr_expect_str_eq(name_now(), "");
	cr_expect_eq(mlw_scope_begin(&scopes, "outer"), 0);
	cr_expect_eq(mlw_scope_begin(&scopes, "inner"), 0);
	cr_expect_str_eq(name_now(), "inner");
	cr_expect_eq(mlw_scope_end(&scopes), 0);
	cr_expect_str_eq(name_now(), "outer");
	cr_expect_eq(mlw_scope_end(&scopes), 0);
	cr_expect_str_eq(name_now(), "");
	cr_expect_eq(mlw_scope_end(&scopes), -EINVAL);
}

Test(scopes, one_without_a_name_goes_by_that_around_it)
{
	cr_expect_eq(mlw_scope_begin(&scopes, ""), -EINVAL);
	cr_expect_str_eq(name_now(), "");
	cr_expect_eq(mlw_scope_begin(&scopes, "outer"), 0);
	cr_expect_eq(mlw_scope_begin(&scopes, NULL), -EINVAL);
	cr_expect_str_eq(name_now(), "outer");
	for (int i = 0; i < 3; i++)
		cr_expect_eq(mlw_scope_end(&scopes), 0);
	cr_expect_eq(mlw_scope_end(&scopes), -EINVAL);
}

Test(scopes, a_name_is_its_text_not_its_address)
{
	char name[16] = "first", other[] = "first";
	uint32_t number;

	mlw_scope_begin(&scopes, name);
	number = mlw_scope_current(&scopes);
	mlw_scope_begin(&scopes, other);
	cr_expect_eq(mlw_scope_current(&scopes), number);
	strcpy(name, "second");
	mlw_scope_begin(&scopes, name);
	cr_expect_neq(mlw_scope_current(&scopes), number);
	cr_expect_str_eq(name_now(), "second");
}

Test(scopes, more_names_than_there_may_be_are_refused_and_still_end)
{
	char name[16];

	mlw_scope_begin(&scopes, "outer");
	for (uint32_t i = 1; i < MLW_SCOPES; i++) {
		snprintf(name, sizeof(name), "%u", i);
		cr_assert_eq(mlw_scope_begin(&scopes, name), 0);
		mlw_scope_end(&scopes);
	}
	cr_expect_eq(mlw_scope_begin(&scopes, "one more"), -ENOSPC);
	cr_expect_str_eq(name_now(), "outer");
	cr_expect_eq(mlw_scope_end(&scopes), 0);
	cr_expect_eq(mlw_scope_begin(&scopes, "7"), 0);
	cr_expect_str_eq(name_now(), "7");
}

Test(scopes, levels_without_a_place_are_counted)
{
	uint32_t depth = 0, refused = 0;

	mlw_scope_begin(&scopes, "outer");
	while (refused < 100) {
		refused += mlw_scope_begin(&scopes, "level") == -ENOSPC;
		depth++;
	}
	cr_expect_gt(depth, MLW_SCOPE_NODES / 2);
	cr_expect_str_eq(name_now(), "level");
	for (uint32_t i = 0; i < depth; i++)
		mlw_scope_end(&scopes);
	cr_expect_str_eq(name_now(), "outer");
	mlw_scope_end(&scopes);
	cr_expect_eq(mlw_scope_end(&scopes), -EINVAL);
}

static void *nest_a_lot(void *context)
{
	struct mlw_scopes own = { 0 };
	intptr_t *bad = context;
	char name[16];

	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 100; i++) {
			snprintf(name, sizeof(name), "%d", i);
			*bad += mlw_scope_begin(&own, name) != 0;
		}
		for (int i = 0; i < 100; i++)
			*bad += mlw_scope_end(&own) != 0;
	}
	*bad += own.node != 0;
	return NULL;
}

Test(scopes, threads_make_the_tree_together)
{
	intptr_t bad[4] = { 0 };
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, nest_a_lot, &bad[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		cr_expect_eq(bad[i], 0);
	}
}
