/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "snapshot/state.h"

_Static_assert(sizeof(((struct mallow_error *)0)->text) ==
                       sizeof(((struct mlw_error *)0)->text),
               "a sentence fits");
_Static_assert(MALLOW_DOMAIN_MALLOC == MLW_DOMAIN_MALLOC &&
                       MALLOW_DOMAIN_MMAP == MLW_DOMAIN_MMAP &&
                       MALLOW_DOMAIN_BRK == MLW_DOMAIN_BRK,
               "the domains of a recording are the public ones");

int mlw_snapshot_fail(struct mallow_error *err, const struct mlw_error *inner)
{
	if (err)
		memcpy(err->text, inner->text, sizeof(err->text));
	return -1;
}

/* With `file` between the two. */
static bool begins_with(const char *text, const char *before, const char *file,
                        const char *behind)
{
	size_t length = strlen(file);

	if (strncmp(text, before, strlen(before)) != 0)
		return false;
	text += strlen(before);
	return !strncmp(text, file, length) &&
	       !strncmp(text + length, behind, strlen(behind));
}

int mlw_snapshot_blame(const char *file, struct mlw_error *err)
{
	struct mlw_error inner = *err;

	if (!file || begins_with(inner.text, "", file, ": ") ||
	    begins_with(inner.text, "'", file, "' "))
		return -1;
	return mlw_fail(err, "%s: %s", file, inner.text);
}

struct mallow_snapshot *mlw_snapshot_of(struct mlw_origin *origin, struct mlw_error *err)
{
	struct mallow_snapshot *made = calloc(1, sizeof(*made));

	if (made)
		made->origin = mlw_origin_hold(origin);
	else
		mlw_fail(err, "out of memory");
	return made;
}

int mlw_snapshot_put(struct mallow_snapshot *snapshot, const struct mallow_trace *trace,
                     struct mlw_error *err)
{
	if (mlw_grow(&snapshot->traces, &snapshot->capacity, snapshot->count + 1,
	             sizeof(*snapshot->traces), err))
		return -1;
	snapshot->traces[snapshot->count++] = *trace;
	return 0;
}

int mallow_snapshot_new(struct mallow_snapshot **snapshot, struct mallow_error *err)
{
	struct mlw_origin *origin;
	struct mlw_error inner;

	*snapshot = NULL;
	if (mlw_origin_new(&origin, &inner))
		return mlw_snapshot_fail(err, &inner);
	*snapshot = mlw_snapshot_of(origin, &inner);
	mlw_origin_drop(origin);
	return *snapshot ? 0 : mlw_snapshot_fail(err, &inner);
}

void mallow_snapshot_free(struct mallow_snapshot *snapshot)
{
	if (!snapshot)
		return;
	mlw_origin_drop(snapshot->origin);
	mlw_metadata_release(&snapshot->metadata);
	free(snapshot->traces);
	free(snapshot);
}

static const struct mallow_traceback *build_traceback(
        struct mlw_origin *origin, const struct mallow_new_trace *trace,
        struct mlw_error *err)
{
	const struct mlw_frame **frames;
	struct mallow_traceback *made;

	made = mlw_origin_traceback(origin, trace->frame_count, &frames, err);
	if (!made)
		return NULL;
	for (size_t i = 0; i < trace->frame_count; i++) {
		frames[i] = mlw_origin_frame(origin, &trace->frames[i], err);
		if (!frames[i])
			return NULL;
	}
	made->truncated = trace->total_frames > trace->frame_count;
	made->total_frames =
	        made->truncated ? trace->total_frames : (uint32_t)trace->frame_count;
	return made;
}

static int add(struct mallow_snapshot *snapshot, const struct mallow_new_trace *trace,
               struct mlw_error *err)
{
	struct mallow_trace made = {
		.size = trace->size,
		.count = trace->count ? trace->count : 1,
		.domain = trace->domain,
		.thread = trace->thread,
		.process = trace->process,
	};

	if (snapshot->origin->recording)
		return mlw_fail(err, "a snapshot out of a file takes no more traces");
	made.scope = mlw_intern(&snapshot->origin->strings, trace->scope, err);
	if (trace->scope && !made.scope)
		return -1;
	made.traceback = build_traceback(snapshot->origin, trace, err);
	return made.traceback ? mlw_snapshot_put(snapshot, &made, err) : -1;
}

int mallow_snapshot_add(struct mallow_snapshot *snapshot,
                        const struct mallow_new_trace *trace, struct mallow_error *err)
{
	struct mlw_error inner;

	return add(snapshot, trace, &inner) ? mlw_snapshot_fail(err, &inner) : 0;
}

size_t mallow_snapshot_trace_count(const struct mallow_snapshot *snapshot)
{
	return snapshot->count;
}

const struct mallow_trace *mallow_snapshot_trace(const struct mallow_snapshot *snapshot,
                                                 size_t index)
{
	return index < snapshot->count ? &snapshot->traces[index] : NULL;
}

uint64_t mallow_snapshot_at_ns(const struct mallow_snapshot *snapshot)
{
	return snapshot->at_ns;
}

const char *mallow_snapshot_file(const struct mallow_snapshot *snapshot)
{
	const struct mlw_recording *recording = snapshot->origin->recording;

	return recording ? mlw_reader_path(recording->reader) : NULL;
}

bool mallow_snapshot_complete(const struct mallow_snapshot *snapshot)
{
	const struct mlw_recording *recording = snapshot->origin->recording;

	return !recording || mlw_recording_complete(recording);
}

bool mallow_snapshot_closed(const struct mallow_snapshot *snapshot)
{
	const struct mlw_recording *recording = snapshot->origin->recording;

	return !recording || recording->run->closed;
}

uint64_t mallow_snapshot_sample_bytes(const struct mallow_snapshot *snapshot)
{
	const struct mlw_recording *recording = snapshot->origin->recording;

	return recording ? recording->run->sample_bytes : 0;
}

const char *mallow_snapshot_domain_name(const struct mallow_snapshot *snapshot,
                                        uint32_t domain)
{
	return mlw_origin_domain(snapshot->origin, domain);
}

static int name_domain(struct mallow_snapshot *snapshot, uint32_t domain,
                       const char *name, struct mlw_error *err)
{
	if (snapshot->origin->recording)
		return mlw_fail(err, "a snapshot out of a file has its names");
	if (domain <= MALLOW_DOMAIN_BRK)
		return mlw_fail(err, "domain %u has a name", domain);
	if (!*name)
		return mlw_fail(err, "the name of a domain is not empty");
	return mlw_origin_name_domain(snapshot->origin, domain, name, err);
}

int mallow_snapshot_name_domain(struct mallow_snapshot *snapshot, uint32_t domain,
                                const char *name, struct mallow_error *err)
{
	struct mlw_error inner;

	return name_domain(snapshot, domain, name, &inner)
	               ? mlw_snapshot_fail(err, &inner)
	               : 0;
}
