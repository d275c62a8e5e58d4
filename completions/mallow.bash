# Completion of mallow for bash.
_mallow()
{
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]} options='' i
	local selection='-n --by --sort --at --include --exclude --all-frames --domain --thread
		--process --min-size --cumulative --source-root --path-map --wrapper'
	COMPREPLY=()

	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W 'run stats top tree diff leaks timeline snapshot sql doctor --help --version' -- "$word")
		return
	fi
	case $previous in
	--by) options='line function file module trace thread process domain scope size' ;;
	--sort) options='size count peak allocated allocations temporary' ;;
	--at) options='end peak' ;;
	--record) options='events sites' ;;
	--unwinder) options='auto libunwind fp' ;;
	--color) options='auto always never' ;;
	--snapshot-signal) options='USR1 USR2' ;;
	--metadata) return ;;
	esac
	case "$command $previous" in
	'stats --by') options=domain ;;
	'tree --by') options='line function file module' ;;
	esac
	if [ -n "$options" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
		return
	fi

	case $command in
	run)
		# After -- or the program's name, the program's own words.
		for ((i = 2; i < COMP_CWORD; i++)); do
			case ${COMP_WORDS[i]} in
			--) i=$((i + 1)) && break ;;
			-o | --depth | --record | --snapshot-every | --snapshot-signal) i=$((i + 1)) ;;
			--sample | --max-size | --unwinder | --stall) i=$((i + 1)) ;;
			-*) ;;
			*) break ;;
			esac
		done
		if [ "$i" -lt "$COMP_CWORD" ] && declare -F _command_offset >/dev/null; then
			_command_offset "$i"
			return
		fi
		options='-o --force --depth --follow-children --no-follow-children --wait --record
			--snapshot-every --snapshot-signal --sample --max-size --addresses --mmap
			--unwinder --stall --require-trace --quiet --help'
		if [[ $word != -* ]]; then
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
			return
		fi
		;;
	stats) options='--by --json --csv --color --help' ;;
	top) options="$selection --source --json --csv --color --help" ;;
	tree) options="${selection/--cumulative } --invert --json --csv --color --help" ;;
	diff) options="${selection/--at /} --json --csv --color --help" ;;
	leaks) options="$selection --fail --json --csv --color --help" ;;
	timeline) options="$selection --json --csv --color --help" ;;
	snapshot) options='-o --force --metadata --json --csv --color --help' ;;
	sql) options='--wrapper --source-root --path-map --json --csv --color --help' ;;
	doctor) options='--json --color --help' ;;
	esac
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -o filenames -F _mallow mallow
