/* SPDX-License-Identifier: MIT */
#include "analyze/leak_kind.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

enum owner {
	OWNER_PROGRAM,
	OWNER_LOADER,
	OWNER_LIBC,
	OWNER_CXX,
};

static const struct {
	const char *pattern; /* of a module's last part */
	enum owner owner;
} modules[] = {
	{ "ld-linux*.so.*", OWNER_LOADER }, { "ld-2.*.so", OWNER_LOADER },
	{ "ld.so.1", OWNER_LOADER },        { "ld64.so.*", OWNER_LOADER },
	{ "libc.so.6", OWNER_LIBC },        { "libc-2.*.so", OWNER_LIBC },
	{ "libpthread.so.0", OWNER_LIBC },  { "libpthread-2.*.so", OWNER_LIBC },
	{ "libdl.so.2", OWNER_LIBC },       { "libdl-2.*.so", OWNER_LIBC },
	{ "libstdc++.so.*", OWNER_CXX },
};

/*
 * Functions of glibc under which the library allocates for itself only, without leading
 * underscores and the prefix GI_, sorted as strcmp does. Where the name of an inner
 * function may not be known, that of its public caller stands too.
 */
static const char *const names[] = {
	"IO_default_doallocate",
	"IO_default_pbackfail",
	"IO_file_doallocate",
	"IO_wdefault_doallocate",
	"IO_wdefault_pbackfail",
	"IO_wfile_doallocate",
	"add_to_environ",
	"bind_textdomain_codeset",
	"bindtextdomain",
	"clearenv",
	"cxa_at_quick_exit",
	"cxa_atexit",
	"cxa_thread_atexit_impl",
	"dcgettext",
	"dcigettext",
	"dcngettext",
	"dgettext",
	"dladdr",
	"dladdr1",
	"dlerror",
	"dlerror_run",
	"dlmopen",
	"dlopen",
	"dlsym",
	"dlvsym",
	"dngettext",
	"getfsent",
	"getgrent",
	"getgrgid",
	"getgrnam",
	"gethostbyaddr",
	"gethostbyname",
	"gethostbyname2",
	"gethostent",
	"getlogin",
	"getmntent",
	"getnetbyaddr",
	"getnetbyname",
	"getnetent",
	"getpass",
	"getprotobyname",
	"getprotobynumber",
	"getprotoent",
	"getpwent",
	"getpwnam",
	"getpwuid",
	"getrpcbyname",
	"getrpcbynumber",
	"getservbyname",
	"getservbyport",
	"getservent",
	"getspent",
	"getspnam",
	"gettext",
	"libc_unwind_link_get",
	"localtime",
	"localtime64",
	"localtime64_r",
	"localtime_r",
	"mktime",
	"mktime64",
	"new_exitfn",
	"ngettext",
	"on_exit",
	"pthread_atfork",
	"pthread_create",
	"pthread_create_2_1",
	"pthread_setattr_default_np",
	"pthread_setspecific",
	"putenv",
	"register_atfork",
	"save_for_backup",
	"save_for_wbackup",
	"setenv",
	"setlocale",
	"strerror",
	"strsignal",
	"textdomain",
	"ttyname",
	"tzset",
	"tzset_internal",
	"unsetenv",
};

/* Beginnings of names that belong to one part of the library each. */
static const char *const families[] = {
	"dl_", /* loaded objects */
	"gconv_", "wcsmbs_", /* conversions of character sets */
	"nl_", /* locales and message catalogues */
	"nss_",   "nscd_",   "res_",      "resolv_", /* users, hosts, name servers */
	"tz_",    "tzfile_", "tzstring_", /* time zones */
};

static enum owner owner_of(const struct mlw_frame *frame)
{
	const char *name = frame->module ? mlw_basename(frame->module) : "";

	for (size_t i = 0; i < LENGTH(modules); i++) {
		if (!fnmatch(modules[i].pattern, name, 0))
			return modules[i].owner;
	}
	return OWNER_PROGRAM;
}

/* The constructor that allocates the pool, wherever libstdc++ is linked into. */
static bool makes_pool(const char *function)
{
	return function && (!strcmp(function, "_GLOBAL__sub_I_eh_alloc.cc") ||
	                    !strncmp(function, "(anonymous namespace)::pool::pool", 33));
}

/* __GI___nss_lookup, __nss_lookup and nss_lookup are one. */
static const char *plain_name(const char *name)
{
	name += strspn(name, "_");
	if (!strncmp(name, "GI_", 3)) {
		name += 3;
		name += strspn(name, "_");
	}
	return name;
}

/* A compiler's clone (".constprop.0") and a version ("@GLIBC_2.2") count as the name. */
static int compare_names(const void *key, const void *member)
{
	const char *name = key, *known = *(const char *const *)member;
	size_t length = strcspn(name, ".@");
	int order = strncmp(name, known, length);

	return order ? order : -(known[length] != '\0');
}

bool mlw_runtime_keeps(const char *name)
{
	name = plain_name(name);
	for (size_t i = 0; i < LENGTH(families); i++) {
		if (!strncmp(name, families[i], strlen(families[i])))
			return true;
	}
	return bsearch(name, names, LENGTH(names), sizeof(*names), compare_names);
}

bool mlw_runtime_step(struct mlw_runtime_walk *walk, const struct mlw_frame *frame)
{
	enum owner owner = owner_of(frame);
	bool keeps = owner == OWNER_LIBC && !walk->through_cxx && frame->function &&
	             mlw_runtime_keeps(frame->function);

	/* Of the C++ library only what its constructors allocate, which the loader
	 * calls. */
	if (owner == OWNER_LOADER || keeps || makes_pool(frame->function)) {
		walk->is_runtime = true;
		return true;
	}
	if (owner == OWNER_PROGRAM || (owner == OWNER_LIBC && walk->through_cxx))
		return true;
	walk->through_cxx |= owner == OWNER_CXX;
	return false;
}

int mlw_leak_kind_of(struct mlw_recording *recording, uint32_t trace,
                     enum mallow_leak_kind *kind, struct mlw_error *err)
{
	struct mlw_runtime_walk runtime = { 0 };
	const struct mlw_frame *frame;
	struct mlw_walk walk;
	int got;

	mlw_walk_init(&walk, recording, trace);
	while ((got = mlw_walk_next(&walk, &frame, err)) > 0) {
		if (mlw_runtime_step(&runtime, frame))
			break;
	}
	*kind = runtime.is_runtime ? MALLOW_LEAK_RUNTIME : MALLOW_LEAK_UNCLASSIFIED;
	return got < 0 ? -1 : 0;
}

const char *mlw_leak_kind_name(enum mallow_leak_kind kind)
{
	static const char *const kind_names[] = {
		"definite",  "indirect", "possible",   "unclassified",
		"reachable", "runtime",  "suppressed",
	};

	_Static_assert(LENGTH(kind_names) == MALLOW_LEAK_KINDS, "each kind has a name");
	return kind_names[kind];
}
