# A program starts its recording while something else is under way.
export LANG=C
starts() { # WHAT...
	echo "$1:"
	MALLOW_OUTPUT=$1.mallow "$PROGRAMS/starts_edges" "$@" || echo "[status $?]"
}
starts dlopen "$PROGRAMS/slow_plugin.so"
starts resume
echo fork: # a child that begins one of its own has a file of its own
for try in 1 2 3 4 5 6 7 8 9 10; do
	"$PROGRAMS/starts_edges" fork
done | sort | uniq -c | sed 's/^ *//'
find . -name 'starts_edges.*.mallow' | wc -l
starts inside
starts subreaper
