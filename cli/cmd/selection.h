/* SPDX-License-Identifier: MIT */
#ifndef MLW_SELECTION_H
#define MLW_SELECTION_H

/*
 * The options that reading commands share: what to show of which run, and how.
 *
 *	struct mlw_selection selection;
 *
 *	status = mlw_selection_parse(&selection, argc, argv, &accepted);
 *	if (status != MLW_SELECTION_GO)
 *		goto out;
 *	... selection.query, selection.format, selection.style
 * out:
 *	mlw_selection_release(&selection);
 *
 * Options may stand before or after the operand.
 */

#include <mallow/snapshot.h>

#include "base/error.h"
#include "render/bar.h"
#include "render/style.h"

enum mlw_format {
	MLW_FORMAT_TEXT,
	MLW_FORMAT_JSON,
	MLW_FORMAT_CSV,
};

struct mlw_words {
	const char **words; /* the words themselves are argv's */
	size_t count, capacity;
};

struct mlw_selection {
	struct mallow_query query; /* place: the operand, NULL if there was none */
	const char *second; /* the second operand, NULL if there was none */
	enum mlw_format format;
	struct mlw_style style;
	struct mlw_bar bar; /* on stderr, of what takes long */
	struct mlw_words includes, excludes, threads, processes, wrappers, path_maps;
	bool limit_given;
	bool fail; /* --fail */
	bool source; /* --source */
	const char *output; /* -o, or NULL */
	bool force; /* --force */
	struct mlw_words metadata; /* --metadata: KEY=VALUE */
};

/* What a command takes beside --json, --color and --help. */
struct mlw_accepted {
	const char *command; /* its name */
	const char *const *help; /* the text for --help, in parts; ended by NULL */
	const char *operand; /* "FILE" */
	bool operand_optional;
	const char *second; /* of a second operand, which may be left out; NULL: none */
	bool two_places; /* failures say themselves which of the two they are about */
	bool csv;
	bool queries; /* all of struct mallow_query */
	bool domains; /* of it, --by alone: the command knows the group domain */
	bool names; /* of it, only how sites and files are named */
	bool fail; /* --fail */
	bool invert; /* --invert */
	bool source; /* --source */
	bool output; /* -o, --force and --metadata */
	bool few_rows; /* -n has its default for programs too */
	enum mallow_key by; /* what --by is by default */
};

#define MLW_SELECTION_GO (-1)

/*
 * MLW_SELECTION_GO, or the exit status with which the command is over: --help was asked
 * for, or the usage is wrong and a sentence on stderr says how. Release it in any case.
 */
int mlw_selection_parse(struct mlw_selection *selection, int argc, char **argv,
                        const struct mlw_accepted *accepted);

/*
 * The whole of a reading command: parses, calls `show`, says what failed. Returns the
 * exit status, which is what `show` returned unless it failed (-1).
 */
int mlw_selection_answer(int argc, char **argv, const struct mlw_accepted *accepted,
                         int (*show)(const struct mlw_selection *selection,
                                     struct mlw_error *err));
void mlw_selection_release(struct mlw_selection *selection);

#endif /* MLW_SELECTION_H */
