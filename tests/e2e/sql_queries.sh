# The queries of docs/sql.md, each on four recordings: what does not hang on time, or the
# columns where all does.
record leak.mallow "$SAMPLES/leak"
record threads.mallow "$SAMPLES/threads"
record fork.mallow "$SAMPLES/fork_exec"
record churn.mallow "$SAMPLES/churn"

awk '/^### / { title = substr($0, 5) }
	/^```sql$/ { file = sprintf("%02d.sql", ++n); print title >(file ".title"); inside = 1; next }
	/^```$/ { inside = 0 }
	inside { print >file }' "$SOURCE/docs/sql.md"

# Columns of times, addresses and the order and names of threads are left out, and all of a file's name
# but its last part. What the C library allocates differs from one to the next.
stable='[.columns | to_entries[] | select(.value | test("_us$|_ms$|_ns$|_by$|address|^number$|^level$") | not) | .key] as $keep
	| (.columns | [.[$keep[]]]), (.rows[] | [.[$keep[]]])
	| map(if type == "string" then gsub("\\S*/"; "") else . end) | map(tostring) | join("  ")'

for query in [0-9][0-9].sql; do
	echo "== $(cat "$query.title")"
	for file in leak threads fork churn; do
		mallow sql --json $file.mallow <"$query" >out || echo "$file: failed"
		case $(cat "$query.title") in
		"What grew"*) jq -r '.columns | join(" ")' out ;;
		"Blocks that one"*) jq -c '[.columns, ([.rows[] | .[2:]] | transpose | map(add))]' out ;;
		"The rate"*) jq -c '[.columns, ([.rows[] | .[1:]] | transpose | map(add))]' out ;;
		*) jq -r "$stable" out | sed -nE '1p; /leak|threads|fork_exec|churn|_new/p' ;;
		esac | sed "s/^/$file: /"
	done
done
