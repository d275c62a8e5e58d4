/* SPDX-License-Identifier: MIT */
#ifndef MLW_HIDDEN_H
#define MLW_HIDDEN_H

/* A variable of libmallow's own, which another file of it defines: told so, the compiler
 * does not look for it in the table of those that anybody may define. */
#define MLW_HIDDEN __attribute__((visibility("hidden")))

#endif /* MLW_HIDDEN_H */
