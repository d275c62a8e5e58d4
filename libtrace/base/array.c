/* SPDX-License-Identifier: MIT */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int resize(void *array, size_t *capacity, size_t wanted, size_t element,
                  struct mlw_error *err)
{
	void *old, *grown;

	if (wanted > SIZE_MAX / element)
		return mlw_fail(err, "out of memory (%zu elements)", wanted);
	memcpy(&old, array, sizeof(old));
	grown = realloc(old, wanted * element);
	if (!grown)
		return mlw_fail(err, "out of memory (%zu bytes)", wanted * element);
	memcpy(array, &grown, sizeof(grown));
	*capacity = wanted;
	return 0;
}

int mlw_grow(void *array, size_t *capacity, size_t need, size_t element,
             struct mlw_error *err)
{
	size_t wanted = *capacity ? *capacity : 16;

	if (need <= *capacity)
		return 0;
	while (wanted < need && wanted <= SIZE_MAX / 2)
		wanted *= 2;
	if (wanted < need)
		return mlw_fail(err, "out of memory (%zu elements)", need);
	return resize(array, capacity, wanted, element, err);
}

int mlw_reserve(void *array, size_t *capacity, size_t need, size_t element,
                struct mlw_error *err)
{
	return need <= *capacity ? 0 : resize(array, capacity, need, element, err);
}
