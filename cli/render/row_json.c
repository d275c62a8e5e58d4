/* SPDX-License-Identifier: MIT */
#include "render/row.h"

static void write_frame(struct mlw_json *json, const struct mlw_frame *frame)
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
                        const struct mlw_traceback *traceback)
{
	mlw_json_begin_array(json, key);
	for (size_t i = 0; i < traceback->count; i++)
		write_frame(json, traceback->frames[i]);
	mlw_json_end_array(json);
}

void mlw_row_json_sums(struct mlw_json *json, const struct mlw_sums *sums, bool live_only)
{
	const struct {
		const char *key;
		uint64_t value;
	} others[] = {
		{ "allocated_size", sums->allocated_size },
		{ "allocations", sums->allocations },
		{ "peak_size", sums->peak_size },
		{ "peak_count", sums->peak_count },
		{ "temporary_count", sums->temporary_count },
	};

	mlw_json_uint(json, "size", sums->size);
	mlw_json_uint(json, "count", sums->count);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (live_only)
			mlw_json_null(json, others[i].key);
		else
			mlw_json_uint(json, others[i].key, others[i].value);
	}
}

static void write_traceback(struct mlw_json *json, const struct mlw_traceback *traceback)
{
	mlw_row_json_stack(json, "traceback", traceback);
	if (traceback->truncated)
		mlw_json_bool(json, "truncated", true);
}

static void write_size_class(struct mlw_json *json, const struct mlw_row *row)
{
	mlw_json_begin_object(json, "size_class");
	mlw_json_uint(json, "min", row->size_min);
	mlw_json_uint(json, "max", row->size_max);
	mlw_json_end_object(json);
}

static void write_frame_key(struct mlw_json *json, enum mlw_by by,
                            const struct mlw_frame *frame)
{
	const char *name = mlw_by_name(by);

	switch (by) {
	case MLW_BY_LINE:
		mlw_json_string(json, "file", frame ? frame->file : NULL);
		mlw_json_uint(json, name, frame ? frame->line : 0);
		break;
	case MLW_BY_FUNCTION:
		mlw_json_string(json, name, frame ? frame->function : NULL);
		break;
	case MLW_BY_FILE:
		mlw_json_string(json, name, frame ? frame->file : NULL);
		break;
	default:
		mlw_json_string(json, name, frame ? frame->module : NULL);
		break;
	}
}

/* The key of the group under the group's own name. */
static void write_key(struct mlw_json *json, enum mlw_by by, const struct mlw_row *row)
{
	const struct mlw_traceback *traceback = &row->traceback;

	switch (by) {
	case MLW_BY_LINE:
	case MLW_BY_FUNCTION:
	case MLW_BY_FILE:
	case MLW_BY_MODULE:
		write_frame_key(json, by, traceback->count ? traceback->frames[0] : NULL);
		break;
	case MLW_BY_THREAD:
	case MLW_BY_PROCESS:
		mlw_json_uint(json, mlw_by_name(by), row->id);
		mlw_json_string(json, "name", row->name);
		break;
	case MLW_BY_DOMAIN:
		mlw_json_string(json, "domain", row->name);
		break;
	case MLW_BY_SCOPE:
		mlw_json_string(json, "scope", row->name);
		break;
	case MLW_BY_SIZE:
		write_size_class(json, row);
		break;
	case MLW_BY_TRACE:
		break;
	}
}

void mlw_row_json(struct mlw_json *json, enum mlw_by by, const struct mlw_row *row)
{
	write_key(json, by, row);
	write_traceback(json, &row->traceback);
}
