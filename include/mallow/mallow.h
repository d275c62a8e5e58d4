/* SPDX-License-Identifier: MIT */
#ifndef MALLOW_MALLOW_H
#define MALLOW_MALLOW_H

/*
 * Mallow: the memory of a native program, traced.
 *
 * A program needs nothing of this to be recorded: `mallow run PROGRAM` is enough. What
 * can be asked of Mallow from inside a program is declared here, for C and C++; in this
 * release that is the version, for the preprocessor.
 *
 *	#include <mallow/mallow.h>
 *
 *	#if MALLOW_VERSION_NUMBER >= 100
 */

#define MALLOW_VERSION_MAJOR 0
#define MALLOW_VERSION_MINOR 1
#define MALLOW_VERSION_PATCH 0

/* Grows with every release: 0.1.0 is 100, 1.2.3 is 10203. */
#define MALLOW_VERSION_NUMBER \
	(MALLOW_VERSION_MAJOR * 10000 + MALLOW_VERSION_MINOR * 100 + MALLOW_VERSION_PATCH)

#endif /* MALLOW_MALLOW_H */
