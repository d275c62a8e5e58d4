/* SPDX-License-Identifier: MIT */
#include "views/views.h"

#include <stdio.h>
#include <stdlib.h>

#include "views/state.h"

static const struct mlw_view *const all[MLW_VIEWS] = {
	&mlw_view_runs,     &mlw_view_processes,   &mlw_view_threads, &mlw_view_modules,
	&mlw_view_frames,   &mlw_view_traces,      &mlw_view_sites,   &mlw_view_snapshots,
	&mlw_view_timeline, &mlw_view_live_blocks, &mlw_view_pools,   &mlw_view_metadata,
};

int mlw_views_new(struct mlw_views **views, const char *path,
                  const struct mallow_run_options *options, struct mlw_error *err)
{
	struct mlw_views *made = calloc(1, sizeof(*made));

	*views = NULL;
	if (!made)
		return mlw_fail(err, "%s: out of memory", path);
	made->users = 1;
	if (mlw_recording_open(&made->recording, path, options, err))
		goto out;
	made->sites = calloc(made->recording->trace_count + 1, sizeof(*made->sites));
	if (!made->sites) {
		mlw_fail(err, "%s: out of memory", path);
		goto out;
	}
	for (size_t i = 0; i <= MLW_VIEWS; i++)
		made->modules[i] =
		        (struct mlw_views_module){ made, i < MLW_VIEWS ? all[i] : NULL };
	*views = made;
	return 0;
out:
	mlw_views_release(made);
	return -1;
}

void mlw_views_release(struct mlw_views *views)
{
	if (!views || --views->users)
		return;
	mlw_heap_free(views->heap);
	free(views->sites);
	mlw_recording_close(views->recording);
	free(views);
}

static void release_module(void *module)
{
	mlw_views_release(((struct mlw_views_module *)module)->views);
}

static int attach(struct mlw_views_module *module, sqlite3 *sqlite, struct mlw_error *err)
{
	const char *name = module->view ? module->view->name : "events";
	char module_name[64], statement[192];

	snprintf(module_name, sizeof(module_name), "mallow_%s", name);
	snprintf(statement, sizeof(statement), "CREATE VIRTUAL TABLE temp.%s USING %s",
	         name, module_name);
	module->views->users++; /* given back by release_module, also on failure */
	if (sqlite3_create_module_v2(sqlite, module_name,
	                             module->view ? &mlw_view_module : &mlw_events_module,
	                             module, release_module) != SQLITE_OK ||
	    sqlite3_exec(sqlite, statement, NULL, NULL, NULL) != SQLITE_OK)
		return mlw_fail(err, "the table %s cannot be made: %s", name,
		                sqlite3_errmsg(sqlite));
	return 0;
}

int mlw_views_attach(struct mlw_views *views, sqlite3 *sqlite, struct mlw_error *err)
{
	for (size_t i = 0; i <= MLW_VIEWS; i++)
		if (attach(&views->modules[i], sqlite, err))
			return -1;
	return 0;
}

bool mlw_views_closed(const struct mlw_views *views)
{
	return views->recording->run->closed;
}

bool mlw_views_complete(const struct mlw_views *views)
{
	return mlw_recording_complete(views->recording);
}

bool mlw_views_cut(const struct mlw_views *views)
{
	return views->recording->run->cut_changes > 0;
}

uint64_t mlw_views_sample(const struct mlw_views *views)
{
	return views->recording->run->sample_bytes;
}

uint64_t mlw_views_chunks_read(const struct mlw_views *views)
{
	return views->chunks_read;
}

void mlw_views_progress(const struct mlw_views *views, uint64_t *done, uint64_t *total)
{
	*done = views->changes_done;
	*total = views->changes_planned;
}

int mlw_views_heap(struct mlw_views *views, const struct mlw_heap **heap,
                   struct mlw_error *err)
{
	if (!views->heap &&
	    mlw_reader_heap(views->recording->reader, UINT64_MAX, &views->heap, err))
		return -1;
	*heap = views->heap;
	return 0;
}

int mlw_views_site(struct mlw_views *views, uint32_t trace, const struct mlw_frame **site,
                   struct mlw_error *err)
{
	static const struct mlw_frame none;
	const struct mlw_frame **found = &views->sites[trace - 1];
	struct mlw_walk walk;
	int got;

	if (!*found) {
		if (mlw_walk_to_site(&walk, views->recording, trace, err))
			return -1;
		got = mlw_walk_next(&walk, found, err);
		if (got < 0)
			return -1;
		if (!got)
			*found = &none;
	}
	*site = *found;
	return 0;
}
