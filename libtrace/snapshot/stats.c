/* SPDX-License-Identifier: MIT */
#include "analyze/stats.h"

#include "analyze/snapshots.h"
#include "snapshot/query.h"

int mallow_stats_new(struct mallow_stats **stats, const char *place,
                     struct mallow_error *err)
{
	struct mlw_error inner;

	return mlw_stats_new(stats, place, &inner) ? mlw_query_fail(err, place, &inner)
	                                           : 0;
}

void mallow_stats_free(struct mallow_stats *stats)
{
	mlw_stats_free(stats);
}

const struct mallow_about *mallow_stats_about(const struct mallow_stats *stats)
{
	return &stats->about;
}

const struct mallow_run_stats *mallow_stats_run(const struct mallow_stats *stats)
{
	return &stats->run;
}

size_t mallow_stats_process_count(const struct mallow_stats *stats)
{
	return stats->process_count;
}

const struct mallow_process_stats *mallow_stats_process(const struct mallow_stats *stats,
                                                        size_t index)
{
	return index < stats->process_count ? &stats->processes[index] : NULL;
}

size_t mallow_stats_thread_count(const struct mallow_stats *stats)
{
	return stats->thread_count;
}

const struct mallow_thread_stats *mallow_stats_thread(const struct mallow_stats *stats,
                                                      size_t index)
{
	return index < stats->thread_count ? &stats->threads[index] : NULL;
}

size_t mallow_stats_domain_count(const struct mallow_stats *stats)
{
	return stats->domain_count;
}

const struct mallow_domain_stats *mallow_stats_domain(const struct mallow_stats *stats,
                                                      size_t index)
{
	return index < stats->domain_count ? &stats->domains[index] : NULL;
}

size_t mallow_stats_size_count(const struct mallow_stats *stats)
{
	return stats->sizes.count;
}

const struct mallow_class *mallow_stats_size(const struct mallow_stats *stats,
                                             size_t index)
{
	return index < stats->sizes.count ? &stats->sizes.rows[index] : NULL;
}

size_t mallow_stats_lifetime_count(const struct mallow_stats *stats)
{
	return stats->lifetimes.count;
}

const struct mallow_class *mallow_stats_lifetime(const struct mallow_stats *stats,
                                                 size_t index)
{
	return index < stats->lifetimes.count ? &stats->lifetimes.rows[index] : NULL;
}

size_t mallow_stats_taken_count(const struct mallow_stats *stats)
{
	return stats->snapshots->count;
}

const struct mallow_taken *mallow_stats_taken(const struct mallow_stats *stats,
                                              size_t index)
{
	return index < stats->snapshots->count ? &stats->snapshots->rows[index] : NULL;
}

size_t mallow_stats_metadata_count(const struct mallow_stats *stats)
{
	return stats->metadata_count;
}

const struct mallow_metadatum *mallow_stats_metadatum(const struct mallow_stats *stats,
                                                      size_t index)
{
	return index < stats->metadata_count ? &stats->metadata[index] : NULL;
}

const char *mallow_ended_name(enum mallow_ended ended)
{
	static const char *const names[] = { "running", "exit",     "signal",
		                             "exec",    "detached", "lost" };

	return (unsigned)ended < sizeof(names) / sizeof(*names) ? names[ended] : NULL;
}
