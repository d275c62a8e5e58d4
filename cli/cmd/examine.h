/* SPDX-License-Identifier: MIT */
#ifndef MLW_EXAMINE_H
#define MLW_EXAMINE_H

/* What `mallow doctor` looks at. Nothing is run and nothing is changed. */

#include "render/findings.h"

/* Can this machine record and scan at all? */
void mlw_examine_machine(struct mlw_findings *findings);

/* Can this program be recorded? `name` as for execvp(3). */
void mlw_examine_program(struct mlw_findings *findings, const char *name);

#endif /* MLW_EXAMINE_H */
