# Snapshots that the program itself takes, and their difference.
record r.mallow "$SAMPLES/request"
ask '[.snapshots[] | {name, size, count}][]' mallow snapshot --json r.mallow
show mallow diff r.mallow@before r.mallow@after
