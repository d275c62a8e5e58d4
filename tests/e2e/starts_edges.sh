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

# The collector is not where the program is held: not on its CPU, not in its class.
all=$(taskset -c 0-1023 grep Cpus_allowed_list /proc/self/status)
find_collector='for p in /proc/[0-9]*; do
	{ read -r name <$p/comm; } 2>/dev/null && [ "$name" = mallow-collect ] || continue
	tr "\0" " " <$p/cmdline | grep -q asks.mallow || continue
	cat $p/status
	echo "class $(cut -d" " -f41 $p/stat)"
done 2>/dev/null'
taskset -c 0 chrt -b 0 env MALLOW_OUTPUT=asks.mallow "$PROGRAMS/starts_edges" asks "$find_collector" >collector
echo asks:
grep -qxF "$all" collector && echo all CPUs
grep class collector
ignored=$(sed -n 's/^SigIgn:[[:space:]]*//p' collector)
echo "SIGXCPU ignored: $((0x${ignored:-0} >> 23 & 1))"
