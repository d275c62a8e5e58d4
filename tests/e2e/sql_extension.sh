# The same tables in the sqlite3 program, loaded as an extension.
record r.mallow "$SAMPLES/leak"
ask_sqlite() {
	show sqlite3 -readonly -batch r.mallow ".load $BUILD/lib/mallow_sqlite" "$@"
}
ask_sqlite "select op, count(*), sum(size) from events group by op"
ask_sqlite "select function, line from sites order by trace" "select count(*) from main.run" \
	"select count(*) from live_blocks"
ask_sqlite "delete from events"
sqlite3 -readonly r.mallow ".load $BUILD/lib/mallow_sqlite" .tables | tr -s ' ' '\n' | grep temp | sort
show sqlite3 -batch :memory: ".load $BUILD/lib/mallow_sqlite"
sqlite3 other.db 'create table t (x)'
show sqlite3 -batch other.db ".load $BUILD/lib/mallow_sqlite"

# Twice is an error, and the first one stays in use.
show sqlite3 -readonly -batch r.mallow ".load $BUILD/lib/mallow_sqlite" ".load $BUILD/lib/mallow_sqlite"
printf '%s\n' ".load $BUILD/lib/mallow_sqlite" ".load $BUILD/lib/mallow_sqlite" \
	"select count(*) from events where op = 'alloc';" | sqlite3 -readonly r.mallow 2>/dev/null
