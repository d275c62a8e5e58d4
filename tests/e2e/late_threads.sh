# What a thread does after its last destructor is its own: one thread, one row.
for threads in 1 50; do
	record r.mallow "$PROGRAMS/late_threads" $threads $threads
	ask '.run.complete, (.threads | length), .totals.foreign_frees' mallow stats --json r.mallow
	ask '[.threads[1:][].totals | {allocations, frees}] | unique' mallow stats --json r.mallow
done
# Rings come back fast enough for threads that come and go.
record r.mallow "$PROGRAMS/late_threads" 5000 100
ask '.run.complete, (.threads | length)' mallow stats --json r.mallow
