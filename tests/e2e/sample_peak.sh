# Nothing at the end, 101 blocks at the peak.
record r.mallow "$SAMPLES/peak"
ask "$totals" mallow stats --json r.mallow
ask '.totals | {peak_size, peak_uncertainty}' mallow stats --json r.mallow
show mallow top r.mallow
show mallow top --at peak r.mallow
show mallow top --at=peak --by function r.mallow
show mallow top r.mallow@peak
show mallow top --sort peak r.mallow
ask '[.rows[] | {size, count, peak_size, peak_count}][]' mallow top --at peak --json r.mallow
