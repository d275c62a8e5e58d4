#!/bin/sh
# Dependencies go one way. Each line: a folder, then every folder it may include. A folder
# that is missing is an error, and so is one that has no line.
set -eu
cd "$(dirname "$0")/../.."

table='libtrace/base
libtrace/wire
libtrace/record  wire
libtrace/heap    base
libtrace/store   base heap
libtrace/symbol  base
libtrace/collect base wire heap store symbol
libtrace/analyze base heap store symbol
libtrace/views   base heap store analyze
libtrace/snapshot base heap store analyze
libtrace/extension base analyze views
cli/render       base views
cli/cmd          base symbol collect views render'

bad=0
say() {
	echo "$*"
	bad=1
}

used_by() { # FOLDER: the layers that its files include
	grep -rhoE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"[a-z]+/' "$1" |
		sed 's/.*"//; s,/,,' | sort -u
}

while read -r folder allowed; do
	if [ ! -d "$folder" ]; then
		say "$folder is missing"
		continue
	fi
	for used in $(used_by "$folder"); do
		case " ${folder#*/} $allowed " in
		*" $used "*) ;;
		*) say "$folder may not include $used/" ;;
		esac
	done
done <<END
$table
END

for folder in libtrace/*/ cli/*/; do
	printf '%s\n' "$table" | grep -qE "^${folder%/}( |\$)" ||
		say "$folder stands in no line of this table"
done

# An include that does not name its layer would go past the table.
if grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"[^/"]*"' libtrace cli; then
	say 'these includes do not name their layer'
fi
for header in sqlite3 stdio; do
	if grep -rnE "<$header\\.h>" libtrace/record libtrace/wire; then
		say "what runs in the traced program may not use $header.h"
	fi
done
# SQL and its library stay in store/ and where SQL is answered, printing in cmd/.
if grep -rnE '<sqlite3(ext)?\.h>' libtrace cli |
	grep -vE '^libtrace/(store|views|extension)/'; then
	say 'only store/, views/ and extension/ may use SQLite'
fi
if grep -rnE '(^|[^a-zA-Z0-9_.>])(v?printf|puts|putchar|perror|exit|abort)\(' libtrace |
	grep -vE '^libtrace/record/|:[[:space:]]*(/?\*|//)|"[^"]*\('; then
	say 'nothing below cmd/ prints or exits'
fi
exit $bad
