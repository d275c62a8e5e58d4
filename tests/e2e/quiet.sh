# A summary of at most 12 lines, on standard error; with --quiet not a byte.
mallow run -o r.mallow -- echo words >out 2>errors
cat out
[ "$(wc -l <errors)" -le 12 ] && [ -s errors ] && echo 'a summary'
grep -c 'r\.mallow' errors | sed 's/^[1-9].*/names the file/'
grep -cE 'mallow (stats|top)' errors | sed 's/^[1-9].*/names the next command/'
show mallow run --quiet -o quiet.mallow -- true
# The name that a recording has when none is given.
show mallow run --quiet -- true
ls | sed -E 's/true\.[0-9]+\.mallow/true.PID.mallow/'
