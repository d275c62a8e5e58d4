# Programs that no preload reaches run as ever and are named as such.
show mallow run -o static.mallow -- "$PROGRAMS/static"
show mallow run --force --require-trace -o static.mallow -- "$PROGRAMS/static"
show mallow run --quiet -o own.mallow -- "$PROGRAMS/own_malloc"
show mallow run --require-trace -o own2.mallow -- "$PROGRAMS/own_malloc"
status mallow doctor "$SAMPLES/leak"
status mallow doctor "$PROGRAMS/static"
status mallow doctor "$PROGRAMS/own_malloc"
status mallow doctor "$PROGRAMS/missing"
