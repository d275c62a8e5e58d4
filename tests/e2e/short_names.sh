# A program that is over before anybody can look at it has a name all the same.
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	mallow run --quiet --force -o r.mallow -- "$SAMPLES/leak" >/dev/null
	ask '.threads[].name' mallow stats --json r.mallow
done | sort | uniq
