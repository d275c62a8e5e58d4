# Machine-readable output: one object, the keys of the contract; CSV with a header.
record r.mallow "$SAMPLES/leak"
ask '.mallow.schema, (.mallow.version | test("^[0-9.]+$"))' mallow stats --json r.mallow
ask 'keys' mallow stats --json r.mallow
ask '.run | keys' mallow stats --json r.mallow
ask '.totals | keys' mallow stats --json r.mallow
ask '.processes[0] | keys' mallow stats --json r.mallow
ask '.threads[0] | keys' mallow stats --json r.mallow
ask '.sizes[0], .lifetimes[0] | keys' mallow stats --json r.mallow
ask '.collector | keys' mallow stats --json r.mallow
ask '[.sizes[].count] | add' mallow stats --json r.mallow
ask 'keys' mallow top --json r.mallow
ask '.rows[0] | keys' mallow top --json r.mallow
ask '.rows[0].traceback[0] | keys' mallow top --json r.mallow
mallow stats --csv r.mallow | head -n 1
mallow top --csv r.mallow | python3 -c '
import csv, sys
rows = list(csv.DictReader(sys.stdin))
print(len(rows), sorted(rows[0]), sorted(row["size"] for row in rows))'
ask '.mallow.schema' mallow doctor --json
# No colour into a pipe; on demand; never with NO_COLOR.
mallow top r.mallow | grep -c $'\x1b'
mallow top --color=always r.mallow | grep -c $'\x1b' | sed 's/^[1-9].*/colour/'
NO_COLOR=1 mallow top r.mallow | grep -c $'\x1b'
