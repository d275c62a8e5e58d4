# The program finds the environment, descriptors, folder and mask that it finds without
# Mallow, but for what is documented.
env | LC_ALL=C sort | grep -v '^_=' >before
mallow run --quiet -o r.mallow -- env | LC_ALL=C sort | grep -vE '^(_=|LD_PRELOAD=|MALLOW_SOCKET=)' | diff before - && echo 'same environment'
ls /proc/self/fd >before
mallow run --quiet --force -o r.mallow -- ls /proc/self/fd | diff before - && echo 'same descriptors'
(
	umask 027
	mallow run --quiet --force -o r.mallow -- sh -c 'umask; pwd -P; cat /proc/$$/comm; ulimit -n' |
		diff <(sh -c 'umask; pwd -P; cat /proc/$$/comm; ulimit -n') - && echo 'same folder and mask'
)
mallow run --quiet --force -o r.mallow -- grep -E '^(Sig(Blk|Ign|Cgt)|NoNewPrivs|Seccomp)' /proc/self/status |
	diff <(grep -E '^(Sig(Blk|Ign|Cgt)|NoNewPrivs|Seccomp)' /proc/self/status) - && echo 'same signals'
mallow run --quiet --force -o r.mallow -- ps -o ppid= -p $$ >/dev/null
ls -A
