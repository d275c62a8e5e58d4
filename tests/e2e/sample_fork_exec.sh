# A tree of processes, each with its own totals.
cp "$SAMPLES/fork_exec" .
record r.mallow ./fork_exec
ask "$totals" mallow stats --json r.mallow
ask "$processes" mallow stats --json r.mallow
ask "[.rows[] | {process, allocations, allocated_size}][]" mallow top --by process --sort allocated --json r.mallow
show sites --by process --sort allocated r.mallow
