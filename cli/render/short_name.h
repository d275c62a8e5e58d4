/* SPDX-License-Identifier: MIT */
#ifndef MLW_SHORT_NAME_H
#define MLW_SHORT_NAME_H

#include "base/strbuf.h"

/*
 * A C++ or Rust name without what its reader can do without: template arguments become
 * "<...>", parameters "(...)". `ns::Map<int, Less>::put(int const&)` is then
 * `ns::Map<...>::put(...)`. A name without any stays as it is.
 */
void mlw_short_name(struct mlw_strbuf *text, const char *name);

#endif /* MLW_SHORT_NAME_H */
