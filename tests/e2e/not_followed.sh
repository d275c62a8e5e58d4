# --no-follow-children: the program alone is recorded; its children are named as left out.
mallow run --quiet --no-follow-children -o r.mallow -- sh -c '"$0" >/dev/null; exit 5' "$SAMPLES/leak"
echo "[status $?]"
ask '.processes[] | [.id, .parent, .recorded, .reason, .totals.allocations > 0]' mallow stats --json r.mallow
# How they ended is told all the same; one executes another program, one stays behind.
mallow run --quiet --no-follow-children -o s.mallow -- sh -c \
	'sh -c "exit 3"; sh -c "kill -9 \$\$"; sh -c "exec sleep 0.1"; sleep 1.5 & sleep 0.3; exit 5'
echo "[status $?]"
ask '[.processes[] | [(.command | join(" ")), .ended, .exit_code, .signal, .recorded]] | sort[]' mallow stats --json s.mallow
