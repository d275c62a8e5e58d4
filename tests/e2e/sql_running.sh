# A recording that still runs answers, says so, and goes on to its end.
mkfifo input
mallow run --quiet -o r.mallow -- sh -c 'read x' <input &
run=$!
exec 9>input
wait_until 10 sh -c 'mallow sql --csv r.mallow "select count(*) > 0 from events" | grep -q 1'
show mallow sql r.mallow "select ended, closed, complete from runs"
mallow sql --json r.mallow "select (select sum(size) from live_blocks) = live_size,
	(select sum(size) from events where op = 'alloc') = allocated_size,
	(select count(*) from live_blocks) = live_count from runs" 2>/dev/null | jq -c .rows
exec 9>&-
wait $run
echo "status $?"
show mallow sql r.mallow "select ended, closed, complete from runs"
ls

# Damaged: one sentence, and nothing that looks like an answer.
size=$(stat -c %s r.mallow)
for place in 100 1000 5000 9000 13000 20000 30000; do
	cp r.mallow wrong.mallow
	[ "$place" -lt "$size" ] || continue
	head -c 200 /dev/zero | tr '\0' '\377' | dd of=wrong.mallow bs=1 seek=$place conv=notrunc status=none
	mallow sql wrong.mallow "select count(*) from events; select * from frames; select sum(live_size) from traces" >out 2>errors
	case $? in
	0 | 2) ;;
	*) echo "byte $place: sql ended with $?" && cat errors ;;
	esac
	[ "$(wc -l <errors)" -le 2 ] || cat errors
done
