# --mmap: mappings in a domain of their own.
mallow run --quiet --mmap -o r.mallow -- "$PROGRAMS/maps"
for domain in mmap brk; do
	ask "$rows" mallow top --domain $domain --sort allocated --include '*maps.c' --json r.mallow
done
ask '[.rows[] | .domain] | sort[]' mallow top --by domain --domain all --sort allocated --json r.mallow
ask "$totals" mallow stats --json r.mallow
mallow run --quiet -o s.mallow -- "$PROGRAMS/maps"
ask '[.rows[] | .domain] | sort[]' mallow top --by domain --domain all --sort allocated --json s.mallow
for domain in mmap brk; do
	ask .rows[] mallow sql --json r.mallow "select domain, sum(size) = (select sum(live_size) from traces
		where domain = '$domain') from live_blocks where domain = '$domain' group by domain"
done
