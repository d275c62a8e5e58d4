/* SPDX-License-Identifier: MIT */
#include "snapshot/metadata.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "snapshot/state.h"

void mlw_metadata_release(struct mlw_metadata *metadata)
{
	for (size_t i = 0; i < metadata->count; i++) {
		free(metadata->rows[i].key);
		free(metadata->rows[i].value);
	}
	free(metadata->rows);
	*metadata = (struct mlw_metadata){ 0 };
}

/* Where the key is or would be. */
static size_t find(const struct mlw_metadata *metadata, const char *key)
{
	size_t index = 0;

	while (index < metadata->count && strcmp(metadata->rows[index].key, key) < 0)
		index++;
	return index;
}

static bool is_at(const struct mlw_metadata *metadata, size_t index, const char *key)
{
	return index < metadata->count && !strcmp(metadata->rows[index].key, key);
}

static int make(struct mlw_metadatum *made, const char *key, const void *value,
                size_t size, struct mlw_error *err)
{
	if (!*key || strlen(key) > MALLOW_METADATA_KEY_MAX)
		return mlw_fail(err, "a key of metadata has 1 to %d bytes",
		                MALLOW_METADATA_KEY_MAX);
	if (size > MALLOW_METADATA_VALUE_MAX)
		return mlw_fail(err, "a value of metadata has at most %d bytes",
		                MALLOW_METADATA_VALUE_MAX);
	*made = (struct mlw_metadatum){ strdup(key), calloc(size + 1, 1), size };
	if (!made->key || !made->value) {
		free(made->key);
		free(made->value);
		return mlw_fail(err, "out of memory");
	}
	memcpy(made->value, value, size);
	return 0;
}

int mlw_metadata_set(struct mlw_metadata *metadata, const char *key, const void *value,
                     size_t size, struct mlw_error *err)
{
	struct mlw_metadatum made;
	size_t index;

	if (mlw_grow(&metadata->rows, &metadata->capacity, metadata->count + 1,
	             sizeof(*metadata->rows), err) ||
	    make(&made, key, value, size, err))
		return -1;
	mlw_metadata_remove(metadata, key);
	index = find(metadata, key);
	memmove(&metadata->rows[index + 1], &metadata->rows[index],
	        (metadata->count - index) * sizeof(*metadata->rows));
	metadata->rows[index] = made;
	metadata->count++;
	return 0;
}

void mlw_metadata_remove(struct mlw_metadata *metadata, const char *key)
{
	size_t index = find(metadata, key);

	if (!is_at(metadata, index, key))
		return;
	free(metadata->rows[index].key);
	free(metadata->rows[index].value);
	metadata->count--;
	memmove(&metadata->rows[index], &metadata->rows[index + 1],
	        (metadata->count - index) * sizeof(*metadata->rows));
}

const struct mlw_metadatum *mlw_metadata_get(const struct mlw_metadata *metadata,
                                             const char *key)
{
	size_t index = find(metadata, key);

	return is_at(metadata, index, key) ? &metadata->rows[index] : NULL;
}

int mlw_metadata_copy(struct mlw_metadata *metadata, const struct mlw_metadata *from,
                      struct mlw_error *err)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct mlw_metadatum *row = &from->rows[i];

		if (mlw_metadata_set(metadata, row->key, row->value, row->size, err))
			return -1;
	}
	return 0;
}

int mallow_snapshot_set_metadata(struct mallow_snapshot *snapshot, const char *key,
                                 const void *value, size_t size, struct mallow_error *err)
{
	struct mlw_error inner;

	if (!value) {
		mlw_metadata_remove(&snapshot->metadata, key);
		return 0;
	}
	if (mlw_metadata_set(&snapshot->metadata, key, value, size, &inner))
		return mlw_snapshot_fail(err, &inner);
	return 0;
}

const void *mallow_snapshot_metadata(const struct mallow_snapshot *snapshot,
                                     const char *key, size_t *size)
{
	const struct mlw_metadatum *row = mlw_metadata_get(&snapshot->metadata, key);

	if (size)
		*size = row ? row->size : 0;
	return row ? row->value : NULL;
}

size_t mallow_snapshot_metadata_count(const struct mallow_snapshot *snapshot)
{
	return snapshot->metadata.count;
}

const char *mallow_snapshot_metadata_key(const struct mallow_snapshot *snapshot,
                                         size_t index)
{
	return index < snapshot->metadata.count ? snapshot->metadata.rows[index].key
	                                        : NULL;
}
