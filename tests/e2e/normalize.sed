# What differs from run to run, from machine to machine and from release to release.
s/\x1b\[[0-9;]*m//g
s/\b0x[0-9a-f]{4,}\b/ADDRESS/g
s/"version": ?"[0-9.]+"/"version":"VERSION"/g
s/\bmallow [0-9]+\.[0-9]+\.[0-9]+\b/mallow VERSION/g
s/\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+( ?[+-][0-9]{4}|Z)?/DATE/g
s/\b[0-9]+(\.[0-9]+)? ?(ns|us|ms|s)\b/TIME/g
s/"([a-z_]+_ns)": ?[0-9]+/"\1":TIME/g
s/\b(pid|process) [0-9]{3,}/\1 PID/g
s/"(pid)": ?[0-9]+/"\1":PID/g
s/\.[0-9]{2,}\.mallow/.PID.mallow/g
# The memory of processes, and the processes of a table.
s/(peak RSS|of which Mallow) +[0-9.]+ (B|KiB|MiB)/\1 SIZE/g
s/^( +[0-9]+) +[0-9]{2,} ([ 0-9-]+)/\1 PID \2/
