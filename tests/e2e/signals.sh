# A signal that is sent to `mallow run` reaches the program once; its status comes back.
mallow run --quiet -o r.mallow -- "$PROGRAMS/signals" 20 >out &
wait_until 10 grep -q ready out
kill -USR1 $!
wait_until 10 grep -q USR1 out
kill -TERM $!
wait $!
echo "[status $?]"
cat out
ask '.run | {ended, exit_code, signal, complete}' mallow stats --json r.mallow
ask '.totals | {allocations, frees}' mallow stats --json r.mallow

# One that the program does not handle ends it.
mallow run --quiet -o sleep.mallow -- sleep 20 &
wait_until 10 test -s sleep.mallow
sleep 0.3
kill -TERM $!
wait $!
echo "[status $?]"
ask '.run | {ended, exit_code, signal, complete}' mallow stats --json sleep.mallow

# One that is sent to the whole process group reaches the program once, too.
setsid mallow run --quiet --force -o r.mallow -- "$PROGRAMS/signals" 20 >group &
wait_until 10 grep -q ready group
for i in 1 2 3 4 5 6 7 8 9 10; do
	kill -USR1 -- -$!
	wait_until 10 sh -c "[ \$(grep -c USR1 group) -ge $i ]"
	sleep 0.05
done
# To both, but one by one: as often as without Mallow.
kill -USR1 $!
wait_until 10 sh -c '[ $(grep -c USR1 group) -ge 11 ]'
grep -c USR1 group
kill -TERM -- -$!
wait $!
echo "[status $?]"

# Nobody finds the process that tells these apart by the name of mallow or of the program.
mallow run --quiet -o "by_name.$MALLOW_TEST" -- "$PROGRAMS/signals" 20 >named &
wait_until 10 grep -q ready named
wait_until 10 sh -c "pgrep -P $! witness >seen"
wc -l <seen
pgrep -f -P $! "by_name.$MALLOW_TEST" | wc -l # the collector
pkill -f -TERM "mallow run.*by_name.$MALLOW_TEST"
wait $!
echo "[status $?]"
