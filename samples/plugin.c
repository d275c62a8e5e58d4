/* SPDX-License-Identifier: MIT */
/*
 * plugin: code that is loaded, allocates, and is gone before the recording ends.
 *
 * plugin_words.so is loaded three times and unloaded each time after it made a list of
 * 20 words of 50 bytes. Its frames keep their names, and the three loads are one site.
 * What the dynamic loader allocates for itself shows too.
 *
 *	mallow run -o plugin.mallow plugin
 *	mallow top --by module --sort allocated plugin.mallow
 */
#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* POSIX promises that dlsym's void * can hold a function; ISO C has no cast for it. */
static int call(void *library, const char *name)
{
	void *symbol = dlsym(library, name);
	int (*function)(void);

	if (!symbol)
		return -1;
	memcpy(&function, &symbol, sizeof(function));
	return function();
}

static __attribute__((noinline)) int plugin_use(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	int words;

	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return -1;
	}
	words = call(library, "words_make");
	dlclose(library);
	return words;
}

int main(void)
{
	char path[4096] = { 0 }, file[4200];

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return 1;
	snprintf(file, sizeof(file), "%s/plugin_words.so", dirname(path));
	for (int i = 0; i < 3; i++) {
		if (plugin_use(file) != 20)
			return 1;
	}
	return 0;
}
