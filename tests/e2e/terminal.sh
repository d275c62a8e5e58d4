# In a terminal: Ctrl-C, Ctrl-Z and fg reach the program as without Mallow.
export TMUX_TMPDIR=$HOME
tm() { tmux -L e2e "$@"; }
pane() { tm capture-pane -p | grep -v '^$'; }
type_line() { tm send-keys "$1" Enter; }
seen() { pane | grep -qE "$1"; }

tm -f /dev/null new-session -d -x 100 -y 40 'PS1="prompt> " exec bash --norc --noprofile -i'
wait_until 10 seen 'prompt>'
type_line 'mallow run --quiet -o r.mallow -- $PROGRAMS/signals 30'
wait_until 10 seen '^ready'
tm send-keys C-c
wait_until 10 seen 'got INT'
tm send-keys C-z
wait_until 10 seen 'Stopped'
type_line 'echo shell is back'
wait_until 10 seen '^shell is back'
type_line 'fg'
wait_until 10 seen 'got CONT'
tm send-keys C-c
wait_until 10 seen 'prompt> ?$'
type_line 'echo "status $?"'
wait_until 10 seen '^status'
pane | grep -E '^(ready|.*got |.*Stopped|shell is back|status)' | sed -E 's/^\^[CZ]//; s/ +/ /g; s/mallow run.*/mallow run/'
ask '.run | {ended, exit_code, signal, complete}' mallow stats --json r.mallow
tm kill-server
