# The tree of calls: callers first, sites first, folded and whole.
tree() { show mallow tree --source-root "$SOURCE" "$@"; }
nodes='[recurse(.children[]) | .function] | length'
record r.mallow "$SAMPLES/leak"
tree --exclude nothing r.mallow | grep -vE '__libc_start|_start'
tree --invert --by function r.mallow
ask 'del(.root.children), (.root | keys)' mallow tree --json r.mallow
ask '.root | recurse(.children[]) | select(.self_size > 0) | {function, line, size, count, self_size, self_count}' \
	mallow tree --json r.mallow
ask '[.root.children[] | [.size, .self_size, .children[0].self_size]]' mallow tree --json --invert r.mallow
# Nothing is live at the end, all is at the peak; recursion makes branches of branches.
record s.mallow "$SAMPLES/recursion"
tree s.mallow
tree --by function s.mallow@peak | grep -vE '__libc_start|_start'
tree --by file --sort allocated s.mallow
tree -n 1 --sort temporary s.mallow
tree -n 2 --min-size 4KiB --invert s.mallow@peak | grep -vE '__libc_start|_start'
# A chain of a thousand calls is as deep in JSON, and folded in text.
mallow run --quiet --depth 1024 -o deep.mallow -- "$SAMPLES/recursion"
tree --sort temporary deep.mallow | grep -vE '__libc_start|_start'
mallow tree --sort temporary -n 0 deep.mallow | grep -c descend
mallow tree --sort temporary --json deep.mallow | python3 -c '
import json, sys
sys.setrecursionlimit(20000)
node, depth, names = json.load(sys.stdin)["root"], 0, set()
while node["children"]:
	node = max(node["children"], key=lambda child: child["temporary_count"])
	depth, names = depth + 1, names | {node["function"]}
print(depth > 1000, "descend" in names, node["self_temporary_count"])'
# What it cannot answer.
tree --by thread r.mallow
tree --cumulative r.mallow
tree --csv r.mallow
show mallow top --invert r.mallow
tree r.mallow@teatime

# As CSV the same nodes in the same order.
for options in '' --invert '--by file --sort peak'; do
	mallow tree --csv $options r.mallow@peak | sed 1d | cut -d, -f1-5 | tr -d '\r' >csv
	mallow tree --json $options r.mallow@peak | jq -r 'def walk($depth): [$depth, .size, .count, .self_size, .self_count],
		(.children[] | walk($depth + 1)); .root | walk(0) | map(tostring) | join(",")' >json
	[ -s csv ] && cmp csv json && echo "same"
done
