# A program starts its recording while something else is under way.
export LANG=C
starts() { # WHAT...
	echo "$1:"
	MALLOW_OUTPUT=$1.mallow "$PROGRAMS/starts_edges" "$@" || echo "[status $?]"
}
starts dlopen "$PROGRAMS/slow_plugin.so"
starts resume
