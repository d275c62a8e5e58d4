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
mallow run --quiet --force -o r.mallow -- sleep 20 &
wait_until 10 test -s r.mallow
sleep 0.3
kill -TERM $!
wait $!
echo "[status $?]"
ask '.run | {ended, exit_code, signal, complete}' mallow stats --json r.mallow
