# libmallow-analysis as its users call it: the sample program that reads a recording.
mallow run --quiet -o r.mallow -- "$SAMPLES/leak"
"$SAMPLES/read_recording" r.mallow | grep -v 'libc\|_start'
"$SAMPLES/read_recording" r.mallow start2 >answer || echo "status $?"
"$SAMPLES/read_recording" gone.mallow || echo "status $?"
