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
tm send-keys C-d
wait_until 10 seen '^(mallow> )?prompt> ?$'
pane | sed '1d; $d'
tm kill-server
