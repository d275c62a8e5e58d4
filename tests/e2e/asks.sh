# The C API: is it tracing, how deep, at what cost; without Mallow all of it is off.
for program in asks asks_fixed asks_static; do
	echo "$program alone:" "$("$PROGRAMS/$program" | sort -u -t: -k2)"
done
for program in asks asks_fixed; do
	show mallow run --quiet --depth 7 -o $program.mallow -- "$PROGRAMS/$program"
done
show mallow run --quiet --no-follow-children -o only.mallow -- "$PROGRAMS/asks"
