# Ten million bytes in, the same ten million out, and the status.
seq 2000000 | head -c 10000000 >in
mallow run --quiet -o r.mallow -- "$PROGRAMS/pipe_through" <in >out
echo "[status $?]"
cmp in out && stat -c %s out
ask '.totals | {allocations, frees, live_count}' mallow stats --json r.mallow
cat in | mallow run --quiet --force -o r.mallow -- "$PROGRAMS/pipe_through" | md5sum | diff - <(md5sum <in) && echo 'same through pipes'
mallow run --quiet --force -o r.mallow -- sh -c 'read line; echo "read $line"; echo to stderr >&2' <<<'a line' 2>errors
cat errors
