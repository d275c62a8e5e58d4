#!/bin/bash
# Commands answer with include/mallow/snapshot.h alone, as any program can: cli/ includes
# nothing of the layers that read. What it still includes of them, or of those that record,
# stands here; what stands here and is not there is an error too.
# The layers below these headers have no type with a public name.
set -u
cd "$(dirname "$0")/../.." || exit 1

exceptions() {
	cat <<END
cli/cmd/begin.c collect/begin.h
cli/cmd/begin.c collect/proc.h
cli/cmd/begin.c collect/settle.h
cli/cmd/examine_machine.c symbol/executable.h
cli/cmd/examine_program.c symbol/executable.h
cli/cmd/run.c collect/launch.h
cli/cmd/run_options.h collect/options.h
cli/cmd/run_summary.h collect/launch.h
cli/cmd/snapshot.c collect/ask.h
cli/cmd/sql.c views/inquiry.h
cli/render/answer.h views/inquiry.h
END
}

found=$(grep -rE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' cli |
	sed -E 's/:[^"]*"([^"]*)".*/ \1/' | grep -vE ' (base|cmd|render)/' | LC_ALL=C sort)
if ! diff <(exceptions) <(printf '%s\n' "$found"); then
	echo 'cli/ includes (>) what it may not, or no longer (<) what is excepted'
	exit 1
fi

public=$(grep -ohE '\<(struct|enum) mallow_[a-z_]+' include/mallow/mallow.h | sort -u)
if grep -rnE '\<(struct|enum) mallow_[a-z_]+' libtrace/{wire,base,heap,store,symbol,collect,record} |
	grep -vE "($(paste -sd'|' <<<"$public"))\\>"; then
	echo 'these types have a public name, and are none of include/mallow/mallow.h'
	exit 1
fi
