# A child that outlives the program: --wait waits for it.
mallow run --quiet --wait -o r.mallow -- sh -c '(sleep 0.5; exec '"$PROGRAMS"'/children leaf 5) & exit 4'
echo "[status $?]"
ask '.run | {ended, exit_code, complete}' mallow stats --json r.mallow
ask '[.processes[] | select(.command[1] == "leaf") | {ended, exit_code, allocations: .totals.allocations}][]' mallow stats --json r.mallow
mallow run --quiet -o s.mallow -- sh -c '(sleep 0.7; exec '"$PROGRAMS"'/children leaf 5) & exit 4'
echo "[status $?]"
ask '.run | {ended, exit_code}' mallow stats --json s.mallow
ask '[.processes[].ended] | index("running") != null' mallow stats --json s.mallow
wait_until 20 sh -c "mallow stats --json s.mallow | jq -e .run.complete"
ask '[.processes[] | select(.command[1] == "leaf") | {ended, exit_code, allocations: .totals.allocations}][]' mallow stats --json s.mallow
