# operator new and delete in all forms: each one allocation and one free, at the line of
# the program that asked.
record r.mallow "$SAMPLES/cxx_new"
ask "$totals" mallow stats --json r.mallow
ask "[.rows[] | {allocations, allocated_size, line: .traceback[0].line,
	function: .traceback[0].function}][]" \
	mallow top --sort allocated --include '*cxx_new.cpp' --json r.mallow
show sites --by function --sort allocated --include '*cxx_new.cpp' r.mallow
# A line is named after the instance that has something there.
show sites --at peak --include '*cxx_new.cpp' r.mallow
