# What was never freed, and what the C library keeps for itself.
leaks() { show mallow leaks --source-root "$SOURCE" "$@"; }
starts='__libc_start|_start'
record r.mallow "$SAMPLES/leak"
leaks r.mallow | grep -vE "$starts"
leaks --by function r.mallow
leaks --csv --by line r.mallow | cut -d, -f 1-6
ask '.by, .sort, .at, .summary' mallow leaks --json r.mallow
ask '.leaks[] | {kind, size, count, at: [.traceback[].function][:3]}' mallow leaks --json r.mallow
ask '.leaks[0] | keys' mallow leaks --json r.mallow
# The exit status is the answer on demand, of what the filters left.
status mallow leaks r.mallow
status mallow leaks --fail r.mallow
status mallow leaks --fail -n 1 r.mallow
status mallow leaks --fail --min-size 1KiB r.mallow
status mallow leaks --fail --min-size 1MiB r.mallow
status mallow leaks --fail --exclude 'entry_*' r.mallow
status mallow leaks --fail --json --exclude main --all-frames r.mallow
status mallow leaks --fail --process 77777777 r.mallow
# A moment at which other blocks were live; a program that frees all.
record w.mallow "$SAMPLES/wrappers"
leaks w.mallow
leaks --by line w.mallow@peak
status mallow leaks --fail w.mallow
status mallow leaks --fail w.mallow@peak
# What the C library and the loader keep, by the part of the library that keeps it.
record k.mallow "$PROGRAMS/x_kept" >/dev/null
kept='[.leaks[] | select(.kind == $kind) | .file // "" | split("/")[-1]] | unique'
mallow leaks --json --by file k.mallow >k.json
jq -c --arg kind unclassified "$kept" k.json
jq -c --arg kind runtime "$kept"' | contains(["filedoalloc.c", "setenv.c", "setlocale.c",
	"tzset.c", "textdomain.c", "getXXbyYY.c", "dl-object.c", "dl-tls.c", "dlerror.c",
	"pthread_setspecific.c", "nss_module.c"])' k.json
mallow leaks --by line --source-root "$SOURCE" k.mallow | grep -E '^ |unclassified ' |
	sed -E 's/(runtime +)[0-9.]+ KiB +in [0-9]+/\1SIZE in N/'
# The pool of the C++ library, with which each C++ program begins.
record c.mallow "$SAMPLES/cxx_new"
ask '.summary | {runtime: (.runtime.size > 70000), unclassified}' mallow leaks --json c.mallow
status mallow leaks --fail c.mallow
show mallow leaks
show mallow leaks --scan r.mallow
show mallow top --fail r.mallow
