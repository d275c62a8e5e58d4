#!/bin/bash
# Every command has a man page, --help, a line in `mallow --help`, and its place in the
# completions, which offer exactly the options that its --help names.
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

options_of() { grep -oE '(^|[ ,[|])--[a-z][a-z-]*' | grep -oE -e '--[a-z-]+' | sort -u; }

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
		for shell in mallow.bash _mallow mallow.fish; do
			grep -qE -e "(--|-l )${option#--}([^a-z-]|\$)" completions/$shell ||
				say "completions/$shell does not offer $option"
		done
	done
	for shell in mallow.bash _mallow mallow.fish; do
		grep -qw "$command" completions/$shell || say "completions/$shell does not know $command"
	done
done

# And nothing is offered that no command has.
all=$(for command in $commands; do "$mallow" "$command" --help; done 2>/dev/null | options_of)
for option in $(grep -v '^#' completions/mallow.bash | grep -oE -e '--[a-z][a-z-]+' | sort -u) ; do
	grep -qxF -e "$option" <<<"$all"$'\n--version\n--help' ||
		say "completions/mallow.bash offers $option, which no command has"
done
bash -n completions/mallow.bash && zsh -n completions/_mallow &&
	fish --no-config -n completions/mallow.fish || bad=1

# Each page is formatted without complaint.
if command -v scdoc >/dev/null && command -v man >/dev/null; then
	for page in docs/man/*.scd; do
		complaint=$(scdoc <"$page" | LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
			man --warnings -E UTF-8 -l -Tutf8 -Z - 2>&1 >/dev/null)
		[ -z "$complaint" ] || say "$page: $complaint"
	done
fi
exit $bad
