# Two places in one run, and what is refused.
record r.mallow "$SAMPLES/peak"
changes() {
	mallow diff --source-root "$SOURCE" "$@"
}
show changes r.mallow@peak r.mallow
show changes r.mallow@0s r.mallow@peak
show changes r.mallow@0s r.mallow@end
show changes --sort allocated r.mallow@peak r.mallow
show changes --sort peak r.mallow@0% r.mallow@100%
show changes --sort temporary -n 1 r.mallow@0% r.mallow@peak
show changes --by size r.mallow@peak r.mallow
show changes --by thread r.mallow@peak r.mallow
show changes --by domain r.mallow@peak r.mallow
show changes --min-size 1M r.mallow@peak r.mallow
show changes r.mallow r.mallow
ask '.old, .new, .total, .by, .sort, (.rows | length)' mallow diff --json r.mallow@peak r.mallow
mallow run --quiet --record sites -o s.mallow -- "$SAMPLES/peak"
show changes s.mallow@peak s.mallow
show changes --sort allocated s.mallow@peak s.mallow
show changes s.mallow@50% s.mallow
show changes r.mallow@50% r.mallow@nothing
show changes r.mallow
show changes r.mallow r.mallow r.mallow
show changes nothing.mallow r.mallow
show changes r.mallow nothing.mallow
show changes r.mallow@peak r.mallow --at peak
show changes --thread nobody r.mallow@peak r.mallow
show changes --cumulative --by thread r.mallow@peak r.mallow
