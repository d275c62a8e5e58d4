# What each phase of a program needs, as it says itself.
show "$SAMPLES/budget"
show mallow run --quiet -o budget.mallow "$SAMPLES/budget"
