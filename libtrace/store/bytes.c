/* SPDX-License-Identifier: MIT */
#include "store/bytes.h"

#include <stdlib.h>

#include "base/array.h"

void mlw_bytes_release(struct mlw_bytes *bytes)
{
	free(bytes->bytes);
	*bytes = (struct mlw_bytes){ 0 };
}

void mlw_bytes_clear(struct mlw_bytes *bytes)
{
	bytes->size = 0;
	bytes->failed = false;
}

void mlw_bytes_grow(struct mlw_bytes *bytes)
{
	struct mlw_error ignored;

	if (mlw_grow(&bytes->bytes, &bytes->capacity, bytes->size + MLW_VARINT_MAX, 1,
	             &ignored))
		bytes->failed = true;
}
