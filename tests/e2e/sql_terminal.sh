# On a terminal statements are asked for, and a mistake does not end it.
export TMUX_TMPDIR=$HOME
tm() { tmux -L e2e-sql "$@"; }
pane() { tm capture-pane -p | grep -v '^$'; }
type_line() { # tmux takes a ';' at the end for its own
	tm send-keys -l "${1/%;/\\;}"
	tm send-keys Enter
}
seen() { pane | grep -qE "$1"; }

record r.mallow "$SAMPLES/leak"
tm -f /dev/null new-session -d -x 100 -y 40 'PS1="prompt> " exec bash --norc --noprofile -i'
wait_until 10 seen 'prompt>'
type_line 'mallow sql r.mallow'
wait_until 10 seen '^mallow>'
type_line 'select count(*) as blocks'
wait_until 10 seen '^   \.\.\.>'
type_line 'from live_blocks;'
wait_until 10 seen '^ +180'
type_line 'select colour from runs;'
wait_until 10 seen 'no such column'
type_line 'select 1 as one; select 2 as two;'
wait_until 10 seen '^two'
# What takes long shows how far it is, where that is known, and leaves nothing of it.
numbers='(with recursive c(i) as (select 1 union all select i + 1 from c limit'
type_line "select count(*) as numbers from $numbers 20000000) select i from c);"
wait_until 20 seen '^\[ *######## *\]$'
wait_until 30 seen '^20000000'
type_line "select sum(i * i) > 0 as pairs from events cross join $numbers 400000) select i from c);"
wait_until 20 seen '^\[#* *\] +[0-9]+%$'
wait_until 30 seen '^    1'
tm send-keys C-d
wait_until 10 seen '^(mallow> )?prompt> ?$'
pane | sed '1d; $d'
tm kill-server
mallow sql r.mallow "select count(*) as numbers from $numbers 20000000) select i from c)" 2>&1
