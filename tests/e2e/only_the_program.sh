# --no-follow-children: a child runs, and is not recorded.
mallow run --quiet --no-follow-children -o r.mallow -- "$PROGRAMS/children" exec
echo "[status $?]"
ask "$processes" mallow stats --json r.mallow
mallow run --quiet --no-follow-children --force -o r.mallow -- "$PROGRAMS/children" fork
echo "[status $?]"
ask "$processes" mallow stats --json r.mallow
