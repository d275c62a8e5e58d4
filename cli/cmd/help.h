/* SPDX-License-Identifier: MIT */
#ifndef MLW_HELP_H
#define MLW_HELP_H

/* What several commands say of options that they have in common: parts of their texts
 * for --help. */

extern const char mlw_help_groups[]; /* --by, --sort */
extern const char mlw_help_filters[]; /* --include to --process */
extern const char mlw_help_names[]; /* --wrapper, --source-root, --path-map */
extern const char mlw_help_output[]; /* --json, --csv, --color */

#endif /* MLW_HELP_H */
