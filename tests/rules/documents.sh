#!/bin/bash
# What the documents say of the tree is true: links lead somewhere, folders that the tours
# name exist, versions agree, and nothing generated lies in the repository.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
say() {
	echo "$*"
	bad=1
}

for document in README.md CONTRIBUTING.md CHANGELOG.md docs/architecture.md; do
	[ -s $document ] || say "$document is missing"
done

while IFS=: read -r document link; do
	target=${link#*](}
	target=${target%)}
	target=${target%%#*}
	case $target in
	'' | *://*) continue ;;
	esac
	[ -e "$(dirname "$document")/$target" ] || say "$document links to $target, which is not there"
done < <(git ls-files '*.md' | xargs grep -oHE '\]\([^)]*\)')

# `path/` and `path/file` in backquotes, when their first part is one of ours.
while IFS=: read -r document path; do
	path=${path//\`/}
	case $path in
	build* | *[*\<]* | *NAME*) continue ;;
	esac
	[ -e "${path%%/*}" ] || continue
	[ -e "$path" ] || say "$document names $path, which is not there"
done < <(grep -oHE '`[a-zA-Z._]+/[a-zA-Z0-9_./-]*`' README.md CONTRIBUTING.md docs/architecture.md)

version=$(sed -n 's/^project(mallow VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
header=$(awk '/define MALLOW_VERSION_(MAJOR|MINOR|PATCH)/ { v = v "." $3 } END { print substr(v, 2) }' \
	include/mallow/mallow.h)
[ "$version" = "$header" ] || say "CMakeLists.txt is $version, mallow.h is $header"
grep -qF "## $version" CHANGELOG.md || say "CHANGELOG.md has no section $version"
said=$("${MALLOW_BUILD:-build}/bin/mallow" --version)
[ "$said" = "mallow $version" ] || say "mallow --version says '$said'"

for generated in '*.1' '*.gz' 'compile_commands.json' '*.mallow' '*.o' '*.so' 'build*/*'; do
	[ -z "$(git ls-files -- "$generated")" ] || say "generated files are in git: $generated"
done
exit $bad
