# What mallow diff asks, asked by a program: two builds, and the same one twice.
for build in 1 2; do
	mallow run --quiet -o $build.mallow -- "$SAMPLES/build_$build/shelf"
done
mallow diff --source-root "$SOURCE" 1.mallow 2.mallow | sed 1d
"$SAMPLES/grown" 1.mallow 2.mallow "$SOURCE" || echo "status $?"
"$SAMPLES/grown" 1.mallow 1.mallow && echo 'nothing grew'
"$SAMPLES/grown" 1.mallow gone.mallow || echo "status $?"
