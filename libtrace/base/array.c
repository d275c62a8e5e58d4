/* SPDX-License-Identifier: MIT */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int mlw_grow(void *array, size_t *capacity, size_t need, size_t element,
             struct mlw_error *err)
{
	size_t wanted = *capacity ? *capacity : 16;
	void *old, *grown;

	if (need <= *capacity)
		return 0;
	while (wanted < need && wanted <= SIZE_MAX / 2)
		wanted *= 2;
	if (wanted < need || wanted > SIZE_MAX / element)
		return mlw_fail(err, "out of memory (%zu elements)", need);
	memcpy(&old, array, sizeof(old));
	grown = realloc(old, wanted * element);
	if (!grown)
		return mlw_fail(err, "out of memory (%zu bytes)", wanted * element);
	memcpy(array, &grown, sizeof(grown));
	*capacity = wanted;
	return 0;
}
