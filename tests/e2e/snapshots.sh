# Snapshots are taken while the program runs.
mallow run --quiet --snapshot-every 50ms -o r.mallow -- sleep 0.5
ask '.snapshots | length > 3' mallow stats --json r.mallow
mallow run --quiet --snapshot-signal USR2 -o s.mallow -- "$PROGRAMS/signals" 20 >out &
wait_until 10 grep -q ready out
child=$(pgrep -P $! signals)
kill -USR2 "$child"
sleep 0.3
kill -TERM "$child"
wait $!
echo "[status $?]"
cat out
ask '[.snapshots[] | {name, count}][]' mallow stats --json s.mallow
for place in signal 'signal#1' 'signal#2' other; do
	show mallow top s.mallow@$place
done
ask '.at, .total.size > 0' mallow top --json "r.mallow@every#2"
