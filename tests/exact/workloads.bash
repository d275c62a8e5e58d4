# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# Programs that are not ours doing real work, single-threaded, for heap_usage.sh and
# peak.sh. Sourced after lib.bash. for_each_workload FUNCTION calls
#
#	FUNCTION NAME INPUT COMMAND...
#
# with INPUT as standard input, in an environment of nothing but $environment.

scale=1
[ "$quick" ] && scale=0.1
inputs=$tmp/inputs
"$exact/inputs.py" "$inputs" "$scale"

environment=(PATH=/usr/bin:/bin HOME="$tmp" TMPDIR="$TMPDIR" LC_ALL=C.UTF-8 TZ=UTC
	PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0 GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat)

make_repository() {
	local i
	export GIT_CONFIG_NOSYSTEM=1
	git -c init.defaultBranch=main init -q "$tmp/repository" || return 1
	for i in 1 2 3 4 5 6 7 8; do
		sed -n "$i,$((i * 40))p" "$inputs/words.txt" >"$tmp/repository/words"
		git -C "$tmp/repository" add words
		git -C "$tmp/repository" -c user.name=n -c user.email=n@example.org \
			commit -q -m "change $i"
	done
	git -C "$tmp/repository" gc -q
	# An index as old as its files is read again file by file.
	sleep 1.1
	git -C "$tmp/repository" update-index -q --refresh --force-write-index 2>/dev/null ||
		touch "$tmp/repository/.git/index"
}

present() {
	command -v "$1" >/dev/null
}

for_each_workload() {
	local call=$1
	"$call" jq-length "$inputs/big.json" jq length
	present xmllint && "$call" xmllint /dev/null xmllint --noout "$inputs/big.xml"
	"$call" sqlite3 "$inputs/work.sql" sqlite3 -batch :memory:
	present bc && "$call" bc "$inputs/sum.bc" bc -l
	present gawk && "$call" gawk "$inputs/words.txt" gawk '{for(i=1;i<=NF;i++)n[$i]++}END{for(k in n)s+=n[k]; print s, length(n)}'
	present mawk && "$call" mawk "$inputs/words.txt" mawk '{for(i=1;i<=NF;i++)n[$i]++}END{for(k in n)s+=n[k]; print s}'
	"$call" perl "$inputs/words.txt" perl -ne 'for(split){$n{$_}++} END{print scalar(keys %n), "\n"}'
	make_repository && "$call" git-log /dev/null git -C "$tmp/repository" log -p
	"$call" x_entry /dev/null "$programs/x_entry" no-pvalloc no-huge
	"$call" x_sites /dev/null "$programs/x_sites"
	"$call" x_new /dev/null "$programs/x_new" none
	[ "$quick" ] || for_each_further_workload "$call"
}

for_each_further_workload() {
	local call=$1
	"$call" jq-group "$inputs/big.json" jq 'group_by(.nested.even)|map(map(.name)|sort|length)'
	"$call" jq-empty /dev/null jq -n '[range(300)]|map(tostring)|join(",")'
	present xmllint && "$call" xmllint-stream /dev/null xmllint --stream "$inputs/big.xml"
	present xmllint && "$call" xmllint-c14n /dev/null xmllint --c14n "$inputs/big.xml"
	"$call" sqlite3-file "$inputs/work.sql" sqlite3 -batch "$TMPDIR/work.db"
	"$call" perl-modules "$inputs/big.json" perl -MJSON::PP -MList::Util=sum -e 'print sum(map {length} split(/,/, substr(<STDIN>,0,20000))), "\n"'
	"$call" git-status /dev/null git --no-optional-locks -C "$tmp/repository" status --short
	"$call" git-blame /dev/null git -C "$tmp/repository" blame words
	"$call" gzip "$inputs/words.txt" gzip -9
	"$call" sort "$inputs/words.txt" sort --parallel=1
	"$call" x_tree /dev/null "$programs/x_tree" 1
}

# for_each_sample FUNCTION: the same for the samples that need no argument, and do the same
# whether they are recorded or not: not those that ask Mallow, or record a part of themselves.
for_each_sample() {
	local sample
	for sample in "$samples"/*; do
		[ -f "$sample" ] && [ -x "$sample" ] && [ "${sample%.so}" = "$sample" ] || continue
		case $(basename "$sample") in
		budget | overrun | starts | from_tracemalloc) continue ;;
		esac
		"$1" "sample-$(basename "$sample")" /dev/null "$sample"
	done
}
