# Two builds of a program: book_new moved 40 lines and got one site more, between two others.
record 1.mallow "$SAMPLES/build_1/shelf"
record 2.mallow "$SAMPLES/build_2/shelf"
record again.mallow "$SAMPLES/build_1/shelf"
changes() {
	mallow diff --source-root "$SOURCE" "$@"
}
show changes 1.mallow 2.mallow
show changes 2.mallow 1.mallow
show changes --by trace 1.mallow 2.mallow | grep -vE '__libc_start|_start'
show changes --by function 1.mallow 2.mallow
show changes --by file 1.mallow 2.mallow
show changes --by module 1.mallow 2.mallow
show changes --by process --sort count 1.mallow 2.mallow
show changes --by line --cumulative --include '*shelf.c' --sort allocated 1.mallow 2.mallow |
	grep -vE '__libc_start|_start'
show changes 1.mallow again.mallow
show changes --csv 1.mallow 2.mallow | cut -d, -f 1-9
ask '.rows[] | {size_diff, count_diff, match, line, old: [(.old_traceback // [])[].line]}' \
	mallow diff --json 1.mallow 2.mallow
# The same where the file has the same name: it would, had it been built in one place.
ask '.rows[] | select(.match != "exact") | {size_diff, match, file, line}' mallow diff --json \
	--path-map "$SOURCE/samples/build_1=src" --path-map "$SOURCE/samples/build_2=src" 1.mallow 2.mallow
