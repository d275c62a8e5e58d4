# A moment of a run as a file of its own: saved, compared with its run, and what it does
# not hold is said.
mallow run --quiet -o r.mallow -- "$SAMPLES/request"
show mallow snapshot r.mallow@before -o before.mallow --metadata commit=4f2a --metadata 'note=two words'
mallow snapshot r.mallow@after -o after.mallow >/dev/null

# The same rows as the moment itself.
same() { # OPTIONS...
	mallow "$@" r.mallow@after | sed 1d >of_run
	mallow "$@" after.mallow | sed 1d >of_file
	cmp of_run of_file && grep -c . of_file | sed 's/^[1-9].*/same rows/'
}
same top
same top --by trace
same top --by function --cumulative
same tree
same leaks
show mallow diff before.mallow after.mallow
mallow diff r.mallow@before r.mallow@after | sed 1d >of_run
mallow diff before.mallow r.mallow@after | sed 1d >of_file
cmp of_run of_file && echo 'the same difference'

show mallow stats before.mallow
mallow stats --json before.mallow | jq -c '.run.saved, .totals.allocations, .totals.live_count, .sizes, .metadata'
mallow top --json -n 1 before.mallow | jq -c '.rows[0] | [.count, .allocations, .peak_size]'
mallow top --csv -n 1 before.mallow | cut -d, -f2-7
show mallow sql before.mallow 'select key, value from metadata'
mallow sql --csv before.mallow 'select live_count > 0, allocations, saved from runs'
mallow sql --csv before.mallow 'select count(allocations), count(live_size) > 0 from traces'

# A value that is no UTF-8 is not bent into some.
mallow snapshot r.mallow@before -o bytes.mallow --metadata "bytes=$(printf 'a\377')" --metadata 'text=ä"' >/dev/null
mallow stats --json bytes.mallow | jq -c .metadata

# All domains are in it, by their names.
mallow run --quiet -o arena.mallow -- "$SAMPLES/arena"
mallow snapshot arena.mallow -o pieces.mallow >/dev/null
show mallow stats pieces.mallow
show mallow top --by domain pieces.mallow

# What it does not hold.
show mallow top before.mallow@10ms
show mallow top before.mallow@peak
show mallow top before.mallow@before
show mallow top --by size before.mallow
show mallow top --sort temporary before.mallow
show mallow timeline before.mallow
show mallow sql before.mallow 'select * from events'
show mallow sql before.mallow 'select * from live_blocks'

# Saved again it is the same, and nothing is overwritten that need not be.
mallow snapshot before.mallow -o again.mallow >/dev/null
cmp before.mallow again.mallow && echo 'the same bytes'
show mallow snapshot r.mallow -o before.mallow
show mallow snapshot --force r.mallow -o /dev/null
echo text >notes
show mallow snapshot --force r.mallow -o notes
mallow snapshot --force --json r.mallow@after -o before.mallow | jq -c '.snapshots[] | [.name, .count > 0]'
cmp before.mallow after.mallow && echo replaced
# The answer has the name that the list of the run has.
mallow run --quiet --snapshot-every 20ms -o every.mallow -- sleep 0.3
mallow snapshot --json every.mallow@every#2 -o second.mallow | jq -c '.snapshots[].name'
mallow snapshot --csv --force every.mallow@every#2 -o second.mallow | sed 1d | cut -d, -f1
rm every.mallow second.mallow
show mallow snapshot r.mallow@gone -o x.mallow
show mallow snapshot r.mallow NAME -o x.mallow
show mallow snapshot r.mallow --force
show mallow snapshot r.mallow -o x.mallow --metadata novalue
show mallow top -o x.mallow r.mallow
ls
