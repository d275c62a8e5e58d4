# Nothing at the end, 101 blocks at the peak.
record r.mallow "$SAMPLES/peak"
ask "$totals" mallow stats --json r.mallow
ask '.totals | {peak_size, peak_uncertainty}' mallow stats --json r.mallow
show sites r.mallow
show sites --at peak r.mallow
show sites --at=peak --by function r.mallow
show sites r.mallow@peak
show sites --sort peak r.mallow
ask '[.rows[] | {size, count, peak_size, peak_count}][]' mallow top --at peak --json r.mallow
