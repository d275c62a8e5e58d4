/* SPDX-License-Identifier: MIT */
#include "analyze/source.h"

#include "snapshot/state.h"

int mallow_source_open(struct mallow_source **source, const char *root,
                       struct mallow_error *err)
{
	struct mlw_error inner;

	return mlw_source_open(source, root, &inner) ? mlw_snapshot_fail(err, &inner) : 0;
}

void mallow_source_close(struct mallow_source *source)
{
	mlw_source_close(source);
}

const char *mallow_source_line(struct mallow_source *source, const char *file,
                               uint32_t line)
{
	return mlw_source_line(source, file, line);
}
