#!/usr/bin/env bash
# Builds the release: the server, the browser's half in parts, compressed files with hashes in their names.
#
#   scripts/build.sh              with the local backend, as make run starts it and the tests drive it
#   scripts/build.sh production   as it is deployed: without the local backend, and with thin LTO
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

options=()
if [ "${1:-}" = production ]; then
  export CARGO_PROFILE_RELEASE_LTO=${CARGO_PROFILE_RELEASE_LTO:-thin}
  options=(--bin-cargo-args=--no-default-features)
fi
# Off in Cargo.toml, for `cargo leptos watch`.
export LEPTOS_HASH_FILES=true
cargo leptos build --release --precompress --split ${options[@]+"${options[@]}"}
