# Arenas, pools and blocks: what of them is used, wasted and free.
record r.mallow "$SAMPLES/small_object_allocator"
show mallow stats --by domain r.mallow
ask '.domains[] | {domain, pools: [.pools[] | [.block_size, .pools, .blocks, .largest_free]]}' \
	mallow stats --json r.mallow
show sites --domain objects r.mallow
mallow stats --csv r.mallow | grep ^domain | cut -d, -f1-7
"$SAMPLES/small_object_allocator" && echo 'also alone'
