#!/bin/sh
# The thread-local storage of libmallow.so is under 64 bytes and initial-exec: it comes
# out of the loader's small surplus, and reaching it may not allocate.
set -eu
library=${MALLOW_BUILD:-$(dirname "$0")/../../build}/lib/libmallow.so
[ -f "$library" ] || { echo "there is no $library"; exit 1; }
size=$(readelf -lW "$library" | awk '$1 == "TLS" { print $6 }')

if [ -n "$size" ] && [ $((size)) -ge 64 ]; then
	echo "TLS takes $((size)) bytes"
	exit 1
fi
if nm -D "$library" | grep __tls_get_addr; then
	echo 'TLS is not initial-exec'
	exit 1
fi
