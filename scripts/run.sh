#!/usr/bin/env bash
# Starts the app in target/run. Builds it first if it is missing, or if a file or tool that it is built from has changed.
# Other builds do not touch that folder: they empty target/site and replace the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Lists what it is built from. The lock files name the tools' versions.
inputs() {
  rustc -vV
  env | grep -E '^(CARGO_(BUILD|ENCODED|PROFILE|TARGET)|LEPTOS_|CC=|CFLAGS|RUSTC|RUSTFLAGS)' || true
  find .cargo Cargo.lock Cargo.toml crates frontend Leptos.toml public rust-toolchain.toml scripts src style \
    \( -name node_modules -o -name tests \) -prune -o -type f -exec cksum {} + | LC_ALL=C sort
}

run=target/run
# Read before the build: a file that changes during the build counts as changed.
inputs=$(inputs)
if [ "$(cat $run/inputs 2>/dev/null)" != "$inputs" ]; then
  echo "Building the app: 5 to 10 minutes the first time, later 1 or 2." >&2
  scripts/build.sh
  rm -rf $run
  mkdir -p $run
  target=${CARGO_TARGET_DIR:-target}
  cp -R "$target/debug/leptos-birthdays" "$target/release/hash.txt" target/site $run
  # Last, so that an interrupted build counts as none.
  printf '%s\n' "$inputs" >$run/inputs
fi
LEPTOS_OUTPUT_NAME=leptos-birthdays LEPTOS_HASH_FILES=true LEPTOS_SITE_ROOT=$run/site exec $run/leptos-birthdays
