# The same function many times in one stack, and a stack 1000 deep.
record r.mallow "$SAMPLES/recursion"
ask "$totals" mallow stats --json r.mallow
show sites --at peak r.mallow
show sites --by function --cumulative --sort allocated --include '*recursion.c' --all-frames r.mallow |
	grep -vE '__libc_start|_start'
ask '[.rows[].traceback | length] | sort[-3:]' mallow top --by trace -n 1000 --sort allocated --json r.mallow
ask '.totals.truncated_traces' mallow stats --json r.mallow
mallow run --quiet --depth 1024 -o deep.mallow -- "$SAMPLES/recursion"
ask '[.rows[].traceback | length] | sort[-1] > 1000' mallow top --by trace -n 1000 --sort allocated --json deep.mallow
ask '.totals.truncated_traces' mallow stats --json deep.mallow
mallow run --quiet --depth 3 -o flat.mallow -- "$SAMPLES/recursion"
ask '[.rows[] | {allocations, truncated, at: [.traceback[].function]}][]' \
	mallow top --by trace -n 1000 --sort allocated --json flat.mallow
