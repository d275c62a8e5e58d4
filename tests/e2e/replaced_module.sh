# A library is loaded by a relative path, unloaded and replaced by another file of that name; the
# second is loaded when the program is about to end. Both keep their names. Everything but the
# recording is deleted before it is read.
cat >first.c <<'END'
#include <stdlib.h>
void *words_first(int size) { return malloc(size); }
END
cat >second.c <<'END'
#include <stdlib.h>
static int unlike_the_first;
void *words_second(int size) { return malloc(size + unlike_the_first); }
END
cat >host.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
static int use(const char *name, int size)
{
	void *library = dlopen("./words.so", RTLD_NOW), *(*words)(int);
	*(void **)&words = dlsym(library, name);
	words(size);
	return dlclose(library);
}
int main(void)
{
	return use("words_first", 100) || usleep(300000) || rename("next.so", "words.so") ||
	       use("words_second", 200);
}
END
build() {
	gcc -g -O1 -fno-builtin -fPIC -shared first.c -o words.so
	gcc -g -O1 -fno-builtin -fPIC -shared second.c -o next.so
	gcc -g -O1 host.c -o host
}
for try in 1 2 3 4 5; do
	build
	record r$try.mallow ./host
done
rm -f words.so next.so host ./*.c
for try in 1 2 3 4 5; do
	ask "$rows"' | {size, at}' mallow top --json --include '*words.so' r$try.mallow
	mallow sql r$try.mallow "select path from modules where path like '%words.so'" | sed 1d
done | sort | uniq -c | sed 's/^ *//'
