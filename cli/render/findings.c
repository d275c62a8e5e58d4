/* SPDX-License-Identifier: MIT */
#include "render/findings.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/array.h"
#include "render/json.h"

MLW_PRINTF(2, 0)
static char *format(struct mlw_findings *findings, const char *fmt, va_list args)
{
	char *text;

	if (vasprintf(&text, fmt, args) >= 0)
		return text;
	findings->failed = true;
	return NULL;
}

void mlw_findings_add(struct mlw_findings *findings, enum mlw_finding_level level,
                      const char *name, const char *fmt, ...)
{
	struct mlw_finding finding = { .level = level, .name = name };
	struct mlw_error ignored;
	va_list args;

	if (mlw_grow(&findings->rows, &findings->capacity, findings->count + 1,
	             sizeof(*findings->rows), &ignored)) {
		findings->failed = true;
		return;
	}
	va_start(args, fmt);
	finding.detail = format(findings, fmt, args);
	va_end(args);
	findings->rows[findings->count++] = finding;
}

void mlw_findings_mend(struct mlw_findings *findings, const char *fmt, ...)
{
	struct mlw_finding *last;
	va_list args;

	if (!findings->count)
		return;
	last = &findings->rows[findings->count - 1];
	free(last->mend);
	va_start(args, fmt);
	last->mend = format(findings, fmt, args);
	va_end(args);
}

void mlw_findings_release(struct mlw_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->rows[i].detail);
		free(findings->rows[i].mend);
	}
	free(findings->rows);
	*findings = (struct mlw_findings){ 0 };
}

enum mlw_finding_level mlw_findings_worst(const struct mlw_findings *findings)
{
	enum mlw_finding_level worst = MLW_FINDING_FINE;

	for (size_t i = 0; i < findings->count; i++) {
		if (findings->rows[i].level > worst)
			worst = findings->rows[i].level;
	}
	return worst;
}

static const char *const level_names[] = {
	[MLW_FINDING_FINE] = "fine",
	[MLW_FINDING_NOTE] = "note",
	[MLW_FINDING_BAD] = "bad",
};

static const char *level_colour(const struct mlw_style *style,
                                enum mlw_finding_level level)
{
	return level == MLW_FINDING_FINE ? mlw_style_good(style)
	                                 : mlw_style_warning(style);
}

void mlw_render_findings_text(const struct mlw_findings *findings,
                              const struct mlw_style *style, FILE *out)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct mlw_finding *row = &findings->rows[i];

		fprintf(out, "%s%-4s%s  %-14s  ", level_colour(style, row->level),
		        level_names[row->level], mlw_style_plain(style), row->name);
		mlw_style_name(out, row->detail ? row->detail : "", 0);
		fputc('\n', out);
		if (row->mend) {
			fprintf(out, "%*s-> ", 22, "");
			mlw_style_name(out, row->mend, 0);
			fputc('\n', out);
		}
	}
}

void mlw_render_findings_json(const struct mlw_findings *findings, FILE *out)
{
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_bool(&json, "recordable",
	              mlw_findings_worst(findings) != MLW_FINDING_BAD);
	mlw_json_begin_array(&json, "checks");
	for (size_t i = 0; i < findings->count; i++) {
		const struct mlw_finding *row = &findings->rows[i];

		mlw_json_begin_object(&json, NULL);
		mlw_json_string(&json, "name", row->name);
		mlw_json_string(&json, "status", level_names[row->level]);
		mlw_json_string(&json, "detail", row->detail);
		mlw_json_string(&json, "mend", row->mend);
		mlw_json_end_object(&json);
	}
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}
