/* SPDX-License-Identifier: MIT */
#include "analyze/same_names.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/frame.h"
#include "base/array.h"

/* The most files of one name on one side that are told apart by their folders. */
#define NAMESAKES_MOST 1000u

static struct mlw_key key_of(const char *path)
{
	return (struct mlw_key){ { (uint64_t)(uintptr_t)path, 0, 0 } };
}

void mlw_same_names_release(struct mlw_same_names *names)
{
	mlw_numbering_release(&names->numbers);
	free(names->names);
	*names = (struct mlw_same_names){ 0 };
}

int mlw_same_names_add(struct mlw_same_names *names, enum mallow_side side,
                       const char *path, struct mlw_error *err)
{
	struct mlw_key key = key_of(path);
	size_t known = names->numbers.count;
	uint32_t number;

	if (!path)
		return 0;
	if (mlw_grow(&names->names, &names->capacity, known + 1, sizeof(*names->names),
	             err))
		return -1;
	number = mlw_numbering_add(&names->numbers, &key, err);
	if (!number)
		return -1;
	if (number > known)
		names->names[number - 1] = (struct mlw_same_name){ .path = path };
	names->names[number - 1].is_of[side] = true;
	return 0;
}

const char *mlw_same_names_of(const struct mlw_same_names *names, const char *path)
{
	struct mlw_key key = key_of(path);
	uint32_t number = mlw_numbering_find(&names->numbers, &key);
	const char *partner = number ? names->names[number - 1].partner : NULL;

	return partner ? partner : path;
}

/* Bytes at the end that agree, up to a slash. */
static size_t common_end(const char *a, const char *b)
{
	size_t at_a = strlen(a), at_b = strlen(b), end = at_a, whole = 0;

	while (at_a && at_b && a[at_a - 1] == b[at_b - 1]) {
		at_a--;
		at_b--;
		if (a[at_a] == '/')
			whole = end - at_a;
	}
	if ((!at_a || a[at_a - 1] == '/') && (!at_b || b[at_b - 1] == '/'))
		whole = end - at_a;
	return whole;
}

/* The one of `others` that agrees most with `name`; NULL if two agree as much. */
static struct mlw_same_name *closest(const struct mlw_same_name *name,
                                     struct mlw_same_name **others, size_t count)
{
	struct mlw_same_name *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < count; i++) {
		size_t common = common_end(name->path, others[i]->path);

		if (common < most)
			continue;
		best = common > most ? others[i] : NULL;
		most = common;
	}
	return best;
}

static void pair_namesakes(struct mlw_same_name **olds, size_t old_count,
                           struct mlw_same_name **news, size_t new_count)
{
	if (old_count > NAMESAKES_MOST || new_count > NAMESAKES_MOST)
		return;
	for (size_t i = 0; i < old_count; i++) {
		struct mlw_same_name *best = closest(olds[i], news, new_count);

		if (best && closest(best, olds, old_count) == olds[i])
			olds[i]->partner = best->path;
	}
}

static int compare_last(const void *a, const void *b)
{
	const struct mlw_same_name *const *first = a, *const *second = b;
	int order = strcmp(mlw_basename((*first)->path), mlw_basename((*second)->path));

	return order ? order : strcmp((*first)->path, (*second)->path);
}

/* Those that only `side` has, by their last part. */
static struct mlw_same_name **left_over(const struct mlw_same_names *names,
                                        enum mallow_side side, size_t *count)
{
	struct mlw_same_name **left =
	        calloc(names->numbers.count + 1, sizeof(struct mlw_same_name *));

	*count = 0;
	for (size_t i = 0; left && i < names->numbers.count; i++) {
		if (names->names[i].is_of[side] && !names->names[i].is_of[!side])
			left[(*count)++] = &names->names[i];
	}
	if (left && *count)
		qsort(left, *count, sizeof(struct mlw_same_name *), compare_last);
	return left;
}

/* How many at the beginning have the last part of the first. */
static size_t namesakes(struct mlw_same_name **names, size_t count)
{
	size_t same = 1;

	while (same < count &&
	       !strcmp(mlw_basename(names[same]->path), mlw_basename(names[0]->path)))
		same++;
	return same;
}

static void pair_left_over(struct mlw_same_name **olds, size_t old_count,
                           struct mlw_same_name **news, size_t new_count)
{
	while (old_count && new_count) {
		size_t old_same = namesakes(olds, old_count);
		size_t new_same = namesakes(news, new_count);
		int order =
		        strcmp(mlw_basename(olds[0]->path), mlw_basename(news[0]->path));

		if (order > 0)
			old_same = 0;
		else if (order < 0)
			new_same = 0;
		pair_namesakes(olds, old_same, news, new_same);
		olds += old_same;
		old_count -= old_same;
		news += new_same;
		new_count -= new_same;
	}
}

int mlw_same_names_pair(struct mlw_same_names *names, struct mlw_error *err)
{
	size_t old_count, new_count;
	struct mlw_same_name **olds = left_over(names, MALLOW_OLD, &old_count);
	struct mlw_same_name **news = left_over(names, MALLOW_NEW, &new_count);
	int result = -1;

	if (!olds || !news) {
		mlw_fail(err, "out of memory");
	} else {
		pair_left_over(olds, old_count, news, new_count);
		result = 0;
	}
	free(olds);
	free(news);
	return result;
}
