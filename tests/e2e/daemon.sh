# What libc's daemon() does, ours does, and its child is in the recording.
for words in '0 0' '0 1' '1 0' '1 1'; do
	# shellcheck disable=SC2086
	"$PROGRAMS/becomes_daemon" $words "$PWD/alone" </dev/zero >/dev/null 2>&1
	wait_until 10 grep -q "done" alone
	# shellcheck disable=SC2086
	mallow run --quiet --force --wait -o r.mallow -- "$PROGRAMS/becomes_daemon" $words "$PWD/recorded" </dev/zero >/dev/null 2>&1
	echo "[status $?]"
	cmp alone recorded && wc -l <recorded
	ask '[.processes[] | [.recorded, .ended, .exit_code]]' mallow stats --json r.mallow
	rm alone recorded
done
