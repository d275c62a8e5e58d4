# Children, however they are started: each its own process of the run, the tree as it was.
for how in fork exec own-environment no-environment vfork spawn spawn-own-environment system popen in-place; do
	echo "== $how"
	record r.mallow "$PROGRAMS/children" $how
	ask "$processes" mallow stats --json r.mallow
done
