/* SPDX-License-Identifier: MIT */
#ifndef MLW_PATH_H
#define MLW_PATH_H

#include <string.h>

/* The part after the last slash. */
static inline const char *mlw_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

#endif /* MLW_PATH_H */
