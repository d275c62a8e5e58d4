# Programs that no preload reaches run as ever and are named as such.
show mallow run -o static.mallow -- "$PROGRAMS/static"
show mallow run --force --require-trace -o static.mallow -- "$PROGRAMS/static"
for options in '' --require-trace; do
	# shellcheck disable=SC2086
	mallow run --quiet --force $options -o own.mallow -- "$PROGRAMS/own_malloc" 2>errors
	echo "[status $?]"
	grep -c 'own_malloc.*allocator' errors | sed 's/^1$/named, with the reason/'
done
status mallow doctor "$SAMPLES/leak"
status mallow doctor "$PROGRAMS/static"
status mallow doctor "$PROGRAMS/own_malloc"
status mallow doctor "$PROGRAMS/missing"
