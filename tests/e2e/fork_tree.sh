# 51 processes in three levels: the totals are the sum of the processes, and `top --process`, `leaks
# --process` and SQL say the same of each as `stats` does.
record f.mallow "$PROGRAMS/fork_tree"
mallow stats --json f.mallow >stats.json
jq -c '[(.processes | length), (.processes | map(.parent) | unique | length)]' stats.json
# shellcheck disable=SC2094 # a file of the name of a command
names='["allocations", "frees", "allocated_size", "live_size", "live_count", "inherited_frees"]'
jq -c "[.totals[${names}[]]], [${names}[] as \$n | [.processes[].totals[\$n]] | add]" stats.json

mallow sql --json f.mallow "select process, count(*), sum(size) from events where op = 'alloc' group by process" >events.json
jq -r '.processes[].id' stats.json | while read -r id; do
	jq -c --argjson id "$id" '.processes[] | select(.id == $id).totals | [.live_size, .live_count,
		.allocations, .allocated_size]' stats.json >said
	mallow top -n 1000 --json --process "$id" f.mallow | jq -c '[.total.size, .total.count,
		([.rows[].allocations] | add), ([.rows[].allocated_size] | add)]' >top
	jq -c --argjson id "$id" --slurpfile said said '.rows[] | select(.[0] == $id)
		| $said[0][:2] + .[1:]' events.json >sql
	mallow leaks -n 1000 --json --process "$id" f.mallow | jq -c --slurpfile said said \
		'[([.leaks[].size] | add), ([.leaks[].count] | add)] + $said[0][2:]' >leaks
	mallow tree --json --process "$id" f.mallow | jq -c --slurpfile said said \
		'[.root.size, .root.count] + $said[0][2:]' >tree
	for command in top sql leaks tree; do
		cmp -s said $command || echo "process $id: stats $(cat said), $command $(cat $command)"
	done
	echo compared
done | sort | uniq -c | sed 's/^ *//'

# Groups by process hold what the processes hold.
mallow top -n 1000 --by process --json f.mallow | jq -c '[.rows | map({key: "\(.process)", value: [.size, .count]})[]] | from_entries' >groups
jq -c '[.processes[] | select(.totals.live_size > 0) | {key: "\(.id)", value: [.totals.live_size, .totals.live_count]}] | from_entries' stats.json >processes
jq -n --slurpfile a groups --slurpfile b processes '$a == $b'
