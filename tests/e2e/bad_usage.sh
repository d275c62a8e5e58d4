# Usage that is wrong: status 2 and a sentence that names what.
record r.mallow "$SAMPLES/leak"
show mallow top
show mallow top r.mallow r.mallow
show mallow top --by colour r.mallow
show mallow top --sort colour r.mallow
show mallow top --at teatime r.mallow
show mallow top -n -1 r.mallow
show mallow top -n many r.mallow
show mallow top --min-size big r.mallow
show mallow top --json --csv r.mallow
show mallow top --no-such-option r.mallow
cp r.mallow a@b.mallow
show mallow top a@b.mallow
show mallow top a@c.mallow
show mallow diff r.mallow a@b.mallow
show mallow sql a@b.mallow 'select 1'
show mallow stats
show mallow stats --by line r.mallow
show mallow r.mallow
