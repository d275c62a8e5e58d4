# SQL about a recording: what it gives, what it refuses, and that the file stays as it is.
record r.mallow "$SAMPLES/leak"
chmod a-w r.mallow
md5sum r.mallow >before
sql() {
	show mallow sql "$@"
}

# The tables and their columns.
mallow sql --json r.mallow "select t.name, group_concat(c.name, ' ') from sqlite_temp_schema t,
	pragma_table_info(t.name) c where t.type = 'table' group by 1" | jq -r '.rows[] | "\(.[0]): \(.[1])"'

sql r.mallow "select op, count(*), sum(size), count(distinct trace) as traces from events group by op"
ask '.totals | [.allocations, .allocated_size, .frees, .live_size]' mallow stats --json r.mallow
sql r.mallow "select ended, exit_code, signal, complete from runs; select 'second' as answer, 1.5, null"
sql --source-root "$SOURCE" r.mallow "select site, sum(live_size), sum(live_count) from traces join sites
	on trace = id group by site order by 2 desc, site"
sql --wrapper entry_new --path-map "$SOURCE/samples=/s" r.mallow "select distinct site from sites where site like '%/s/%'"
sql r.mallow "select level, function, line from frames where trace = 1 and function not like '\_%' escape '\\'"
echo 'select count(*) as blocks, sum(size) as bytes from live_blocks;' | sql r.mallow
echo '-- nothing at all' | sql r.mallow
sql --csv r.mallow "select size, count(*) as n, 'a, \"b\"' as quoted from live_blocks group by size"
sql --json r.mallow "select 1 as a, null as b, 1.5 as c, 'ä\"' as d, x'00ff' as e"
sql r.mallow@end "select count(*) from processes"

# One row that is too wide for the line stands upright.
mallow sql r.mallow "select * from processes" | cut -d ' ' -f 1 | paste -sd ' '

# Mistakes, and what would write.
sql r.mallow "selec 1"
sql r.mallow "select colour from events"
sql r.mallow "select 1; select nothing_more from runs; select 2"
sql r.mallow "attach 'other.db' as other"
sql r.mallow "vacuum into 'copy.db'"
sql r.mallow "pragma journal_mode = delete"
sql r.mallow "create table t (x)"
sql r.mallow "delete from events"
sql r.mallow "insert into runs (command) values ('x')"
sql r.mallow "drop table runs"
sql r.mallow "create temp table t as select 1 as x; update t set x = 2; select x from t"
sql --json r.mallow "select 1; select 2"
sql r.mallow "$(printf 'select 1 as c%s' "$(printf ', %d' $(seq 2 65))")"
sql r.mallow@peak "select 1"
sql r.mallow "select 1" more
sql missing.mallow "select 1"
sql
md5sum -c --quiet before && ls

# A recording without events.
mallow run --quiet --record sites -o sites.mallow -- "$SAMPLES/leak"
sql sites.mallow "select count(*) from events"
sql sites.mallow "select live_size from runs"

# And one whose events were cut off.
mallow run --quiet --max-size 256K -o cut.mallow -- "$PROGRAMS/x_churn" 400000
sql cut.mallow "select sum(op = 'alloc') < allocations as cut, max(at_ns) = cut_at_ns as last from events, runs"
sql cut.mallow "select allocations > 100000 as whole from runs"
