# Domains of the program's own: what the calls return, with and without Mallow, and what is
# live in the end, apart from malloc's.
live='.rows[] | {domain, size, count, allocations, allocated_size}'
echo 'alone:'
"$PROGRAMS/tracks" | sort -u -t: -k2
show mallow run --quiet -o r.mallow -- "$PROGRAMS/tracks"
ask "$live | select(.domain != \"malloc\")" mallow top --by domain --json r.mallow
show sites --domain one r.mallow
show sites --domain 16 r.mallow
ask '.[]' sqlite3 -json r.mallow 'select number, text from name'
record f.mallow "$PROGRAMS/tracks" fork
ask "$live" mallow top --by process --domain one --json f.mallow
record t.mallow "$PROGRAMS/tracks" race 20000
ask '.rows[] | {size, count}' mallow top --by domain --domain one --json t.mallow
ask '.run | {complete}' mallow stats --json t.mallow
ask '.columns, .rows[]' mallow sql --json r.mallow "select op, domain, size from events where domain = 'two'"
ask '.rows[]' mallow sql --json r.mallow "select domain, count(*), sum(size) from live_blocks
	where domain <> 'malloc' group by domain"
