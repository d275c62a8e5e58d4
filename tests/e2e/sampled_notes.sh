# Every command says of a sampled run that its figures are estimates: in text a line, in
# JSON sample_bytes, beside CSV a note; and of another run nothing.
export MALLOW_SAMPLE_SEED=7
mallow run --quiet --sample 64 --snapshot-every 1ms -o s.mallow -- "$SAMPLES/leak"
record all.mallow "$SAMPLES/leak"
says() { # NAME COMMAND...: where it says so, and how often
	local name=$1
	shift
	"$@" >out 2>err
	echo "$name: $(grep -c 'sampled, 1 in 64 B: figures are estimates' out) line," \
		"$(grep -c 's.mallow: sampled, 1 in 64 B: figures are estimates' err) note," \
		"$(grep -o '"sample_bytes": *[0-9]*' out | sort -u | tr -d '\n')"
}
for file in s.mallow all.mallow; do
	echo "# $file"
	for format in '' --json --csv; do
		for command in top leaks tree timeline stats snapshot; do
			says "$command $format" mallow $command $format $file
		done
		says "diff $format" mallow diff $format $file@50% $file
		says "snapshot -o $format" mallow snapshot $format --force $file -o out.mallow
	done
	says 'stats --by domain' mallow stats --by domain $file
done
