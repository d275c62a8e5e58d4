# Blocks carved from an arena, in domains of their own beside malloc's.
record r.mallow "$SAMPLES/arena"
ask "$totals" mallow stats --json r.mallow
show mallow top --by domain r.mallow
show sites --domain vertices r.mallow
show sites --domain labels --sort allocated r.mallow
show sites --domain nothing r.mallow
