#!/usr/bin/env bash
# Builds the release: the server, the browser's half in parts, compressed files with hashes in their names.
#
#   scripts/build.sh              with the local backend, as make run starts it and the tests drive it; quick to build
#   scripts/build.sh production   as it is deployed: without the local backend, fully optimized, with thin LTO, and with its functions in order
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

server=(cargo leptos build --release --server-only)
if [ "${1:-}" = production ]; then
  # With LLD_REPRODUCE, the linker also writes its input to a file, for scripts/order-functions.mjs.
  server=(
    env "CARGO_PROFILE_RELEASE_LTO=${CARGO_PROFILE_RELEASE_LTO:-thin}" CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 "LLD_REPRODUCE=$PWD/target/link.tar"
    "${server[@]}" --bin-cargo-args=--no-default-features
  )
else
  export CARGO_PROFILE_RELEASE_OPT_LEVEL=${CARGO_PROFILE_RELEASE_OPT_LEVEL:-1}
fi
# Off in Cargo.toml, for `cargo leptos watch`.
export LEPTOS_HASH_FILES=true
mkdir -p target
# Side by side, because linking the browser's half uses only one core.
cargo leptos build --release --precompress --split --frontend-only &
browser=$!
"${server[@]}" || { kill $browser; exit 1; }
wait $browser || { echo "The browser's half could not be built: its error is above, before the server's last lines." >&2; exit 1; }
[ "${1:-}" = production ] || exit 0
# Without it, everything works, and the server needs more memory.
{ cargo build --release -p page-bench --bin page-appwrite && node scripts/order-functions.mjs; } \
  || echo "The functions stay in the linker's order, and the server needs more memory: the error is above." >&2
