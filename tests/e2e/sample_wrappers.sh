# The site is the caller of xmalloc, strdup and asprintf.
record r.mallow "$SAMPLES/wrappers"
ask "$totals" mallow stats --json r.mallow
show sites --at peak r.mallow
show sites --at peak --by function r.mallow
show sites --at peak --wrapper 'names_*' --by function r.mallow
