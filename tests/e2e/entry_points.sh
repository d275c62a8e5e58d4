# Every function that hands out memory; sizes tell them apart.
record r.mallow "$PROGRAMS/entry_points"
ask "$totals" mallow stats --json r.mallow
mallow top --json -n 100 --by line --sort allocated r.mallow |
	jq -c '.rows[] | [.allocations, .allocated_size, .size, .traceback[0].function, .traceback[0].line]' | sort -t, -k5n
