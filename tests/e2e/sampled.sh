# A sample stands for the whole: exactly, where each byte is sampled; within its errors,
# where fewer are. The seed makes the runs the same each time.
program=$PROGRAMS/sampled
export MALLOW_SAMPLE_SEED=7
record all.mallow "$program"
sample() { # BYTES: records a sample
	mallow run --quiet --force --sample "$1" -o s.mallow -- "$program"
}
sums='.totals | [.allocations, .frees, .reallocations, .allocated_size, .live_size, .live_count, .peak_size]'
sites='[.rows[] | [.size, .count, .allocations, .allocated_size, .function]] | sort'
# Of threads the peak is another one each time.
steady="$sums | .[:-1]"

echo '# each byte'
sample 1
ask '.run.complete, .run.sample_bytes' mallow stats --json s.mallow
cmp <(ask "$steady" mallow stats --json all.mallow) <(ask "$steady" mallow stats --json s.mallow) && echo the same totals
cmp <(ask "$sites" mallow top --json --by function all.mallow) \
	<(ask "$sites" mallow top --json --by function s.mallow) && echo the same sites
ask '[.totals | .temporary_count, .inherited_frees, .foreign_frees], .total.size_error' mallow stats --json s.mallow
ask '[.total.size_error, .rows[].size_error] | unique' mallow top --json s.mallow
for other in "$SAMPLES/realloc_growth" "$PROGRAMS/entry_points" "$PROGRAMS/x_entry no-pvalloc no-huge" \
	"$PROGRAMS/x_entry_tcmalloc no-pvalloc no-huge" "$PROGRAMS/x_new none" "$PROGRAMS/tracks"; do
	[ -x "${other%% *}" ] || continue
	# shellcheck disable=SC2086
	record one.mallow $other >/dev/null 2>&1
	# shellcheck disable=SC2086
	mallow run --quiet --force --sample 1 -o s.mallow -- $other >/dev/null 2>&1
	cmp <(ask "$sums" mallow stats --json one.mallow) <(ask "$sums" mallow stats --json s.mallow) ||
		echo "not of ${other##*/}"
done

# close BYTES SIZE NAME: reads a size, and finds it within 5 standard errors of SIZE.
close() {
	jq -r --argjson b "$1" --argjson true "$2" --arg name "$3" \
		'if (. - $true) * (. - $true) <= 25 * $b * $true then "\($name): as it should be"
		else "\($name): \(.) where \($true) is" end'
}
all=$(mallow stats --json all.mallow | jq .totals.allocated_size)
for bytes in 100 4096 65536; do
	echo "# 1 in $bytes"
	sample $bytes
	ask '.run.complete, .run.sample_bytes' mallow stats --json s.mallow
	mallow stats --json s.mallow | jq .totals.allocated_size | close $bytes "$all" allocated
	mallow top --json --by function s.mallow >rows
	jq '[.rows[] | select(.function == "keep").size] | add' rows | close $bytes 4000000 keep
	mallow sql --json s.mallow 'select count(distinct number) > 1 as differ from (select count(*) as number from events
		where op = "alloc" and process > 1 group by process)' 2>/dev/null | jq -c .rows
	mallow sql --json s.mallow 'select (select sum(bytes) - allocated_size or sum(blocks) - allocations from events where op = "alloc") as new,
		(select sum(blocks) - frees from events where op = "free") as old,
		(select sum(bytes) - live_size or sum(blocks) - live_count from live_blocks where domain = "malloc") as live from runs' 2>/dev/null | jq -c .rows
	jq -c '[.rows[] | select(.function == "keep_large") | .size, .count]' rows
	jq -c '[.rows[] | select(.size > 0 and (.traceback[].file // "" | endswith("/sampled.c"))) | .function] | sort' rows
	jq -e '[.rows[].size] | add' rows | cmp - <(mallow stats --json s.mallow | jq .totals.live_size) && echo totals are sums
	jq '[.rows[].size] | add' <(mallow top --json --by size s.mallow) | cmp - <(jq .total.size rows) && echo events lead there too
	cmp <(mallow timeline --json --by line s.mallow 2>/dev/null | jq .peak.size) <(mallow stats --json s.mallow | jq .totals.peak_size) && echo and to the peak
	jq --argjson b $bytes '.rows[] | select(.function == "keep") | .size_error <= (.size * $b | sqrt) and .size_error > 0' rows
done

echo '# what sampling survives'
for words in 'sampled_edges daemon' 'sampled_edges jump' 'sampled_edges filter' 'sampled_edges throws' \
	'sampled_edges_tcmalloc throws'; do
	[ -x "$PROGRAMS/${words% *}" ] || words="sampled_edges throws"
	# shellcheck disable=SC2086
	mallow run --quiet --force --wait --sample 4096 -o edge.mallow -- "$PROGRAMS/"$words 2>err
	mallow top --json --by function --sort allocated edge.mallow 2>err |
		jq '[.rows[] | select(.function == "after").allocated_size] | add // 0' | close 4096 5000000 "${words#* }"
done

echo '# what cannot be told'
show mallow top --sort temporary s.mallow
ask '[.totals | .temporary_count, .inherited_frees, .foreign_frees]' mallow stats --json s.mallow
mallow stats s.mallow | sed -n 3p
mallow stats s.mallow | grep -c temporary
mallow top s.mallow | sed -n 2p
LC_ALL=C.UTF-8 mallow top s.mallow | grep -c ' ± '
mallow top --csv s.mallow 2>&1 | head -2 | cut -d, -f 7-9
for command in leaks tree; do
	mallow $command s.mallow | sed -n 2p
done
{ mallow diff s.mallow@50% s.mallow >/dev/null; } 2>&1
{ mallow timeline s.mallow >/dev/null; } 2>&1
mallow sql s.mallow 'select sample_bytes, temporary_count, foreign_frees from runs' 2>&1
mallow sql s.mallow 'select count(live_size) > 0 as sizes, count(temporary_count) as temporary from traces' 2>/dev/null
mallow snapshot s.mallow@peak -o peak.mallow >out
mallow stats peak.mallow | sed -n 3p
ask '.run.sample_bytes' mallow stats --json peak.mallow

echo '# the same seed, the same sample; and without events'
sample 4096
ask "$steady" mallow stats --json s.mallow >first
mallow run --quiet --force --sample 4096 --record sites -o s.mallow -- "$program"
ask "$steady" mallow stats --json s.mallow | cmp - first && echo the same

echo '# with other options'
MALLOW_VERIFY_STACKS=1 mallow run --quiet --force --sample 4096 --depth 2 --mmap --addresses --snapshot-every 1ms -o s.mallow -- "$program"
ask '.totals.stacks_verified > 100, .totals.stack_mismatches, .totals.truncated_traces > 0' mallow stats --json s.mallow
mallow stats --json s.mallow | jq .totals.allocated_size | close 4096 "$all" allocated
mallow stats --json s.mallow | jq '[.snapshots[].size] | max' >highest
mallow stats --json s.mallow | jq --slurpfile high highest '.totals.peak_size >= $high[0] and $high[0] > 8000000'
for unwinder in libunwind fp; do
	mallow run --quiet --force --sample 4096 --unwinder $unwinder -o s.mallow -- "$program"
	mallow stats --json s.mallow | jq .totals.allocated_size | close 4096 "$all" allocated
done

echo '# usage'
for bytes in 0 -1 x '' 2G 1K; do
	show mallow run --force --quiet --sample "$bytes" -o u.mallow -- true
done
MALLOW_SAMPLE_SEED=x show mallow run --force --quiet --sample 4K -o u.mallow -- true
