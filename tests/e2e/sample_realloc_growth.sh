# One buffer, 17 sizes.
record r.mallow "$SAMPLES/realloc_growth"
ask "$totals" mallow stats --json r.mallow
ask '.totals.peak_size' mallow stats --json r.mallow
show sites --sort allocated r.mallow
