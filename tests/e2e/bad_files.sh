# What is no recording is refused with one sentence and status 2, and left as it is.
record r.mallow "$SAMPLES/leak"
head -c 9000 r.mallow >truncated.mallow
head -c 50 r.mallow >stub.mallow
: >empty.mallow
seq 100000 >text.mallow
sqlite3 foreign.mallow 'create table t (x); insert into t values (1)'
cp r.mallow newer.mallow
sqlite3 newer.mallow 'pragma user_version = 999'
mkdir folder.mallow
md5sum ./*.mallow 2>/dev/null >before
for file in missing truncated stub empty text foreign newer folder; do
	for command in stats top; do
		show mallow $command $file.mallow
	done
done
md5sum ./*.mallow 2>/dev/null | diff before - && ls -A

# Bytes in the middle that are wrong: any answer but a crash.
size=$(stat -c %s r.mallow)
for place in 100 1000 5000 9000 13000 20000 30000 40000; do
	cp r.mallow wrong.mallow
	[ "$place" -lt "$size" ] || continue
	head -c 200 /dev/zero | tr '\0' '\377' | dd of=wrong.mallow bs=1 seek=$place conv=notrunc status=none
	for command in stats top; do
		mallow $command wrong.mallow >out 2>errors
		case $? in
		0 | 2) ;;
		*) echo "byte $place: $command ended with $?" && cat errors ;;
		esac
	done
done
