# A program that takes snapshots of itself.
echo 'alone:'
"$PROGRAMS/takes" | sort -u -t: -k2
show mallow run --quiet -o r.mallow -- "$PROGRAMS/takes"
ask '[.snapshots[].name]' mallow snapshot --json r.mallow
for name in one two thread handler child; do
	ask "[\"$name\", (.rows[] | .count)]" mallow top --by function --include hold --at $name --json r.mallow
done
ask '.run.complete' mallow stats --json r.mallow
# While other threads allocate: what the thread itself has done is in it, to the last block.
mallow run --quiet -o b.mallow -- "$PROGRAMS/takes" busy 20 2>/dev/null
for number in 1 2 13 20; do
	ask '[.rows[] | .count]' mallow top --by function --include hold --at "busy#$number" --json b.mallow
done
ask '.run.complete' mallow stats --json b.mallow
