# Places in a run.
record r.mallow "$SAMPLES/peak"
for place in end peak; do
	show sites --at $place -n 1 r.mallow
done
for place in 0s 0% 100% 1h; do
	mallow top --at $place -n 1 r.mallow >/dev/null 2>&1
	echo "$place: status $?"
done
