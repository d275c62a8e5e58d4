# What a program allocates in the phases that it names.
record r.mallow "$SAMPLES/phases"
show mallow top --by scope r.mallow
ask '.rows[] | {scope, size, count, allocations}' mallow top --by scope --json r.mallow
show mallow top --by scope --csv r.mallow
show mallow leaks --by scope r.mallow
ask '.columns, .rows[]' mallow sql --json r.mallow \
	"select scope, op, size from events where scope in ('load table', 'emit') limit 4"
ask '.columns, .rows[]' mallow sql --json r.mallow \
	"select scope, sum(live_size) as size from traces group by scope"
ask '.[]' sqlite3 -json r.mallow 'select kind, number, text from name'
ask '.series[] | {scope, allocations}' mallow timeline --by scope --json r.mallow
