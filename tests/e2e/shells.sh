# What a shell runs is recorded as its own process.
seq 3000 | jq -s '{numbers: .}' >big.json
record r.mallow sh -c 'jq ".numbers | length" big.json; exit 3'
ask '[.processes[] | {command: [.command[] | split("/")[-1]], exit_code, some: (.totals.allocations > 0)}] | sort_by(.command)[]' \
	mallow stats --json r.mallow
