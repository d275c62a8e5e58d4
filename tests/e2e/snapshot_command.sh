# mallow snapshot: taking one of a run that goes on, and the list.
mkfifo in
mallow run --quiet -o r.mallow -- "$PROGRAMS/handover" 0 <in >out &
launcher=$!
exec 3>in
wait_until 10 grep -q ready out
program=$(pgrep -P $launcher handover)
pid() { sed -e "s/$program/PROGRAM/g" -e "s/$launcher/LAUNCHER/g"; }

mallow snapshot "$program" first | sed -E 's/size=.*, at/size=S, count=C, at/'
mallow snapshot "$launcher" second --csv | sed -E 's/[0-9]+/N/g'
ask '.snapshots | length, keys == [0], (.[0].at_ns > 0)' mallow snapshot --json "$program" first
# It is in the file when the command returns, and the place answers.
ask '[.snapshots[].name]' mallow snapshot --json r.mallow
mallow top --json r.mallow@first#2 2>/dev/null | jq -c '[.at, .total.count < 60]'

# What is refused.
for name in start end peak '' a@b a#1 25% 1.5s; do
	mallow snapshot "$program" "$name"
	echo "status $?"
done 2>&1 | pid
{
	mallow snapshot "$program" || echo "status $?"
	mallow snapshot r.mallow name || echo "status $?"
	mallow snapshot 0 name || echo "status $?"
	mallow snapshot 4194305 name || echo "status $?"
	mallow snapshot $$ name || echo "status $?"
	mallow snapshot "$program" a b || echo "status $?"
} 2>&1 | pid | sed "s/\b$$\b/SHELL/"
ask '.snapshots | length' mallow snapshot --json r.mallow

exec 3>&-
wait $launcher
echo "[status $?]"
show mallow snapshot r.mallow | sed -E 's/^.*(name$|first|second)/  \1/'
show mallow snapshot r.mallow@peak
mallow snapshot "$launcher" name 2>/dev/null
echo "of a run that is over: status $?"

# In every snapshot that many take, no block is without the one that comes before it.
mallow run --quiet --snapshot-every 5ms -o h.mallow -- "$PROGRAMS/handover" 300 >out
count=$(mallow snapshot --json h.mallow | jq '.snapshots | length')
for ((i = 1; i <= count; i++)); do
	mallow top --json --by function "h.mallow@every#$i" |
		jq -c '[.rows[] | select(.function | IN("first", "second")) | {(.function): .count}] | add // {}
			| (.second // 0) <= (.first // 0)'
done | sort -u
