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

# Groups are those of top at the peak or at a place, in its order.
rows_of_top() {
	mallow top --json "$@" r.mallow | jq -c '.rows[] | del(.traceback)'
}
series_of() {
	mallow timeline --json "$@" r.mallow | jq -c '.series[] | del(.traceback, .highest, .points)'
}
# The peak is what timeline takes unasked.
same_groups() {
	cmp <(rows_of_top -n 2 "$@") <(series_of -n 2 "${@/--at=peak/--all-frames}") &&
		echo "same groups: $*"
}
same_groups --by=function --at=peak
same_groups --by=line --sort=allocations --at=end
same_groups --by=size --sort=count --at=peak
same_groups --by=function --cumulative --min-size=1K --at=50%
ask '[.by, .sort, .at, (.series | length)]' mallow timeline --json -n 0 r.mallow
ask '[.by, .at]' mallow timeline --json r.mallow@50%
ask '.series' mallow timeline --json r.mallow
# A place is a place, but for "@end" behind a name that cannot be written without it.
ask '[.by, .at]' mallow timeline --json r.mallow@end
cmp <(series_of --at end) <(mallow timeline --json r.mallow@end | jq -c '.series[] | del(.traceback, .highest, .points)') &&
	echo 'as with --at end'
cp r.mallow a@b.mallow
ask '[.by, .at], .series' mallow timeline --json a@b.mallow@end
ask '[.by, .at]' mallow timeline --json --by function a@b.mallow@end
ask '[.by, .at]' mallow timeline --json a@b.mallow@50%

# At each point a group has what top gives it then.
record p.mallow "$SAMPLES/peak"
mallow timeline --json --by function --cumulative -n 4 p.mallow >series
jq -r '.series[] | .function as $name | .points | to_entries[] | select(.key % 30 == 7) |
	"\(.value.at_ns) \($name) \(.value.size) \(.value.count)"' series | while read -r at name size count; do
	mallow top --json --by function --cumulative --at "${at}ns" p.mallow | jq -r --arg name "$name" \
		'[.rows[] | select(.function == $name) | "\(.size) \(.count)"] | first // "0 0"' |
		grep -qxF "$size $count" && echo equal
done | sort | uniq -c | sed -E 's/^ *([0-9]{2}) equal/\1 times equal/'
jq -c '[(.points | map(.at_ns)) == (.series[0].points | map(.at_ns)),
	(.series | all(.highest.size >= (.points | map(.size) | max))), (.series | map(.highest.size))]' series
mallow timeline --csv --by function --cumulative -n 4 p.mallow >lines
head -1 lines
test "$(wc -l <lines)" = "$(jq '1 + ([.series[].points[]] | length)' series)" && echo 'a line for each point'
mallow timeline --by function --cumulative -n 2 p.mallow | grep -cE 'max at|^ *[0-9]+ more$'

# As wide as it is told to be, in the characters of the locale.
for width in 40 100; do
	COLUMNS=$width mallow timeline -n 3 r.mallow | sed 1d | awk -v most=$width 'length > most { bad++ } END { print bad + 0, "too wide" }'
done
LC_ALL=C mallow timeline -n 3 r.mallow | LC_ALL=C grep -c '[^ -~]'
mallow timeline r.mallow | grep -c '█'

# Runs of nothing, and of next to nothing.
record empty.mallow true
mallow timeline empty.mallow | head -1 | sed -E 's/[0-9]+ allocation.*/N allocations/'
show mallow timeline "$PROGRAMS/static"

# What cannot be answered.
mallow run --quiet --record sites -o s.mallow -- "$SAMPLES/churn"
mallow timeline s.mallow | head -1 | sed 's/:.*//'
show mallow timeline --include main s.mallow
show mallow timeline --by line s.mallow
show mallow timeline r.mallow@teatime
show mallow timeline --at peak r.mallow@end
show mallow timeline --by trace --cumulative r.mallow

# The widest of numbers beside the chart does not push it to the right.
record wide.mallow dd if=/dev/zero of=/dev/null bs=10200K count=1 status=none
mallow timeline wide.mallow | sed -nE 's/^ *(1[0-9]{4} KiB).*/\1/p' | head -1
mallow timeline wide.mallow | sed -nE 's/[┤│└].*//p' | awk '{ print length }' | sort | uniq -c | awk '{ print "bars in column", $2 }'
