#!/usr/bin/env bash
# Makes a new app from examples/notes: scripts/new-app.sh NAME DIR. It depends on the crates of this checkout by their path.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

fail() {
  echo "$1" >&2
  exit 1
}
name=${1:-} folder=${2:-}
[ -n "$name" ] && [ -n "$folder" ] || fail "usage: make new NAME=my-app DIR=../my-app"
[[ $name =~ ^[a-z][a-z0-9]*(-[a-z0-9]+)*$ ]] ||
  fail "A crate cannot be called $name: use lower-case letters, digits and single hyphens, such as my-app."
case $name in
  as | async | await | box | break | const | continue | crate | do | dyn | else | enum | extern | false | final | fn | for | gen | if | \
    impl | in | let | loop | macro | match | mod | move | mut | override | priv | pub | ref | return | self | static | struct | super | \
    trait | true | try | type | typeof | unsafe | unsized | use | virtual | where | while | yield)
    fail "The name $name is a keyword of Rust: choose another one." ;;
  test | core | std | alloc | proc-macro | build | deps | examples | incremental | leptos | leptos-meta | leptos-router | \
    leptos-appwrite | appwrite-client | appwrite-realtime | local-appwrite | tokio | serde | wasm-bindgen)
    fail "Cargo or a crate that the app uses has the name $name: choose another one." ;;
esac
# Some shells leave the ~ of DIR=~/my-app as it is.
folder=${folder/#\~\//$HOME/}
if [ -e "$folder" ] && [ -n "$(ls -A "$folder" | grep -vx .git)" ]; then
  fail "$folder already exists and is not empty: choose another folder."
fi
mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)
case $folder/ in "$root"/*) rmdir "$folder" 2>/dev/null; fail "$folder is inside this checkout: choose a folder outside, such as ../$name." ;; esac

git -C "$root" ls-files -z examples/notes .cargo | while IFS= read -r -d '' file; do
  copy=$folder/${file#examples/notes/}
  mkdir -p "$(dirname "$copy")"
  cp "$root/$file" "$copy"
done
crates=$(command node -p 'require("node:path").relative(process.argv[1], process.argv[2])' "$folder" "$root")
lib=${name//-/_}
title=$(command node -p 'process.argv[1].split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join(" ")' "$name")
# Escapes the path for sed's s command.
path=$(printf '%s' "$crates" | sed 's/[&#\\]/\\&/g')

cd "$folder"
# The example's table is named like the example. The new app's table gets another name.
sed -i.old -e 's/NOTES/ITEMS/g; s/"notes"/"items"/g; s/"Notes"/"Items"/g' src/tables.rs
sed -i.old -e "s/<Title text=\"Notes\"/<Title text=\"$title\"/; s/NOTES/ITEMS/g; s/\"Notes\"/\"Items\"/g" src/app.rs
sed -i.old -e "s/table: 'notes'/table: 'items'/; s/'notes'/'$name'/g" tests/app.test.js
sed -i.old -e "s/notes::/$lib::/g" src/main.rs frontend/src/lib.rs
sed -i.old -e "1s/.*/\/\/! $title. Start reading in \`app.rs\`./" src/lib.rs
sed -i.old -e "s/\"notes\([\"-]\)/\"$name\1/g; s/^notes = /$name = /; s#\.\./\.\.\(/crates\)#$path\1#g; s/^description = .*/description = \"$title\"/" \
  Cargo.toml frontend/Cargo.toml Leptos.toml Cargo.lock
sed -i.old -e "s/^# notes/# $name/; s#release/notes#release/$name#g" README.md
sed -i.old -e "s#^CHECKOUT := .*#CHECKOUT := $path#" Makefile
find . -name '*.old' -delete
# The app has its own repository, even inside another one.
[ -e .git ] || git init --quiet
echo "$name is in $folder. Start it there with: make watch"
