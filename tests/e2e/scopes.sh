# Scopes: what the calls return, with and without Mallow, and what was allocated in them.
live='.rows[] | {scope, size, count, allocations}'
echo 'alone:'
"$PROGRAMS/scopes" rules | sort -u -t: -k2
show mallow run --quiet -o r.mallow -- "$PROGRAMS/scopes" rules
ask "$live" mallow top --by scope --domain all --json r.mallow
record t.mallow "$PROGRAMS/scopes" threads
ask "$live | select(.size < 100)" mallow top --by scope --json t.mallow | sort
ask '.rows[]' mallow sql --json t.mallow "select scope, count(*), sum(size) from events
	where op = 'alloc' and size = 3 group by scope order by scope"
record f.mallow "$PROGRAMS/scopes" fork
ask "$live" mallow top --by scope --process 2 --json f.mallow
show mallow diff --by scope --domain all --min-size 20 r.mallow f.mallow
show mallow run --quiet -o m.mallow -- "$PROGRAMS/scopes" many
ask '.rows | length' mallow top --by scope --json -n 2000 m.mallow
ask '.rows[]' mallow sql --json m.mallow "select count(*), sum(live_size) from traces
	where scope like 'scope %'"
record d.mallow "$PROGRAMS/scopes" deep
ask "$live" mallow top --by scope --json d.mallow
record h.mallow "$PROGRAMS/scopes" handler
ask '.rows[]' mallow sql --json h.mallow "select distinct op, scope, size from events
	where size in (1, 2) and scope is not null order by scope, size, op"
ask '.run | {complete}' mallow stats --json h.mallow
record c.mallow "$PROGRAMS/scopes_cxx"
ask '.rows[]' mallow sql --json c.mallow "select scope, size from events where op = 'alloc'
	and size in (10, 20, 40) order by size"
show mallow run --quiet -o s.mallow -- "$PROGRAMS/scopes" stopped
ask '.rows[]' mallow sql --json s.mallow "select scope, sum(size) from events
	where op = 'alloc' and size in (1, 2, 4, 8) and scope is not null group by scope order by scope"
ask "$live | select(.size > 0)" mallow top --by scope --json s.mallow
record e.mallow "$PROGRAMS/scopes" edges
ask '.rows[]' mallow sql --json e.mallow "select scope, size from events where op = 'alloc'
	and size between 21 and 24 order by size"
