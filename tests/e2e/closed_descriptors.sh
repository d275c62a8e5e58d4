# A program that closes all descriptors and opens its own file: both files are whole.
record r.mallow "$PROGRAMS/closes_all" own.txt
seq 0 9999 | sed 's/^/line /' | cmp - own.txt && echo 'its file is whole'
ask '.run.complete, (.totals | {allocations, frees, lost_events})' mallow stats --json r.mallow
# Closed standard streams, at the start: it does not get the descriptor that it wants,
# with or without Mallow.
mallow run --quiet --force -o r.mallow -- "$PROGRAMS/closes_all" own.txt <&- >&- 2>&-
echo "[status $?]"
"$PROGRAMS/closes_all" own.txt <&- >&- 2>&-
echo "[status $?]"
ask '.run.complete' mallow stats --json r.mallow
