/* SPDX-License-Identifier: MIT */
#include "store/snapshot_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/units.h"

static bool is_reserved(const char *name)
{
	static const char *const reserved[] = { "start", "end", "peak" };

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
		if (!strcmp(name, reserved[i]))
			return true;
	}
	return false;
}

static bool has_control(const char *name)
{
	for (; *name; name++) {
		if ((unsigned char)*name < 0x20 || *name == 0x7f)
			return true;
	}
	return false;
}

static bool is_share(const char *name)
{
	size_t length = strspn(name, "0123456789.");

	return length && !strcmp(name + length, "%");
}

static bool is_time(const char *name)
{
	struct mlw_error ignored;
	uint64_t ns;

	return isdigit((unsigned char)*name) && !mlw_parse_duration(name, &ns, &ignored);
}

int mlw_snapshot_name_check(const char *name, struct mlw_error *err)
{
	if (!*name)
		return mlw_fail(err, "the name of a snapshot is empty");
	if (strlen(name) > MLW_SNAPSHOT_NAME_MAX)
		return mlw_fail(err, "the name of a snapshot has more than %u bytes",
		                MLW_SNAPSHOT_NAME_MAX);
	if (has_control(name))
		return mlw_fail(err, "the name of a snapshot has control characters");
	if (is_reserved(name))
		return mlw_fail(
		        err, "'%s' is a place in every run, no name of a snapshot", name);
	if (strpbrk(name, "@#"))
		return mlw_fail(
		        err,
		        "'%s' is no name of a snapshot, because '@' and '#' divide "
		        "the names of places",
		        name);
	if (is_share(name) || is_time(name))
		return mlw_fail(err,
		                "'%s' is no name of a snapshot, because FILE@%s is a "
		                "moment of the run",
		                name, name);
	return 0;
}
