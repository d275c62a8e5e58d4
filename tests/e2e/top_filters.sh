# Included patterns are ORed, then any excluded one drops.
record r.mallow "$SAMPLES/wrappers"
top() { show sites --at peak "$@" r.mallow; }
top --include 'names_*'
top --include 'names_*' --include 'tables_*'
top --include '*wrappers.c' --exclude 'names_*'
top --exclude '*wrappers.c'
top --include main
top --include main --all-frames
top --min-size 100
top --min-size 1KiB
top --domain nothing
top --include '*wrappers' --by module
