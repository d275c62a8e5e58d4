#!/bin/sh
# Functions that cannot be used safely, or that have a better form: not called outside
# libtrace/record, whose own list is imports.txt.
set -u
cd "$(dirname "$0")/../.." || exit 1
banned='strcpy|stpcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof'
banned="$banned|alloca|tmpnam|tempnam|mktemp|system|popen|asctime|ctime|gmtime|localtime|rand"

if grep -rnE "(^|[^a-zA-Z0-9_.>])($banned)\\(" libtrace cli include --include='*.[ch]' |
	grep -vE '^libtrace/record/|:[[:space:]]*(/?\*|//)'; then
	exit 1
fi
if grep -rnE '\b(TODO|FIXME|XXX|HACK)\b' libtrace cli include samples tests scripts bench docs \
	cmake completions CMakeLists.txt ./*.md --exclude=banned.sh --exclude-dir=build*; then
	exit 1
fi
# A variable-length array, a typedef of a struct.
if grep -rnE '^[[:space:]]*typedef[[:space:]]+(struct|union)' libtrace cli include; then
	exit 1
fi
exit 0
