# A recording says the same where nothing of the program is: below a root that has only mallow and
# its libraries, as another user, in another time zone. Where the kernel allows no other root, at
# least the program and its source are gone.
cp "$SAMPLES/wrappers" program
record wrappers.mallow ./program
record fork.mallow "$PROGRAMS/fork_tree"

root=$PWD/root
mkdir -p "$root/bin" "$root/tmp"
cp "$BUILD/bin/mallow" "$root/bin/"
ldd "$BUILD/bin/mallow" | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
cp ./*.mallow "$root/tmp/"
chmod -R a+rX "$root"

# A sanitizer wants /proc and its log.
if ldd "$BUILD/bin/mallow" | grep -q 'lib[at]san'; then
	elsewhere() { (cd "$root/tmp" && mallow "${@//\/tmp\//}"); }
elif [ "$(id -u)" = 0 ] && chroot "$root" /bin/mallow --version >/dev/null 2>&1; then
	elsewhere() { chroot --userspec=12345:12345 "$root" /bin/mallow "$@"; }
elif unshare -r chroot "$root" /bin/mallow --version >/dev/null 2>&1; then
	elsewhere() { unshare -r chroot "$root" /bin/mallow "$@"; }
else
	elsewhere() { (cd "$root/tmp" && mallow "${@//\/tmp\//}"); }
fi

compare() { # COMMAND WORDS... with FILE for the recording's name
	local file
	for file in wrappers fork; do
		mallow "${@//FILE/$file.mallow}" >here 2>&1 || echo "status $?"
		TZ=Asia/Tokyo HOME=/nonexistent elsewhere "${@//FILE//tmp/$file.mallow}" 2>&1 |
			sed "s|/tmp/$file|$file|g" >there
		[ -s here ] && cmp here there && echo "same: $*"
	done | sort | uniq -c | sed 's/^ *//'
}
rm -f program
for format in '' --json --csv; do
	for command in stats top leaks timeline snapshot; do
		# shellcheck disable=SC2086
		compare $command $format FILE
	done
	# shellcheck disable=SC2086
	compare diff $format FILE@25% FILE@75%
	# shellcheck disable=SC2086
	compare sql $format FILE 'select * from events'
done
for words in '' --invert --json; do
	# shellcheck disable=SC2086
	compare tree $words FILE
done
compare top --by trace -n 100 FILE@peak
