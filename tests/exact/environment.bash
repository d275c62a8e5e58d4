# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# The same environment under every tool. Sourced after lib.bash.
#
# A program that copies its environment (perl, gawk, a shell) allocates by its size, and
# each tool adds variables of its own. equal_environments fills one array for each tool,
# in_memcheck, in_massif, in_dhat and in_mallow: $environment, what the other tools add, by
# hand, and a LD_PRELOAD filled up with colons, which the loader skips, to one length.

preload_length=600

declare -A tool_options=([massif]=--massif-out-file=/dev/null [dhat]=--dhat-out-file=/dev/null)

colons() {
	printf '%*s' "$1" '' | tr ' ' :
}

# added_names FILE: what is in that environment beyond ours, but for LD_PRELOAD.
added_names() {
	local entry known ours
	while IFS= read -r -d '' entry; do
		ours=
		for known in "${environment[@]}" LD_PRELOAD=; do
			[ "${known%%=*}" = "${entry%%=*}" ] && ours=1
		done
		[ "$ours" ] || printf '%s\0' "$entry"
	done <"$1"
}

preload_in() {
	tr '\n\0' ' \n' <"$1" | sed -n 's/^LD_PRELOAD=//p' | tr -d '\n' | wc -c
}

# environment_of TOOL TOOLS...: fills in_TOOL.
environment_of() {
	local -n into=in_$1
	local tool=$1 other entry seen=' ' preload=
	shift
	[ "$tool" = mallow ] || preload=$tls_library
	preload=$preload$(colons $((preload_length - $(preload_in "$tmp/env.$tool") + 1 - ${#preload})))
	into=("${environment[@]}" "LD_PRELOAD=$preload")
	while IFS= read -r -d '' entry; do
		seen="$seen${entry%%=*} "
	done < <(added_names "$tmp/env.$tool")
	for other in "$@"; do
		while IFS= read -r -d '' entry; do
			case $seen in *" ${entry%%=*} "*) continue ;; esac
			seen="$seen${entry%%=*} "
			into+=("$entry")
		done < <(added_names "$tmp/env.$other")
	done
}

lengths_of() {
	tr '\n\0' ' \n' <"$1" | awk -F= '{print $1, length($0)}' | sort
}

# equal_environments TOOL...: and a case that says whether it worked.
equal_environments() {
	local tool
	for tool in "$@"; do
		env_run "$tool" "${environment[@]}" LD_PRELOAD=: >"$tmp/env.$tool"
	done
	for tool in "$@"; do
		environment_of "$tool" "$@"
	done
	for tool in "$@"; do
		local -n its=in_$tool
		env_run "$tool" "${its[@]}" >"$tmp/env.$tool"
		expect "environment of $tool as of $1, by names and lengths" \
			"$(lengths_of "$tmp/env.$1")" "$(lengths_of "$tmp/env.$tool")"
	done
}

# env_run TOOL VARIABLES...: prints the environment that a program sees there.
env_run() {
	local tool=$1
	shift
	case $tool in
	mallow)
		env -i "$@" "$MALLOW" run --quiet --force -o "$tmp/env.r" -- env -0
		;;
	*)
		env -i "$@" "$valgrind" -q --tool="$tool" --log-file=/dev/null \
			${tool_options[$tool]:-} env -0
		;;
	esac
}
