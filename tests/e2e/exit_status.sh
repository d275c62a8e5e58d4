# The status of `run` is the program's own, or tells what went wrong before it.
cd /
run() { status mallow run --quiet --force -o "$HOME/t/r.mallow" "$@"; }
run -- "$PROGRAMS/ends" 0
run -- "$PROGRAMS/ends" 1
run -- "$PROGRAMS/ends" 37
run -- "$PROGRAMS/ends" 255
run -- "$PROGRAMS/ends" abort
run -- "$PROGRAMS/ends" segv
run -- "$PROGRAMS/ends" kill
run -- "$PROGRAMS/ends" term
run -- "$PROGRAMS/missing"
run -- missing-from-the-path
run -- /etc/passwd
run -- /
run
run --depth 0 -- "$PROGRAMS/ends" 0
run --depth 1025 -- "$PROGRAMS/ends" 0
run --depth ten -- "$PROGRAMS/ends" 0
run --no-such-option -- "$PROGRAMS/ends" 0
run --require-trace -- "$PROGRAMS/static"
run --require-trace -- "$PROGRAMS/own_malloc"
run -- "$PROGRAMS/static"
run -- "$PROGRAMS/own_malloc"
# Without `--`, the first word that is no option is the program; its options are its own.
run "$PROGRAMS/ends" 9
run sh -c 'exit 11' --quiet
status mallow run --help
status mallow --help
status mallow --version
status mallow
status mallow no-such-command
