# One clear sentence on standard error, the status, nothing overwritten, nothing begun.
show mallow run -o r.mallow -- ./missing
show mallow run -o r.mallow -- no-such-program
show mallow run -o r.mallow -- /etc/passwd
show mallow run -o r.mallow
show mallow run -o
show mallow run --depth 0 -o r.mallow -- "$PROGRAMS/ends" 0
show mallow run --depth 3x -o r.mallow -- "$PROGRAMS/ends" 0
show mallow run --stall never -o r.mallow -- "$PROGRAMS/ends" 0
show mallow run --unwinder magic -o r.mallow -- "$PROGRAMS/ends" 0
show mallow run --no-such-option -o r.mallow -- "$PROGRAMS/ends" 0
ls
echo 'precious' >kept.mallow
show mallow run -o kept.mallow -- "$PROGRAMS/ends" 0
cat kept.mallow
show mallow run -o no/such/folder/r.mallow -- "$PROGRAMS/ends" 0
mkdir folder
show mallow run -o folder -- "$PROGRAMS/ends" 0
show mallow run --force -o folder -- "$PROGRAMS/ends" 0
show mallow run --force -o /proc/r.mallow -- "$PROGRAMS/ends" 0
show mallow run --quiet --force -o kept.mallow -- "$PROGRAMS/ends" 0
ask '.totals.allocations' mallow stats --json kept.mallow
ls -A
