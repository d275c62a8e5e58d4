# docs/tutorial.md: its commands print what the page says they print, but for times and the
# offsets of functions without names; the names of folders that jq keeps are a few bytes longer or
# shorter. `TUTORIAL=print` shows what they print here, for the page.
sed -n 's/^    //p' "$SOURCE/docs/tutorial.md" >page
grep '^\$ ' page | sed 's/^\$ //' >commands

while IFS= read -r command; do
	printf '$ %s\n' "$command"
	(eval "$command") 2>&1 </dev/null
done <commands >printed

stable() {
	sed -E 's/ after [0-9.]+ [a-z]+$/ after TIME/; s/\+0x[0-9a-f]+/+0xN/g; s/68[67] KiB/68N KiB/; /^$/d' "$1"
}

[ "${TUTORIAL-}" = print ] && cat printed
diff -u --label 'docs/tutorial.md' <(stable page) --label 'what was printed' <(stable printed) &&
	echo "$(wc -l <commands) commands of the tutorial"
