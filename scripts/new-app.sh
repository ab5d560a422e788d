#!/usr/bin/env bash
# Makes a new app from examples/notes: scripts/new-app.sh NAME DIR. It depends on the crates of this checkout by their path.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
  echo "$1" >&2
  exit 1
}
name=${1:-} folder=${2:-}
[ -n "$name" ] && [ -n "$folder" ] || fail "usage: make new NAME=my-app DIR=../my-app"
[[ $name =~ ^[a-z][a-z0-9]*(-[a-z0-9]+)*$ ]] ||
  fail "The name $name is no name of a crate: use lower-case letters, digits and single hyphens, such as my-app."
case $name in
  test | core | std | alloc | proc-macro | leptos | leptos-* | appwrite-* | local-appwrite | tokio | serde | wasm-bindgen)
    fail "The name $name is taken by a crate that the app uses: choose another one." ;;
esac
if [ -e "$folder" ] && [ -n "$(ls -A "$folder")" ]; then fail "$folder is there already and not empty: choose another folder."; fi

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cp -R "$root/examples/notes/." "$folder"
cp -R "$root/.cargo" "$folder/.cargo"
rm -rf "$folder/target" "$folder/.local-appwrite" "$folder/.env"
crates=$(command node -p 'require("node:path").relative(process.argv[1], process.argv[2])' "$folder" "$root/crates")
lib=${name//-/_}
title=$(command node -p 'process.argv[1].split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join(" ")' "$name")

cd "$folder"
# The example's table has the example's name too: here it gets one of its own.
sed -i.old -e 's/NOTES/ITEMS/g; s/"notes"/"items"/g; s/"Notes"/"Items"/g' src/tables.rs
sed -i.old -e "s/<Title text=\"Notes\"/<Title text=\"$title\"/; s/NOTES/ITEMS/g; s/\"Notes\"/\"Items\"/g" src/app.rs
sed -i.old -e "s/table: 'notes'/table: 'items'/; s/'notes'/'$name'/g" tests/app.test.js
sed -i.old -e "s/notes::/$lib::/g" src/main.rs
sed -i.old -e "s/Notes that people share: the smallest app on .leptos-appwrite.\./$title./" src/lib.rs
sed -i.old -e "s/\"notes\"/\"$name\"/g; s#\.\./\.\./crates#$crates#g; s/^description = .*/description = \"$title\"/" Cargo.toml Leptos.toml
sed -i.old -e "s/^# notes/# $name/; s#release/notes#release/$name#g" README.md
sed -i.old -e "/^name = \"notes\"/s/notes/$name/" Cargo.lock
find . -name '*.old' -delete
git init --quiet
echo "$name is in $folder. Start it there with: make watch"
