# Frames of a library that is long gone keep their names.
record r.mallow "$SAMPLES/plugin"
ask "$rows" mallow top --json --sort allocated --include '*plugin_words*' r.mallow
ask '[.rows[] | select(.module | test("plugin")) | {module: (.module | split("/")[-1]), allocations, allocated_size}][]' \
	mallow top --by module --json --sort allocated r.mallow
ask '.totals | {live_count, lost_events}' mallow stats --json r.mallow
