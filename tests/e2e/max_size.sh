# --max-size ends the events, and nothing else: totals are those of the whole run.
limit=$((256 * 1024))
record all.mallow "$PROGRAMS/x_churn" 400000
show mallow run --force --max-size 256K -o r.mallow -- "$PROGRAMS/x_churn" 400000
[ "$(stat -c %s r.mallow)" -lt $((limit * 5 / 4)) ] && [ "$(stat -c %s r.mallow)" -gt $((limit / 2)) ] && echo near the limit
[ "$(stat -c %s all.mallow)" -gt $((2 * limit)) ] && echo far beyond without
ask '.run.complete, .run.cut_at_ns > 0, [.snapshots[].name]' mallow stats --json r.mallow
mallow stats r.mallow 2>&1 | grep -e --max-size
same() { # FILTER COMMAND...: the answers of both files are equal
	local filter=$1
	shift
	cmp <("$@" all.mallow | jq -S "$filter") <("$@" r.mallow | jq -S "$filter") && echo "same: $*"
}
same "[($totals), .totals.peak_size, .sizes, [.threads[].totals.allocations], .processes[0].totals.frees]" mallow stats --json
same .rows mallow top --json --by trace
same .rows mallow top --json --by trace --at peak
for place in max-size 1% 99% 100%; do
	mallow top --at $place -n 1 r.mallow >out 2>&1
	echo "$place: status $?"
done
mallow top --at 100% r.mallow 2>&1 | sed -E 's/first [0-9.]+ ?[mu]?s/first TIME/'
show mallow top --by size r.mallow
