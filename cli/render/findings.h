/* SPDX-License-Identifier: MIT */
#ifndef MLW_FINDINGS_H
#define MLW_FINDINGS_H

/*
 * What an examination found, line by line, and the mend for what is wrong.
 *
 *	struct mlw_findings findings = { 0 };
 *
 *	mlw_findings_add(&findings, MLW_FINDING_FINE, "kernel", "%s", release);
 *	mlw_findings_mend(&findings, "apt install ...");	of the one just added
 *	mlw_render_findings_text(&findings, &style, stdout);
 *	mlw_findings_release(&findings);
 *
 * Without memory an entry is lost, and mlw_findings_failed says so.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "render/style.h"

enum mlw_finding_level {
	MLW_FINDING_FINE,
	MLW_FINDING_NOTE, /* works, and could work better */
	MLW_FINDING_BAD, /* nothing can be recorded */
};

struct mlw_finding {
	enum mlw_finding_level level;
	const char *name; /* static */
	char *detail;
	char *mend; /* NULL: none */
};

struct mlw_findings {
	struct mlw_finding *rows;
	size_t count, capacity;
	bool failed;
};

MLW_PRINTF(4, 5)
void mlw_findings_add(struct mlw_findings *findings, enum mlw_finding_level level,
                      const char *name, const char *fmt, ...);
MLW_PRINTF(2, 3)
void mlw_findings_mend(struct mlw_findings *findings, const char *fmt, ...);
void mlw_findings_release(struct mlw_findings *findings);

/* The worst level of all. */
enum mlw_finding_level mlw_findings_worst(const struct mlw_findings *findings);

static inline bool mlw_findings_failed(const struct mlw_findings *findings)
{
	return findings->failed;
}

void mlw_render_findings_text(const struct mlw_findings *findings,
                              const struct mlw_style *style, FILE *out);
void mlw_render_findings_json(const struct mlw_findings *findings, FILE *out);

#endif /* MLW_FINDINGS_H */
