# Names that were looked up before are the same names, and can be done without.
export XDG_CACHE_HOME=$PWD/cache
unset MALLOW_SYMBOL_CACHE
for i in 1 2; do
	record $i.mallow "$SAMPLES/peak"
	mallow top --by trace --sort allocated -n 0 --json $i.mallow | jq -c .rows >$i.json
done
cmp 1.json 2.json && echo "the same names"
MALLOW_SYMBOL_CACHE=0 XDG_CACHE_HOME=$PWD/none record 3.mallow "$SAMPLES/peak"
mallow top --by trace --sort allocated -n 0 --json 3.mallow | jq -c .rows | cmp - 1.json && echo "the same without"
ls -d none 2>/dev/null
