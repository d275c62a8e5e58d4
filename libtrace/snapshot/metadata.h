/* SPDX-License-Identifier: MIT */
#ifndef MLW_METADATA_H
#define MLW_METADATA_H

/* What somebody attached to a snapshot: keys in the order of strcmp, each with bytes. */

#include <stddef.h>

#include "base/error.h"

struct mlw_metadatum {
	char *key;
	char *value; /* a NUL stands behind it */
	size_t size;
};

struct mlw_metadata {
	struct mlw_metadatum *rows;
	size_t count, capacity;
};

void mlw_metadata_release(struct mlw_metadata *metadata); /* zeroed is fine */

/* Replaces what the key had. Fails without memory, and for a key that cannot be one. */
int mlw_metadata_set(struct mlw_metadata *metadata, const char *key, const void *value,
                     size_t size, struct mlw_error *err);
/* Forgets the key, if it is there. */
void mlw_metadata_remove(struct mlw_metadata *metadata, const char *key);
/* NULL: there is none of that key. */
const struct mlw_metadatum *mlw_metadata_get(const struct mlw_metadata *metadata,
                                             const char *key);
/* Adds all of `from`. */
int mlw_metadata_copy(struct mlw_metadata *metadata, const struct mlw_metadata *from,
                      struct mlw_error *err);

#endif /* MLW_METADATA_H */
