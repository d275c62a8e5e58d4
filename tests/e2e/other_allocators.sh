# A program that brings jemalloc or tcmalloc keeps it, and is recorded the same.
for library in libjemalloc.so.2 libtcmalloc.so.4; do
	echo "== $library"
	record r.mallow env LD_PRELOAD=$library "$SAMPLES/leak"
	ask "$rows" mallow top --json --include '*leak.c' r.mallow
	record r.mallow env LD_PRELOAD=$library \
		grep -oE 'lib(je|tc)malloc|libmallow' /proc/self/maps | sort -u
done
