# The whole of what the first commands say, on a program that leaks.
cp "$SAMPLES/leak" .
show mallow run -o r.mallow -- ./leak
show mallow stats r.mallow | tr -s " " | sed "s,### .*,###,"
ask "$totals" mallow stats --json r.mallow
ask '.run | {ended, exit_code, signal, complete}' mallow stats --json r.mallow
show sites r.mallow
show sites --csv r.mallow | cut -d, -f 1-10
show sites --by trace r.mallow | grep -vE "__libc_start|_start"
ask "$rows" mallow top --json r.mallow
ask '{by, sort, at, total}' mallow top --json r.mallow
