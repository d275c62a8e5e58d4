# Options before the file, after it, with `=` or a word of their own: all the same.
record r.mallow "$SAMPLES/wrappers"
sites --by function --at peak -n 2 r.mallow >one
cat one
for words in 'r.mallow --by function --at peak -n 2' '--by=function r.mallow --at=peak -n2' \
	'-n 2 --by function --at peak -- r.mallow' '--by function r.mallow@peak -n 2'; do
	# shellcheck disable=SC2086
	sites $words | cmp - one && echo "same: $words"
done
tail -n +2 one >rest
cp r.mallow 'a@b.mallow'
sites --by function -n 2 'a@b.mallow@peak' | tail -n +2 | cmp - rest && echo 'same: a name with @'
