# From the constructors to the destructors.
record r.mallow "$PROGRAMS/early"
ask "$totals" mallow stats --json r.mallow
ask '[.rows[] | select(.traceback[0].function == "use") | {allocations, at: [.traceback[1].function]}] | sort_by(.at)[]' \
	mallow top --by trace --sort allocated --json r.mallow
