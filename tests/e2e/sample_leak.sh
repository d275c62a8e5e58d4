# The whole of what the first commands say, on a program that leaks.
show mallow run -o r.mallow -- "$SAMPLES/leak"
show mallow stats r.mallow | tr -s " "
ask "$totals" mallow stats --json r.mallow
ask '.run | {ended, exit_code, signal, complete}' mallow stats --json r.mallow
show mallow top r.mallow
show mallow top --csv r.mallow
show mallow top --by trace r.mallow | grep -vE "__libc_start|_start"
ask "$rows" mallow top --json r.mallow
ask '{by, sort, at, total}' mallow top --json r.mallow
