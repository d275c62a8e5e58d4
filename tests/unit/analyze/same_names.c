/* SPDX-License-Identifier: MIT */
#include "analyze/same_names.h"

#include <criterion/criterion.h>
#include <string.h>

#include "analyze/intern.h"

#define MOST 8

struct scene {
	struct mlw_intern strings;
	struct mlw_same_names names;
};

static const char *intern(struct scene *scene, const char *path)
{
	struct mlw_error err;
	const char *interned = mlw_intern(&scene->strings, path, &err);

	cr_assert_not_null(interned);
	return interned;
}

static void add(struct scene *scene, enum mallow_side side, const char *const *paths)
{
	struct mlw_error err;

	for (; *paths; paths++)
		cr_assert_eq(mlw_same_names_add(&scene->names, side,
		                                intern(scene, *paths), &err),
		             0);
}

/* `partners[i]`: what olds[i] is in the new build; itself if nothing. */
static void expect_partners(const char *const *olds, const char *const *news,
                            const char *const *partners)
{
	struct scene scene = { 0 };
	struct mlw_error err;

	add(&scene, MALLOW_OLD, olds);
	add(&scene, MALLOW_NEW, news);
	cr_assert_eq(mlw_same_names_pair(&scene.names, &err), 0);
	for (size_t i = 0; olds[i]; i++)
		cr_expect_str_eq(mlw_same_names_of(&scene.names, intern(&scene, olds[i])),
		                 partners[i]);
	mlw_same_names_release(&scene.names);
	mlw_intern_release(&scene.strings);
}

#define PATHS(...) ((const char *[MOST]){ __VA_ARGS__ })

Test(same_names, an_equal_path_is_itself)
{
	expect_partners(PATHS("/a/x.c", "y.c"), PATHS("/a/x.c", "/b/x.c", "y.c"),
	                PATHS("/a/x.c", "y.c"));
}

Test(same_names, another_folder_is_the_same_file)
{
	expect_partners(PATHS("/v1/x.c", "/v1/y.c"), PATHS("/v2/x.c", "/v2/z.c"),
	                PATHS("/v2/x.c", "/v1/y.c"));
	expect_partners(PATHS("x.c"), PATHS("src/x.c"), PATHS("src/x.c"));
	expect_partners(PATHS("/v1/x.c"), PATHS("/v2/ax.c"), PATHS("/v1/x.c"));
}

Test(same_names, namesakes_are_told_apart_by_their_folders)
{
	expect_partners(PATHS("/v1/a/x.c", "/v1/b/x.c"), PATHS("/v2/b/x.c", "/v2/a/x.c"),
	                PATHS("/v2/a/x.c", "/v2/b/x.c"));
	expect_partners(PATHS("/v1/a/x.c", "/v1/ba/x.c"), PATHS("/v2/a/x.c"),
	                PATHS("/v2/a/x.c", "/v1/ba/x.c"));
}

Test(same_names, what_could_be_either_is_neither)
{
	expect_partners(PATHS("/v1/x.c"), PATHS("/v2/a/x.c", "/v2/b/x.c"),
	                PATHS("/v1/x.c"));
	expect_partners(PATHS("/v1/a/x.c", "/v1/b/x.c"), PATHS("/v2/x.c"),
	                PATHS("/v1/a/x.c", "/v1/b/x.c"));
}
