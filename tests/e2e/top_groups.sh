# Every --by, on one recording.
record r.mallow "$SAMPLES/fork_exec"
for by in line function file module trace thread process domain scope size; do
	show mallow top --sort allocated --by $by --include '*fork_exec*' r.mallow
done
for sort in size count peak allocated allocations temporary; do
	show mallow top --sort $sort -n 3 --include '*fork_exec*' r.mallow
done
