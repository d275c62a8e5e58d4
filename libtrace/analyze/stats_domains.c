/* SPDX-License-Identifier: MIT */
#include "analyze/stats_domains.h"

#include <stdlib.h>

#include "base/array.h"

struct filling {
	struct mlw_stats *stats;
	struct mlw_recording *recording;
	const struct mlw_heap *heap;
	size_t capacity;
};

static struct mlw_stats_domain *find_domain(struct filling *filling, uint32_t id,
                                            struct mlw_error *err)
{
	struct mlw_stats *stats = filling->stats;
	struct mlw_stats_domain *domain;

	for (size_t i = 0; i < stats->domain_count; i++)
		if (stats->domains[i].id == id)
			return &stats->domains[i];
	if (mlw_grow(&stats->domains, &filling->capacity, stats->domain_count + 1,
	             sizeof(*stats->domains), err))
		return NULL;
	domain = &stats->domains[stats->domain_count];
	*domain = (struct mlw_stats_domain){ .id = id };
	domain->name = mlw_recording_domain(filling->recording, id, err);
	if (!domain->name)
		return NULL;
	mlw_stats_copy_totals(&domain->totals, mlw_heap_domain(filling->heap, id));
	stats->domain_count++;
	return domain;
}

static int add_used_domains(struct filling *filling, struct mlw_error *err)
{
	for (uint32_t i = 0; i < mlw_heap_domain_limit(filling->heap); i++) {
		const struct mlw_totals *totals = mlw_heap_domain(filling->heap, i);
		bool is_used = i == MLW_DOMAIN_MALLOC || totals->allocations ||
		               totals->live_count;

		if (is_used && !find_domain(filling, i, err))
			return -1;
	}
	return 0;
}

static struct mlw_stats_pools *find_pools(struct mlw_stats_domain *domain,
                                          uint64_t block_size, struct mlw_error *err)
{
	struct mlw_stats_pools *pools;
	size_t capacity = domain->pool_count;

	for (size_t i = 0; i < domain->pool_count; i++)
		if (domain->pools[i].block_size == block_size)
			return &domain->pools[i];
	if (mlw_grow(&domain->pools, &capacity, domain->pool_count + 1, sizeof(*pools),
	             err))
		return NULL;
	pools = &domain->pools[domain->pool_count++];
	*pools = (struct mlw_stats_pools){ .block_size = block_size };
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
	struct mlw_stats_domain *domain = find_domain(filling, row->domain, err);
	struct mlw_stats_pools *pools =
	        domain ? find_pools(domain, row->block_size, err) : NULL;

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

static int compare_pools(const void *left, const void *right)
{
	uint64_t a = ((const struct mlw_stats_pools *)left)->block_size;
	uint64_t b = ((const struct mlw_stats_pools *)right)->block_size;

	return (a > b) - (a < b);
}

int mlw_stats_fill_domains(struct mlw_stats *stats, struct mlw_recording *recording,
                           const struct mlw_heap *heap, struct mlw_error *err)
{
	struct filling filling = { stats, recording, heap, 0 };
	const struct mlw_pool_row *rows;
	size_t count;

	if (add_used_domains(&filling, err) ||
	    mlw_reader_pools(recording->reader, &rows, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (add_pools(&filling, &rows[i], err))
			return -1;
	for (size_t i = 0; i < stats->domain_count; i++)
		if (stats->domains[i].pool_count)
			qsort(stats->domains[i].pools, stats->domains[i].pool_count,
			      sizeof(*stats->domains[i].pools), compare_pools);
	return 0;
}

void mlw_stats_release_domains(struct mlw_stats *stats)
{
	for (size_t i = 0; i < stats->domain_count; i++)
		free(stats->domains[i].pools);
	free(stats->domains);
}
