# A program asks where its blocks were allocated.
libc() { sed -E 's|"/[^"]*/libc[^"]*", .*|libc|; /__libc_start|libc$|in _start$/d'; }
echo 'alone:'
"$PROGRAMS/tracebacks" | sort -u -t: -k2
echo 'run:'
mallow run --quiet --mmap -o r.mallow -- "$PROGRAMS/tracebacks" | libc
mallow run --quiet -o c.mallow -- "$PROGRAMS/tracebacks" crash | grep -v "clone\|start_thread"
mallow run --quiet -o o.mallow -- "$PROGRAMS/tracebacks" overrun 2>/dev/null | libc
mallow run --quiet -o d.mallow -- "$PROGRAMS/tracebacks" depth
mallow run --quiet --depth 3 -o e.mallow -- "$PROGRAMS/tracebacks" depth
# Without symbols, and with functions alone.
strip -o stripped "$PROGRAMS/tracebacks"
mallow run --quiet -o s.mallow -- ./stripped crash | sed -E 's/0x[0-9a-f]+/ADDRESS/' | grep stripped
strip --strip-debug -o bare "$PROGRAMS/tracebacks"
mallow run --quiet -o b.mallow -- ./bare crash | sed -E 's/0x[0-9a-f]+/ADDRESS/' | grep bare
# A collector that is stopped, and one that is killed.
mkfifo go
for signal in STOP KILL; do
	mallow run --quiet --force --stall 300ms -o w.mallow -- "$PROGRAMS/tracebacks" waits <go >"said.$signal" 2>/dev/null &
	launcher=$!
	exec 3>go
	wait_until 10 grep -q ready "said.$signal"
	collector=$(pgrep -P $launcher mallow-collect)
	kill -$signal "$collector"
	echo "$signal:"
	sleep 0.2
	echo >&3
	exec 3>&-
	wait_until 10 grep -q "done" "said.$signal"
	kill -CONT "$collector" 2>/dev/null
	wait $launcher
	cat "said.$signal"
done
