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
