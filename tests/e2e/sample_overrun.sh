# A program that says where a block was allocated.
show "$SAMPLES/overrun"
mallow run --quiet -o o.mallow "$SAMPLES/overrun" | grep -v libc
