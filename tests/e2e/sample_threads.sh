# Eight threads; blocks cross between them. Which thread has which number is not fixed.
for _ in 1 2 3; do
	record r.mallow "$SAMPLES/threads"
	ask "$totals" mallow stats --json r.mallow
done
ask '.threads | length' mallow stats --json r.mallow
ask '[.rows[] | [.allocations, .allocated_size]] | sort[]' mallow top --by thread --sort allocated --json r.mallow
show sites --include message_new --sort allocated r.mallow
show sites --include 'message*' r.mallow
