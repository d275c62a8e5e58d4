# A block outlives the library that allocated it: its traceback has no address there any more.
cat >words.c <<'END'
#include <stdlib.h>
void *words(int size) { return malloc(size); }
END
cat >host.c <<'END'
#include <dlfcn.h>
#include <mallow/mallow.h>
#include <stdio.h>
static struct mallow_block_traceback traceback;
static void ask(const char *when, const void *block)
{
	int status = mallow_get_traceback(0, block, &traceback);
	printf("%s: %d, %s, %s\n", when, status, traceback.frames[0] ? "an address" : "NULL",
	       traceback.frames[1] ? "an address" : "NULL");
}
int main(void)
{
	void *library = dlopen("./words.so", RTLD_NOW), *(*words)(int), *block;
	*(void **)&words = dlsym(library, "words");
	block = words(100);
	ask("loaded", block);
	dlclose(library);
	ask("unloaded", block);
	return 0;
}
END
gcc -g -O1 -fno-builtin -fno-optimize-sibling-calls -fPIC -shared words.c -o words.so
gcc -g -O1 -I"$SOURCE/include" host.c -o host
mallow run --quiet -o r.mallow -- ./host
