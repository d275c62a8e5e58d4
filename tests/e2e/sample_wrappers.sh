# The site is the caller of xmalloc, strdup and asprintf.
record r.mallow "$SAMPLES/wrappers"
ask "$totals" mallow stats --json r.mallow
show mallow top --at peak r.mallow
show mallow top --at peak --by function r.mallow
show mallow top --at peak --wrapper 'names_*' --by function r.mallow
