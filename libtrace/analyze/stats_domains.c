/* SPDX-License-Identifier: MIT */
#include "analyze/stats_domains.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct filling {
	struct mallow_stats *stats;
	struct mlw_recording *recording;
	const struct mlw_heap *heap;
	size_t capacity;
	struct mallow_pools *pools; /* of the last domain */
	size_t pool_capacity;
};

/* Domains come in the order of their ids. */
static struct mallow_domain_stats *find_domain(struct filling *filling, uint32_t id,
                                               struct mlw_error *err)
{
	struct mallow_stats *stats = filling->stats;
	size_t at = stats->domain_count;
	struct mallow_domain_stats *domain;

	if (at && stats->domains[at - 1].id == id)
		return &stats->domains[at - 1];
	if (mlw_grow(&stats->domains, &filling->capacity, at + 1, sizeof(*stats->domains),
	             err))
		return NULL;
	domain = &stats->domains[at];
	*domain = (struct mallow_domain_stats){ .id = id };
	domain->name = mlw_recording_domain(filling->recording, id, err);
	if (!domain->name)
		return NULL;
	mlw_stats_copy_totals(&domain->totals, mlw_heap_domain(filling->heap, id));
	stats->domain_count++;
	filling->pools = NULL;
	filling->pool_capacity = 0;
	return domain;
}

/* So do pools, by what their blocks take. */
static struct mallow_pools *find_pools(struct filling *filling,
                                       struct mallow_domain_stats *domain,
                                       uint64_t block_size, struct mlw_error *err)
{
	struct mallow_pools *pools;
	size_t count = domain->pool_count;

	if (count && filling->pools && filling->pools[count - 1].block_size == block_size)
		return &filling->pools[count - 1];
	if (mlw_grow(&filling->pools, &filling->pool_capacity, count + 1, sizeof(*pools),
	             err))
		return NULL;
	domain->pools = filling->pools;
	pools = &filling->pools[domain->pool_count++];
	*pools = (struct mallow_pools){ .block_size = block_size };
	return pools;
}

/* What of a pool's memory is neither free nor asked for; a file may say anything. */
static uint64_t wasted(const struct mlw_pool_row *row)
{
	uint64_t taken = row->size > row->free_size ? row->size - row->free_size : 0;

	return taken > row->used_size ? taken - row->used_size : 0;
}

static int add_pools(struct filling *filling, const struct mlw_pool_row *row,
                     struct mlw_error *err)
{
	struct mallow_domain_stats *domain = find_domain(filling, row->domain, err);
	struct mallow_pools *pools =
	        domain ? find_pools(filling, domain, row->block_size, err) : NULL;

	if (!pools)
		return -1;
	pools->created += row->created;
	pools->pools += row->pools;
	pools->size += row->size;
	pools->blocks += row->blocks;
	pools->used_size += row->used_size;
	pools->wasted_size += wasted(row);
	pools->free_size += row->free_size;
	if (row->largest_free > pools->largest_free)
		pools->largest_free = row->largest_free;
	return 0;
}

static int compare_rows(const void *left, const void *right)
{
	const struct mlw_pool_row *a = left, *b = right;

	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	return (a->block_size > b->block_size) - (a->block_size < b->block_size);
}

/* The rows of the file, sorted, for the caller to free; NULL: it failed. */
static struct mlw_pool_row *sorted_pools(struct mlw_recording *recording, size_t *count,
                                         struct mlw_error *err)
{
	const struct mlw_pool_row *rows;
	struct mlw_pool_row *sorted;

	if (mlw_reader_pools(recording->reader, &rows, count, err))
		return NULL;
	sorted = calloc(*count + 1, sizeof(*sorted));
	if (!sorted) {
		mlw_fail(err, "out of memory");
		return NULL;
	}
	if (*count) {
		memcpy(sorted, rows, *count * sizeof(*sorted));
		qsort(sorted, *count, sizeof(*sorted), compare_rows);
	}
	return sorted;
}

static bool is_used(const struct mlw_heap *heap, uint32_t domain)
{
	const struct mlw_totals *totals = mlw_heap_domain(heap, domain);

	return domain == MLW_DOMAIN_MALLOC || totals->allocations || totals->live_count;
}

/* Domains below `limit` that were used, from `*next` on. */
static int add_used_domains(struct filling *filling, uint32_t *next, uint32_t limit,
                            struct mlw_error *err)
{
	uint32_t end = mlw_heap_domain_limit(filling->heap);

	for (; *next < end && *next < limit; ++*next)
		if (is_used(filling->heap, *next) && !find_domain(filling, *next, err))
			return -1;
	return 0;
}

static int add_all(struct filling *filling, const struct mlw_pool_row *rows, size_t count,
                   struct mlw_error *err)
{
	uint32_t next = 0;

	for (size_t i = 0; i < count; i++)
		if (add_used_domains(filling, &next, rows[i].domain, err) ||
		    add_pools(filling, &rows[i], err))
			return -1;
	return add_used_domains(filling, &next, UINT32_MAX, err);
}

int mlw_stats_fill_domains(struct mallow_stats *stats, struct mlw_recording *recording,
                           const struct mlw_heap *heap, struct mlw_error *err)
{
	struct filling filling = { .stats = stats, .recording = recording, .heap = heap };
	size_t count;
	struct mlw_pool_row *rows = sorted_pools(recording, &count, err);
	int result = rows ? add_all(&filling, rows, count, err) : -1;

	free(rows);
	return result;
}

void mlw_stats_release_domains(struct mallow_stats *stats)
{
	for (size_t i = 0; i < stats->domain_count; i++)
		free((void *)(uintptr_t)stats->domains[i].pools);
	free(stats->domains);
}
