# What a program says of its own memory while it runs, with and without Mallow.
echo 'alone:'
"$PROGRAMS/looks"
look() {
	echo "$*:"
	mallow run --quiet --force -o r.mallow -- "$PROGRAMS/looks" "$@" || echo "[status $?]"
}
look rules
ask '.totals | {foreign_frees, lost_events}' mallow stats --json r.mallow
ask '.rows[] | {domain, size}' mallow top --by domain --domain own --json r.mallow
mallow sql r.mallow "select op, count(*) as count from events where op = 'clear' or op = 'foreign_free' group by op"
look threads
look fork
mallow sql r.mallow "select process, op, count(*) as count from events where op in ('clear', 'inherited_free', 'foreign_free') group by process, op"
look handler
look edges
look inside
look turns 1000000
ask '.rows[] | {size, count, allocations}' mallow top --by domain --domain one --json r.mallow
ask '.run.complete' mallow stats --json r.mallow

# A collector that is stopped, and one that is killed: the program goes on.
mkfifo go
for signal in STOP KILL; do
	mallow run --quiet --force --stall 300ms -o s.mallow -- "$PROGRAMS/looks" waits <go >"said.$signal" &
	launcher=$!
	exec 3>go
	wait_until 10 grep -q ready "said.$signal"
	collector=$(pgrep -P $launcher mallow-collect)
	kill -$signal "$collector"
	echo "$signal:"
	sleep 0.2
	echo >&3
	exec 3>&-
	wait_until 10 grep -q "in time" "said.$signal"
	kill -CONT "$collector" 2>/dev/null
	wait $launcher
	cat "said.$signal"
done
