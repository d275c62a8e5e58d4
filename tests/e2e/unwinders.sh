# The same stacks by libunwind, and none that a plain walk contradicts.
for unwinder in auto libunwind; do
	mallow run --quiet --force --unwinder $unwinder -o r.mallow -- "$SAMPLES/recursion"
	mallow top --by trace -n 2000 --sort allocated r.mallow >$unwinder
done
cmp auto libunwind && echo 'same stacks'
MALLOW_VERIFY_STACKS=1 mallow run --quiet --force -o r.mallow -- sqlite3 :memory: 'create table t(x); insert into t values (1); select * from t'
ask '.totals.stack_mismatches' mallow stats --json r.mallow
MALLOW_VERIFY_STACKS=1 mallow run --quiet --force -o r.mallow -- "$SAMPLES/cxx_new"
ask '.totals.stack_mismatches' mallow stats --json r.mallow
# A program with a hole between its segments.
MALLOW_VERIFY_STACKS=1 mallow run --quiet --force -o r.mallow -- "$PROGRAMS/x_sites_hole"
ask '.totals | [.stack_mismatches, .truncated_traces]' mallow stats --json r.mallow
