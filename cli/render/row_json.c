/* SPDX-License-Identifier: MIT */
#include "render/row.h"

static void write_frame(struct mlw_json *json, const struct mallow_frame *frame)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_string(json, "function", frame->function);
	mlw_json_string(json, "file", frame->file);
	mlw_json_uint(json, "line", frame->line);
	mlw_json_string(json, "module", frame->module);
	mlw_json_uint(json, "offset", frame->offset);
	mlw_json_bool(json, "inlined", frame->inlined);
	mlw_json_end_object(json);
}

void mlw_row_json_stack(struct mlw_json *json, const char *key,
                        const struct mallow_traceback *traceback)
{
	mlw_json_begin_array(json, key);
	for (size_t i = 0; i < mallow_traceback_count(traceback); i++) {
		struct mallow_frame frame = mallow_traceback_frame(traceback, i);

		write_frame(json, &frame);
	}
	mlw_json_end_array(json);
}

void mlw_row_json_sums(struct mlw_json *json, const struct mallow_sums *sums,
                       const struct mallow_about *about)
{
	const struct {
		const char *key;
		uint64_t value;
		bool known;
	} others[] = {
		{ "allocated_size", sums->allocated_size, !about->live_only },
		{ "allocations", sums->allocations, !about->live_only },
		{ "peak_size", sums->peak_size, !about->live_only },
		{ "peak_count", sums->peak_count, !about->live_only },
		{ "temporary_count", sums->temporary_count,
		  !about->live_only && !about->sample_bytes },
	};

	mlw_json_uint(json, "size", sums->size);
	mlw_json_uint(json, "count", sums->count);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (others[i].known)
			mlw_json_uint(json, others[i].key, others[i].value);
		else
			mlw_json_null(json, others[i].key);
	}
}

void mlw_row_json_sample(struct mlw_json *json, const struct mallow_about *about)
{
	if (about->sample_bytes)
		mlw_json_uint(json, "sample_bytes", about->sample_bytes);
}

void mlw_row_json_error(struct mlw_json *json, uint64_t error,
                        const struct mallow_about *about)
{
	if (about->sample_bytes)
		mlw_json_uint(json, "size_error", error);
}

static void write_traceback(struct mlw_json *json,
                            const struct mallow_traceback *traceback)
{
	mlw_row_json_stack(json, "traceback", traceback);
	if (mallow_traceback_truncated(traceback))
		mlw_json_bool(json, "truncated", true);
}

static void write_size_class(struct mlw_json *json, const struct mallow_row *row)
{
	mlw_json_begin_object(json, "size_class");
	mlw_json_uint(json, "min", row->size_min);
	mlw_json_uint(json, "max", row->size_max);
	mlw_json_end_object(json);
}

static void write_frame_key(struct mlw_json *json, enum mallow_key by,
                            const struct mallow_frame *frame)
{
	const char *name = mallow_key_name(by);

	switch (by) {
	case MALLOW_BY_LINE:
		mlw_json_string(json, "file", frame->file);
		mlw_json_uint(json, name, frame->line);
		break;
	case MALLOW_BY_FUNCTION:
		mlw_json_string(json, name, frame->function);
		break;
	case MALLOW_BY_FILE:
		mlw_json_string(json, name, frame->file);
		break;
	default:
		mlw_json_string(json, name, frame->module);
		break;
	}
}

/* The key of the group under the group's own name. */
static void write_key(struct mlw_json *json, enum mallow_key by,
                      const struct mallow_row *row)
{
	struct mallow_frame frame;

	switch (by) {
	case MALLOW_BY_LINE:
	case MALLOW_BY_FUNCTION:
	case MALLOW_BY_FILE:
	case MALLOW_BY_MODULE:
		frame = mallow_traceback_frame(row->traceback, 0);
		write_frame_key(json, by, &frame);
		break;
	case MALLOW_BY_THREAD:
	case MALLOW_BY_PROCESS:
		mlw_json_uint(json, mallow_key_name(by), row->id);
		mlw_json_string(json, "name", row->name);
		break;
	case MALLOW_BY_DOMAIN:
		mlw_json_string(json, "domain", row->name);
		break;
	case MALLOW_BY_SCOPE:
		mlw_json_string(json, "scope", row->name);
		break;
	case MALLOW_BY_SIZE:
		write_size_class(json, row);
		break;
	case MALLOW_BY_TRACEBACK:
		break;
	}
}

void mlw_row_json(struct mlw_json *json, enum mallow_key by, const struct mallow_row *row)
{
	write_key(json, by, row);
	write_traceback(json, row->traceback);
}
