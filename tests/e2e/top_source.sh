# mallow top --source: the source lines, where the files are.
record r.mallow "$SAMPLES/leak"
here() { grep -vE '__libc_start|_start|return|result = main|exit'; }
show sites --source r.mallow
sites --source --by trace -n 1 r.mallow | here
# By function there is no line.
show sites --source --by function r.mallow

# The tree was moved.
mkdir -p moved/samples
sed 's/malloc/MOVED/' "$SOURCE/samples/leak.c" >moved/samples/leak.c
mallow top --source --path-map "$SOURCE=$PWD/moved" -n 1 r.mallow | tail -n +4 | head -1
mallow top --source --path-map "$SOURCE=" --source-root "$PWD/moved" -n 1 r.mallow | tail -n +4 | head -1
(cd moved && mallow top --source --path-map "$SOURCE/=" -n 1 ../r.mallow) | tail -n +4 | head -1

# What is not there is left out in silence.
mallow top --source --path-map "$SOURCE=/nowhere" -n 1 r.mallow | sed 's/[0-9.]*%.*site/site/'
show mallow top --source --json r.mallow
show mallow stats --source r.mallow
