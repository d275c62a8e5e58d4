/* SPDX-License-Identifier: MIT */
#include "snapshot/origin.h"

#include <stdlib.h>

#include "base/array.h"

int mlw_origin_new(struct mlw_origin **origin, struct mlw_error *err)
{
	*origin = calloc(1, sizeof(**origin));
	if (!*origin)
		return mlw_fail(err, "out of memory");
	(*origin)->holders = 1;
	return 0;
}

struct mlw_origin *mlw_origin_hold(struct mlw_origin *origin)
{
	origin->holders++;
	return origin;
}

void mlw_origin_drop(struct mlw_origin *origin)
{
	if (!origin || --origin->holders)
		return;
	for (size_t i = 0; i < origin->traceback_count; i++)
		free(origin->tracebacks[i]);
	free(origin->tracebacks);
	for (size_t i = 0; i < origin->frame_count; i++)
		free(origin->frames[i]);
	free(origin->frames);
	free(origin->domains);
	mlw_numbering_release(&origin->stacks);
	mlw_intern_release(&origin->strings);
	mlw_recording_close(origin->recording);
	free(origin);
}

size_t mlw_origin_frame_count(const struct mlw_origin *origin)
{
	return origin->recording ? origin->recording->location_count
	                         : origin->frame_count;
}

/* Its frames stand behind it. */
struct traceback {
	struct mallow_traceback shown;
	const struct mlw_frame *frames[];
};

struct mallow_traceback *mlw_origin_traceback(struct mlw_origin *origin, size_t count,
                                              const struct mlw_frame ***frames,
                                              struct mlw_error *err)
{
	struct traceback *made;

	if (mlw_grow(&origin->tracebacks, &origin->traceback_capacity,
	             origin->traceback_count + 1, sizeof(struct mallow_traceback *), err))
		return NULL;
	made = calloc(1, sizeof(*made) + count * sizeof(made->frames[0]));
	if (!made) {
		mlw_fail(err, "out of memory");
		return NULL;
	}
	made->shown.id = (uint32_t)origin->traceback_count;
	made->shown.count = count;
	made->shown.frames = *frames = made->frames;
	origin->tracebacks[origin->traceback_count++] = &made->shown;
	return &made->shown;
}

static int keep(struct mlw_origin *origin, const char *text, const char **kept,
                struct mlw_error *err)
{
	*kept = mlw_intern(&origin->strings, text, err);
	return text && !*kept ? -1 : 0;
}

const struct mlw_frame *mlw_origin_frame(struct mlw_origin *origin,
                                         const struct mallow_frame *frame,
                                         struct mlw_error *err)
{
	struct mlw_frame made = {
		.offset = frame->offset,
		.line = frame->line,
		.inlined = frame->inlined,
		.id = (uint32_t)origin->frame_count,
	};
	struct mlw_frame *kept;

	if (keep(origin, frame->function, &made.function, err) ||
	    keep(origin, frame->file, &made.file, err) ||
	    keep(origin, frame->module, &made.module, err) ||
	    mlw_grow(&origin->frames, &origin->frame_capacity, origin->frame_count + 1,
	             sizeof(struct mlw_frame *), err))
		return NULL;
	kept = malloc(sizeof(*kept));
	if (!kept) {
		mlw_fail(err, "out of memory");
		return NULL;
	}
	*kept = made;
	origin->frames[origin->frame_count++] = kept;
	return kept;
}

const char *mlw_origin_domain(const struct mlw_origin *origin, uint32_t domain)
{
	static const char *const known[] = {
		[MALLOW_DOMAIN_MALLOC] = "malloc",
		[MALLOW_DOMAIN_MMAP] = "mmap",
		[MALLOW_DOMAIN_BRK] = "brk",
	};
	const struct mlw_recording *recording = origin->recording;

	if (domain < sizeof(known) / sizeof(*known))
		return known[domain];
	for (size_t i = 0; recording && i < recording->name_count; i++) {
		if (recording->names[i].kind == MLW_NAME_DOMAIN &&
		    recording->names[i].number == domain)
			return recording->names[i].text;
	}
	for (size_t i = 0; i < origin->domain_count; i++) {
		if (origin->domains[i].domain == domain)
			return origin->domains[i].name;
	}
	return NULL;
}

int mlw_origin_name_domain(struct mlw_origin *origin, uint32_t domain, const char *name,
                           struct mlw_error *err)
{
	const char *kept = mlw_intern(&origin->strings, name, err);

	if (!kept)
		return -1;
	for (size_t i = 0; i < origin->domain_count; i++) {
		if (origin->domains[i].domain == domain) {
			origin->domains[i].name = kept;
			return 0;
		}
	}
	if (mlw_grow(&origin->domains, &origin->domain_capacity, origin->domain_count + 1,
	             sizeof(*origin->domains), err))
		return -1;
	origin->domains[origin->domain_count++] =
	        (struct mlw_domain_name){ domain, kept };
	return 0;
}
