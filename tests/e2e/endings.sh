# However the program ends, what it did is there, and so is how it ended.
for how in 0 5 _exit quick_exit abort segv kill term thread; do
	record r.mallow "$PROGRAMS/ends" $how
	ask "[\"$how\", (.run | {ended, exit_code, signal, complete}), (.totals | {allocations, frees, live_size})]" \
		mallow stats --json r.mallow
done
