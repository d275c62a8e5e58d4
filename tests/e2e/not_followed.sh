# --no-follow-children: the program alone is recorded; its children are named as left out.
mallow run --quiet --no-follow-children -o r.mallow -- sh -c '"$0" >/dev/null; exit 5' "$SAMPLES/leak"
echo "[status $?]"
ask '.processes[] | [.id, .parent, .recorded, .reason, .totals.allocations > 0]' mallow stats --json r.mallow
