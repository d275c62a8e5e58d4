# A program that is not run by `mallow run` starts its recording itself: by the environment
# with the library preloaded, or by mallow_start.
export LANG=C
library=$BUILD/lib/libmallow.so

# The collector ends after the program.
closed() { mallow stats --json "$1" 2>/dev/null | jq -e .run.complete >/dev/null; }
live='.processes[] | {id, parent, ended, exit_code, live: .totals.live_size, foreign: .totals.foreign_frees}'

# By its name, or by MALLOW_OUTPUT; nothing without a depth.
with() { # VARIABLE...: the program by itself, and the file that comes of it
	echo "\$ $*"
	env LD_PRELOAD="$library" "$@" "$PROGRAMS/starts" nothing
	status=$?
	[ $status = 0 ] || echo "[status $status]"
	for file in *.mallow; do
		[ -e "$file" ] || continue
		wait_until 10 closed "$file"
		sed -E 's/[0-9]+/N/' <<<"$file"
		ask .run.command mallow stats --json "$file"
		ask '["depth", .rows[][]]' mallow sql --json "$file" 'select depth from runs'
		ask '.rows[] | select(.traceback[0].function == "main") | [.size, .count]' mallow top --json "$file"
		rm -f "$file"
	done
}
with MALLOW_OUTPUT=e.mallow
with MALLOW_DEPTH=
with MALLOW_DEPTH=0
with MALLOW_DEPTH=8
with MALLOW_DEPTH=16 MALLOW_OUTPUT=e.mallow
with MALLOW_DEPTH=abc MALLOW_OUTPUT=e.mallow
with MALLOW_DEPTH=1025
with MALLOW_DEPTH=-1
with MALLOW_DEPTH=8 MALLOW_COLLECTOR=/nowhere/mallow
touch there
with MALLOW_DEPTH=8 MALLOW_OUTPUT=there

# By itself, preloaded and linked, and where `mallow run` records already.
echo alone:
"$PROGRAMS/starts"
echo preloaded:
LD_PRELOAD=$library MALLOW_OUTPUT=p.mallow "$PROGRAMS/starts"
wait_until 10 closed p.mallow
ask "$live" mallow stats --json p.mallow
ask '.snapshots[] | [.name, .size, .count]' mallow snapshot --json p.mallow
echo linked:
MALLOW_OUTPUT=l.mallow "$PROGRAMS/starts_linked" >linked
wait_until 10 closed l.mallow
LD_PRELOAD=$library MALLOW_OUTPUT=q.mallow "$PROGRAMS/starts" | diff - linked && echo the same
ask '.rows[] | select(.size == 333) | .traceback[0].function' mallow top --by trace --json l.mallow
echo run:
mallow run --quiet --depth 30 -o r.mallow -- "$PROGRAMS/starts_linked" | grep -v '^before\|live'
ask '.processes[] | {ended, exit_code, foreign: .totals.foreign_frees}' mallow stats --json r.mallow
echo 'it exists:'
MALLOW_OUTPUT=r.mallow "$PROGRAMS/starts_linked" | grep '^start 20'

echo quiet:
MALLOW_OUTPUT=a.mallow "$PROGRAMS/starts_linked" quiet
MALLOW_OUTPUT=b.mallow "$PROGRAMS/starts_linked" closed || echo "[status $?]"
wait_until 10 closed b.mallow
echo fork:
MALLOW_OUTPUT=f.mallow "$PROGRAMS/starts_linked" fork
wait_until 10 closed f.mallow
ask "$live" mallow stats --json f.mallow
echo race:
MALLOW_OUTPUT=c.mallow "$PROGRAMS/starts_linked" race 2
wait_until 10 closed c.mallow
ask '.totals | {foreign_frees, lost_events, live_size}' mallow stats --json c.mallow
# What it executes is in the same recording.
LD_PRELOAD=$library MALLOW_DEPTH=8 MALLOW_OUTPUT=x.mallow sh -c "'$PROGRAMS/starts' nothing; true"
wait_until 10 closed x.mallow
ask '[.processes[] | .command[0] | split("/")[-1]]' mallow stats --json x.mallow
ls ./*.mallow
