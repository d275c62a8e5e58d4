# Every --by on one recording, every --sort on another. Which of two processes' threads is the
# second of the run depends on whose first event is read first.
cp "$SAMPLES/fork_exec" .
record r.mallow ./fork_exec
for by in line function file module trace thread process domain scope size; do
	show sites --sort allocated --by $by --include '*fork_exec*' r.mallow |
		grep -vE '__libc_start|_start' | sed -E 's/(thread [0-9]+) .*/\1/; s/thread [23]$/thread N/'
done
record s.mallow "$SAMPLES/wrappers"
for sort in size count peak allocated allocations temporary; do
	show sites --sort $sort -n 3 --include '*wrappers.c' s.mallow
done
