# Temporary blocks, and blocks that are not.
record r.mallow "$SAMPLES/churn"
ask "$totals" mallow stats --json r.mallow
show sites --sort temporary r.mallow
ask "$rows" mallow top --sort temporary --json r.mallow
