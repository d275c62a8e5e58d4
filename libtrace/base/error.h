/* SPDX-License-Identifier: MIT */
#ifndef MLW_ERROR_H
#define MLW_ERROR_H

/*
 * How code outside libtrace/record reports failure: return -1 (or NULL) and leave one
 * sentence for the user in `err`. Nothing below cli/cmd prints or exits.
 *
 *	if (mlw_store_open(&store, path, err))
 *		return -1;
 *	if (header.version != MLW_STORE_VERSION)
 *		return mlw_fail(err, "%s: unknown version %u", path, header.version);
 */

#define MLW_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

struct mlw_error {
	char text[256];
};

/* Writes the sentence and returns -1, so that it can end a function. */
MLW_PRINTF(2, 3)
int mlw_fail(struct mlw_error *err, const char *fmt, ...);

#endif /* MLW_ERROR_H */
