#!/bin/bash
# Every command has a man page, --help, a line in `mallow --help`, and its place in the
# completions, which offer behind it exactly the options that its --help names.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${MALLOW_BUILD:-build}
mallow=$build/bin/mallow
bad=0
say() {
	echo "$*"
	bad=1
}

commands=$(sed -n 's/^extern const struct mlw_command mlw_command_\([a-z]*\);/\1/p' cli/cmd/command.h)
[ -n "$commands" ] || say 'cli/cmd/command.h names no command'
[ -f docs/man/mallow.1.scd ] || say 'docs/man/mallow.1.scd is missing'

options_of() {
	grep -oE '(^|[ ,[|])--?[a-zA-Z][a-z-]*' | grep -oE -e '-.*' |
		grep -xE -e '-[a-zA-Z]' -e '--[a-z-]+' | sort -u
}

# What stands behind `mallow COMMAND -<TAB>`. These two shells are asked.
bash_offers() { # WORD... the last one is what is completed
	(
		# shellcheck source=/dev/null
		. completions/mallow.bash
		COMP_WORDS=(mallow "$@") COMP_CWORD=$#
		_mallow
		printf '%s\n' "${COMPREPLY[@]}"
	)
}
offered_in_bash() { bash_offers "$1" -; }
offered_in_fish() {
	fish --no-config -c "source completions/mallow.fish; complete -C 'mallow $1 -'" | cut -f1
}
# This one is read: the command's part, and what that takes of `selection` and `output`.
offered_in_zsh() {
	local part without
	part=$(awk -v "begin=$1)" 'index($0, begin) == 1 { on = 1 }
		on { print } /;;$/ { on = 0 }' completions/_mallow)
	without=$(grep -oE 'selection:#--[a-z-]+' <<<"$part" | sed 's/.*#//')
	{
		echo "$part"
		[[ $part != *'$output'* ]] || grep '^output=' completions/_mallow
		[[ $part != *selection* ]] || sed -n '/^selection=(/,/^)/p' completions/_mallow |
			grep -vF -e "'${without:-none}["
	} | grep -oE -e "'\*?--?[a-zA-Z][a-z-]*=?\[" | grep -oE -e '-[a-zA-Z-]+'
}

for command in $commands; do
	help=$("$mallow" "$command" --help 2>/dev/null) || say "mallow $command --help fails"
	[ -n "$help" ] || say "mallow $command --help says nothing on standard output"
	"$mallow" --help | grep -qE "^ +$command\\b" || say "mallow --help does not name $command"
	page=docs/man/mallow-$command.1.scd
	if [ ! -f "$page" ]; then
		say "$page is missing"
		continue
	fi
	for option in $(options_of <<<"$help"); do
		grep -qF -e "$option" "$page" ||
			grep -qF -e "${option//-/\\-}" "$page" || say "$page does not name $option"
	done
	for shell in bash zsh fish; do
		missing=$(comm -3 <({ options_of <<<"$help"; echo --help; } | sort -u) \
			<("offered_in_$shell" "$command" | sort -u))
		[ -z "$missing" ] || say "mallow $command: --help and the completion for $shell differ:" $missing
	done
	for shell in mallow.bash _mallow mallow.fish; do
		grep -qw "$command" completions/$shell || say "completions/$shell does not know $command"
	done
done

# And what stands behind an option.
behind() { # COMMAND OPTION WHAT
	[ "$(bash_offers "$1" file "$2" '' | xargs)" = "$3" ] ||
		say "completions/mallow.bash: behind mallow $1 $2 stands not '$3'"
}
behind stats --by domain
behind top --by 'line function file module trace thread process domain scope size'
behind tree --by 'line function file module'
behind snapshot --metadata ''
bash -n completions/mallow.bash && zsh -n completions/_mallow &&
	fish --no-config -n completions/mallow.fish || bad=1

# Every table of `mallow sql` and every kind of event is described wherever they are listed.
tables=$(sed -nE 's/^\t\.name = "([a-z_]+)",$/\1/p' libtrace/views/*.c)
ops=$(sed -nE 's/^\t\[MLW_EVENT_.*\] = "([a-z_]+)",$/\1/p' libtrace/views/event_filter.c)
[ -n "$tables" ] && [ -n "$ops" ] || say 'libtrace/views names no table or no kind of event'
for table in $tables; do
	"$mallow" sql --help | grep -qw "$table" || say "mallow sql --help does not name $table"
	grep -qF "*$table*" docs/man/mallow-sql.1.scd || say "mallow-sql.1.scd does not name $table"
done
for op in $ops; do
	grep -qF "*$op*" docs/man/mallow-sql.1.scd || say "mallow-sql.1.scd does not name op $op"
done

# Each page is formatted without complaint.
if command -v scdoc >/dev/null && command -v man >/dev/null; then
	for page in docs/man/*.scd; do
		complaint=$(scdoc <"$page" | LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
			man --warnings -E UTF-8 -l -Tutf8 -Z - 2>&1 >/dev/null)
		[ -z "$complaint" ] || say "$page: $complaint"
	done
fi
exit $bad
