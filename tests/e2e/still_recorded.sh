# Reading a recording that goes on: every command answers, and says so.
mkfifo in
mallow run --quiet -o r.mallow -- "$PROGRAMS/handover" 0 <in >out &
launcher=$!
exec 3>in
wait_until 10 grep -q ready out
wait_until 10 sh -c 'mallow top --json r.mallow | jq -e ".total.count > 0"'
for command in stats top tree leaks timeline snapshot; do
	mallow $command r.mallow >answer 2>notes
	echo "$command: status $?, $([ -s answer ] && echo an answer)"
	sed 's/^/! /' notes
done
mallow stats r.mallow 2>/dev/null | grep -E 'WARNING|started' | sed 's/, 1 process.*//'
ask '.run | {ended, exit_code, complete}' mallow stats --json r.mallow

# A moment that is saved knows that it is one of such a file.
{ mallow snapshot r.mallow -o then.mallow >/dev/null; } 2>&1
{ mallow top -n 0 --include nothing then.mallow >/dev/null; } 2>&1
ask '.run | {complete}' mallow stats --json then.mallow

# Killed, the collector leaves what it had committed; nobody goes on recording.
kill -9 "$(pgrep -P $launcher mallow-collect)"
exec 3>&-
wait $launcher
echo "[status $?]"
show mallow top -n 0 --include nothing r.mallow
ask '.run | {ended, exit_code, complete}' mallow stats --json r.mallow
mallow stats r.mallow 2>/dev/null | grep -E 'WARNING|started' | sed 's/, 1 process.*//'
{ mallow snapshot --force r.mallow -o then.mallow >/dev/null; } 2>&1
ask '.run | {complete}' mallow stats --json then.mallow
mallow sql --csv then.mallow 'select complete, closed, saved from runs'

# Somebody has the file open at the moment of its end: it is whole all the same.
mkfifo queries
sqlite3 s.mallow <queries >/dev/null &
reader=$!
exec 4>queries
mallow run -o s.mallow -- sh -c 'echo "select count(*) from run;" >&4; sleep 2' 2>summary
grep -c incomplete summary
kill -0 $reader && ask '.run | {complete}' mallow stats --json s.mallow
exec 4>&-
wait $reader
ask '.run | {complete}' mallow stats --json s.mallow
