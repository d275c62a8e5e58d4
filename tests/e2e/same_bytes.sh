# Reading twice gives the same bytes, whatever is asked; reading changes nothing.
sql=$(
	echo 'create table t (a integer primary key, b text, c real); create index i on t (b);'
	echo 'begin;'
	seq 2000 | sed 's/.*/insert into t values (&, "text &", & * 0.5);/'
	echo 'commit; select count(*), sum(c) from t where b > "text 5";'
)
sqlite3 :memory: "$sql"
record r.mallow sqlite3 :memory: "$sql"
before=$(md5sum <r.mallow)
for words in '' '--by function' '--by file' '--by module' '--by trace -n 1000' '--by size' '--by thread' \
	'--by process' '--by domain' '--sort count' '--sort allocated -n 50' '--sort allocations' '--sort temporary' \
	'--at peak' '--json' '--csv' '--cumulative --by function --sort allocated' '--json --by trace -n 100'; do
	# shellcheck disable=SC2086
	sites $words r.mallow >one && mallow top $words r.mallow >two
	[ -s one ] && cmp one two && echo "same: top $words"
done
for words in '' '--json' '--csv'; do
	# shellcheck disable=SC2086
	mallow stats $words r.mallow >one && mallow stats $words r.mallow >two
	[ -s one ] && cmp one two && echo "same: stats $words"
done
[ "$(md5sum <r.mallow)" = "$before" ] && ls -A
