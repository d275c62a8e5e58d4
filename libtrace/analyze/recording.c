/* SPDX-License-Identifier: MIT */
#include "analyze/recording.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/names.h"
#include "analyze/wrapper.h"
#include "store/alive.h"

static int load_rows(struct mlw_recording *recording, struct mlw_error *err)
{
	struct mlw_reader *reader = recording->reader;

	if (mlw_reader_run(reader, &recording->run, err) ||
	    mlw_reader_processes(reader, &recording->processes, &recording->process_count,
	                         err) ||
	    mlw_reader_threads(reader, &recording->threads, &recording->thread_count,
	                       err) ||
	    mlw_reader_modules(reader, &recording->modules, &recording->module_count,
	                       err) ||
	    mlw_reader_names(reader, &recording->names, &recording->name_count, err) ||
	    mlw_reader_frames(reader, &recording->frames, &recording->frame_count, err) ||
	    mlw_reader_nodes(reader, &recording->nodes, err) ||
	    mlw_reader_traces(reader, &recording->traces, &recording->trace_count, err))
		return -1;
	return 0;
}

static bool frames_are_sound(const struct mlw_recording *recording)
{
	for (size_t i = 0; i < recording->frame_count; i++) {
		if (recording->frames[i].module > recording->module_count)
			return false;
	}
	return true;
}

static bool traces_are_sound(const struct mlw_recording *recording)
{
	for (size_t i = 0; i < recording->trace_count; i++) {
		const struct mlw_trace_row *trace = &recording->traces[i];

		if (trace->node > recording->nodes->count || !trace->thread ||
		    trace->thread > recording->thread_count)
			return false;
	}
	for (size_t i = 0; i < recording->thread_count; i++) {
		uint32_t process = recording->threads[i].process;

		if (!process || process > recording->process_count)
			return false;
	}
	return true;
}

static int load(struct mlw_recording *recording, const char *path, struct mlw_error *err)
{
	if (mlw_reader_open(&recording->reader, path, err))
		return -1;
	recording->progress =
	        (struct mlw_progress){ recording->options.progress,
		                       recording->options.progress_context };
	mlw_reader_watch(recording->reader, &recording->progress);
	if (load_rows(recording, err))
		return -1;
	if (!frames_are_sound(recording) || !traces_are_sound(recording))
		return mlw_fail(err, "%s: damaged: a stack names what is not there",
		                path);
	recording->sets = calloc(recording->frame_count + 1, sizeof(*recording->sets));
	if (!recording->sets)
		return mlw_fail(err, "out of memory");
	return 0;
}

int mlw_recording_open(struct mlw_recording **recording, const char *path,
                       const struct mallow_run_options *options, struct mlw_error *err)
{
	struct mlw_recording *opened = calloc(1, sizeof(*opened));

	*recording = NULL;
	if (!opened)
		return mlw_fail(err, "out of memory");
	opened->options = *options;
	if (load(opened, path, err)) {
		mlw_recording_close(opened);
		return -1;
	}
	*recording = opened;
	return 0;
}

void mlw_recording_close(struct mlw_recording *recording)
{
	if (!recording)
		return;
	for (size_t i = 0; recording->sets && i < recording->frame_count; i++)
		free(recording->sets[i].frames);
	free(recording->sets);
	mlw_late_symbols_free(recording->late);
	mlw_intern_release(&recording->strings);
	mlw_reader_close(recording->reader);
	free(recording);
}

bool mlw_recording_complete(const struct mlw_recording *recording)
{
	const struct mlw_run_row *run = recording->run;

	return run->closed && !run->lost_events && !run->damaged_events;
}

const char *mlw_recording_lacks_events(const struct mlw_recording *recording)
{
	return recording->run->saved
	               ? "the file is one saved snapshot"
	               : "only totals by site were recorded (--record sites)";
}

bool mlw_recording_is_running(const char *file)
{
	return mlw_alive_ask(file);
}

static const char *const known_domains[] = {
	[MLW_DOMAIN_MALLOC] = "malloc",
	[MLW_DOMAIN_MMAP] = "mmap",
	[MLW_DOMAIN_BRK] = "brk",
};

#define KNOWN_DOMAINS (sizeof(known_domains) / sizeof(*known_domains))

/* What the program has named, by its own name; without one, by its number. */
static const char *name_of(struct mlw_recording *recording, enum mlw_name_kind kind,
                           uint32_t number, struct mlw_error *err)
{
	char text[32];

	for (size_t i = 0; i < recording->name_count; i++)
		if (recording->names[i].kind == kind &&
		    recording->names[i].number == number)
			return recording->names[i].text;
	snprintf(text, sizeof(text), "%u", number);
	return mlw_intern(&recording->strings, text, err);
}

const char *mlw_recording_domain(struct mlw_recording *recording, uint32_t domain,
                                 struct mlw_error *err)
{
	if (domain < KNOWN_DOMAINS)
		return known_domains[domain];
	return name_of(recording, MLW_NAME_DOMAIN, domain, err);
}

int mlw_recording_scope(struct mlw_recording *recording, uint32_t scope,
                        const char **name, struct mlw_error *err)
{
	*name = NULL;
	if (!scope)
		return 0;
	if (scope != recording->named_scope || !recording->scope_name) {
		recording->scope_name = name_of(recording, MLW_NAME_SCOPE, scope, err);
		recording->named_scope = scope;
	}
	*name = recording->scope_name;
	return *name ? 0 : -1;
}

bool mlw_recording_find_domain(const struct mlw_recording *recording, const char *name,
                               uint32_t *domain)
{
	for (*domain = 0; *domain < KNOWN_DOMAINS; ++*domain)
		if (!strcmp(name, known_domains[*domain]))
			return true;
	for (size_t i = 0; i < recording->name_count; i++) {
		*domain = recording->names[i].number;
		if (recording->names[i].kind == MLW_NAME_DOMAIN &&
		    !strcmp(name, recording->names[i].text))
			return true;
	}
	return false;
}

/* Interns the text, which may be NULL; -1 only without memory. */
static int keep(struct mlw_recording *recording, const char *text, const char **kept,
                struct mlw_error *err)
{
	*kept = mlw_intern(&recording->strings, text, err);
	return text && !*kept ? -1 : 0;
}

static int keep_path(struct mlw_recording *recording, const char *path, const char **kept,
                     struct mlw_error *err)
{
	char *mapped = NULL;
	int result;

	if (!path)
		return keep(recording, NULL, kept, err);
	if (mlw_names_map(&recording->options, path, &mapped, err))
		return -1;
	result = keep(recording, mapped, kept, err);
	free(mapped);
	return result;
}

static bool is_wrapper(const struct mlw_recording *recording, const char *function,
                       const char *file)
{
	const struct mallow_run_options *options = &recording->options;

	for (size_t i = 0; function && i < options->wrapper_count; i++) {
		if (!fnmatch(options->wrappers[i], function, 0))
			return true;
	}
	return !recording->run->saved && mlw_wrapper_builtin(function, file);
}

static int fill_frame(struct mlw_recording *recording,
                      const struct mlw_location_row *location, struct mlw_frame *frame,
                      struct mlw_error *err)
{
	if (keep(recording, location->function, &frame->function, err) ||
	    keep_path(recording, location->file, &frame->file, err))
		return -1;
	frame->line = location->line;
	frame->inlined = location->inlined;
	frame->wrapper = is_wrapper(recording, location->function, location->file);
	return 0;
}

/* What every frame of one machine frame has in common. */
static int frame_template(struct mlw_recording *recording, uint32_t id,
                          struct mlw_frame *frame, struct mlw_error *err)
{
	const struct mlw_frame_row *row = &recording->frames[id - 1];
	const char *path = row->module ? recording->modules[row->module - 1].path : NULL;

	*frame = (struct mlw_frame){ .offset = row->offset };
	return keep(recording, path, &frame->module, err);
}

/* What the file says of a frame or, where its collector could not say it any more, what
 * can still be found out. */
static int find_locations(struct mlw_recording *recording, uint32_t id,
                          const struct mlw_location_row **rows, size_t *count,
                          struct mlw_error *err)
{
	const struct mlw_frame_row *frame = &recording->frames[id - 1];

	if (mlw_reader_locations(recording->reader, id, rows, count, err))
		return -1;
	if (*count || recording->run->closed || recording->run->saved)
		return 0;
	if (!recording->late && mlw_late_symbols_new(&recording->late, recording->modules,
	                                             recording->module_count, err))
		return -1;
	return mlw_late_symbols_resolve(recording->late, frame->module, frame->offset,
	                                rows, count, err);
}

static bool is_mallow(const struct mlw_recording *recording, uint32_t frame)
{
	uint32_t module = recording->frames[frame - 1].module;
	const char *path = module ? recording->modules[module - 1].path : NULL;

	return path && !strncmp(mlw_basename(path), "libmallow.so", 12);
}

static int load_set(struct mlw_recording *recording, uint32_t id,
                    struct mlw_frame_set *set, struct mlw_error *err)
{
	const struct mlw_location_row *locations = NULL;
	struct mlw_frame common;
	size_t count = 0;

	if (find_locations(recording, id, &locations, &count, err) ||
	    frame_template(recording, id, &common, err))
		return -1;
	set->frames = calloc(count ? count : 1, sizeof(*set->frames));
	if (!set->frames)
		return mlw_fail(err, "out of memory");
	set->frames[0] = common;
	for (size_t i = 0; i < count; i++) {
		set->frames[i] = common;
		if (fill_frame(recording, &locations[i], &set->frames[i], err))
			return -1;
	}
	set->count = count ? count : 1;
	set->hidden = !recording->run->saved && is_mallow(recording, id);
	for (size_t i = 0; i < set->count; i++)
		set->frames[i].id = recording->location_count++;
	return 0;
}

int mlw_recording_frames(struct mlw_recording *recording, uint32_t node,
                         const struct mlw_frame **frames, size_t *count,
                         struct mlw_error *err)
{
	uint32_t id = recording->nodes->frames[node];
	struct mlw_frame_set *set = &recording->sets[id - 1];

	if (!set->count && load_set(recording, id, set, err))
		return -1;
	*frames = set->frames;
	*count = set->hidden ? 0 : set->count;
	return 0;
}

void mlw_walk_init(struct mlw_walk *walk, struct mlw_recording *recording, uint32_t trace)
{
	*walk = (struct mlw_walk){ recording, recording->traces[trace - 1].node, 0 };
}

int mlw_walk_next(struct mlw_walk *walk, const struct mlw_frame **frame,
                  struct mlw_error *err)
{
	struct mlw_recording *recording = walk->recording;

	while (walk->node) {
		uint32_t id = recording->nodes->frames[walk->node];
		struct mlw_frame_set *set = &recording->sets[id - 1];

		if (!set->count && load_set(recording, id, set, err))
			return -1;
		if (walk->index < set->count && !set->hidden) {
			*frame = &set->frames[walk->index++];
			return 1;
		}
		walk->node = mlw_nodes_parent(recording->nodes, walk->node);
		walk->index = 0;
	}
	return 0;
}

int mlw_walk_to_site(struct mlw_walk *walk, struct mlw_recording *recording,
                     uint32_t trace, struct mlw_error *err)
{
	const struct mlw_frame *frame;
	struct mlw_walk here;
	int got;

	mlw_walk_init(walk, recording, trace);
	for (here = *walk; (got = mlw_walk_next(&here, &frame, err)) > 0;) {
		*walk = here;
		walk->index--;
		if (!frame->wrapper)
			return 0;
	}
	return got;
}
