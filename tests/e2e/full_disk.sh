# No room for the recording: the program is not disturbed, and one sentence says so.
trap '' XFSZ
(
	ulimit -f 96
	mallow run -o r.mallow -- sh -c 'i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done; echo done; exit 7' >out 2>errors
	echo "[status $?]"
)
cat out
grep -cE 'r\.mallow' errors | sed 's/^[1-9].*/names the file/'
grep -ciE 'no space|too large|full|could not' errors | sed 's/^[1-9].*/says why/'
