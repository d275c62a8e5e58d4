# mallow timeline: what it shows is what top shows at the same times.
record r.mallow "$SAMPLES/churn"
ask '[(.points | length > 100), .points == (.points | sort_by(.at_ns)), .points[0].at_ns == 0,
	.points[-1].at_ns == .duration_ns, (.points | any(.rss > 0)), .snapshots]' mallow timeline --json r.mallow
equal() {
	mallow timeline --json r.mallow "$@" | jq -r '.points[] | "\(.at_ns) \(.size) \(.count)"' |
		awk 'NR % 20 == 1' | while read -r at size count; do
		[ "$(mallow top --json --at "${at}ns" r.mallow "$@" | jq -r '.total | "\(.size) \(.count)"')" = "$size $count" ] &&
			echo "equal"
	done | sort | uniq -c | sed -E 's/^ *([0-9]{2}) equal/\1 times equal/'
}
equal
equal --include main --all-frames
equal --exclude '*'
ask '.peak.size' mallow timeline --json r.mallow
ask '.totals.peak_size' mallow stats --json r.mallow
mallow timeline --csv r.mallow | head -1

# As wide as it is told to be, in the characters of the locale.
for width in 40 100; do
	COLUMNS=$width mallow timeline r.mallow | sed 1d | awk -v most=$width 'length > most { bad++ } END { print bad + 0, "too wide" }'
done
LC_ALL=C mallow timeline r.mallow | LC_ALL=C grep -c '[^ -~]'
mallow timeline r.mallow | grep -c '█'

# Runs of nothing, and of next to nothing.
record empty.mallow true
mallow timeline empty.mallow | head -1 | sed -E 's/[0-9]+ allocation.*/N allocations/'
show mallow timeline "$PROGRAMS/static"

# What cannot be answered.
mallow run --quiet --record sites -o s.mallow -- "$SAMPLES/churn"
mallow timeline s.mallow | head -1 | sed 's/:.*//'
show mallow timeline --include main s.mallow
show mallow timeline r.mallow@peak
show mallow timeline --by line r.mallow
show mallow timeline -n 5 r.mallow

# The widest of numbers beside the chart does not push it to the right.
record wide.mallow dd if=/dev/zero of=/dev/null bs=10200K count=1 status=none
mallow timeline wide.mallow | sed -nE 's/^ *(1[0-9]{4} KiB).*/\1/p' | head -1
mallow timeline wide.mallow | sed -nE 's/[┤│└].*//p' | awk '{ print length }' | sort | uniq -c | awk '{ print "bars in column", $2 }'
