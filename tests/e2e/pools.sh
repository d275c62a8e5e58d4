# Pools: what the calls return, with and without Mallow, and what is left of them.
pool='.domains[] | select(.domain == "pages") | [.totals.allocations, .totals.live_size, .pools[]]'
echo 'alone:'
"$PROGRAMS/pools" rules | sort -u -t: -k2
show mallow run --quiet -o r.mallow -- "$PROGRAMS/pools" rules
ask "$pool" mallow stats --json r.mallow
ask '.rows[]' mallow sql --json r.mallow "select sum(size), count(*) from live_blocks where domain = 'pages'"
record t.mallow "$PROGRAMS/pools" threads 20000
ask "$pool" mallow stats --json t.mallow
record f.mallow "$PROGRAMS/pools" fork
ask '.columns, .rows[]' mallow sql --json f.mallow 'select * from pools order by process'
ask '.run | {complete}' mallow stats --json f.mallow
show mallow stats --by line f.mallow

# The same as the program's own books.
for seed in 1 2 3; do
	mallow run --quiet --force -o b.mallow -- "$PROGRAMS/pools" random $seed >books
	mallow stats --json b.mallow | jq -c '.domains[] | select(.domain == "pages") | .pools[] |
		[.block_size, .pools, .blocks, .used_size, .free_size, .largest_free]' >told
	diff books told && wc -l <told
done
