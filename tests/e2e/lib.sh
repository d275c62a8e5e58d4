# Helpers of the end-to-end tests; sourced by tests/e2e/run before each.
# shellcheck shell=bash disable=SC2034

# show COMMAND...: prints the command, what it prints (standard error marked with `! `),
# and its exit status when that is not 0.
show() {
	local status errors
	printf '$ %s\n' "$*"
	errors=$(mktemp)
	"$@" 2>"$errors"
	status=$?
	sed 's/^/! /' "$errors"
	rm -f "$errors"
	[ $status -eq 0 ] || echo "[status $status]"
	return 0
}

# status COMMAND...: the command and its exit status alone.
status() {
	"$@" >/dev/null 2>&1
	echo "$? <- $*"
}

# record FILE PROGRAM...: records quietly; the exit status when it is not 0.
record() {
	local file=$1 status
	shift
	mallow run --quiet --force -o "$file" -- "$@"
	status=$?
	[ $status -eq 0 ] || echo "[status $status]"
}

# ask FILTER COMMAND...: a jq filter over what the command prints, one compact value a line.
ask() {
	local filter=$1
	shift
	"$@" | jq -cS "$filter"
}

# The totals that are the same on every run.
totals='.totals | {allocations, frees, reallocations, allocated_size, live_size,
	live_count, temporary_count, inherited_frees, foreign_frees, lost_events}'

# wait_until SECONDS COMMAND...: tries the command until it succeeds.
wait_until() {
	local tries=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		if [ $tries -le 0 ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.05
	done
}

# A row of `top --json` a line; a process of `stats --json` a line.
rows='[.rows[] | {size, count, allocations, allocated_size, temporary_count,
	at: [.traceback[] | "\(.function):\(.line)"]}][]'
processes='[.processes[] | {id, parent, ended, exit_code, signal, recorded,
	command: [(.command // [])[] | split("/")[-1]],
	totals: (if (.command // [""])[0] | test("sh$") then "of a shell" elif .totals then
		(.totals | {allocations, frees, live_count, inherited_frees}) else null end)}][]'

# `mallow top` with the names of files as they are in the source tree, so that the width of
# what it prints does not depend on where that is.
sites() {
	mallow top --source-root "$SOURCE" "$@"
}
