#!/usr/bin/env bash
# Builds and tests examples/notes, and a new app made from it and extended as README says. Both share this project's
# target folder, so that libraries are built once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CARGO_TARGET_DIR=$PWD/target
lines=$(find examples/notes/src examples/notes/frontend -name '*.rs' -exec cat {} + | wc -l)
[ "$lines" -le 200 ] || { echo "examples/notes has $lines lines of Rust. Shorten it to 200."; exit 1; }
make -C examples/notes test

# Outside this project, where users make theirs, and inside another repository.
folder=$(mktemp -d)/new-app
git init --quiet "$(dirname "$folder")"
trap 'rm -rf "$(dirname "$folder")"' EXIT
make new NAME=new-app DIR="$folder"
[ "$(git -C "$folder" rev-parse --show-toplevel)" = "$(cd "$folder" && pwd -P)" ] ||
  { echo "The new app is inside another git repository and has no repository of its own."; exit 1; }
if leftover=$(grep -rniE 'notes|birthday' "$folder" --exclude-dir=.git --exclude=Cargo.lock); then
  echo "The new app still has names from the example: $leftover"
  exit 1
fi
node scripts/recipes.mjs "$folder"
make -C "$folder" test
