#!/usr/bin/env bash
# Builds the release: the server, the browser's half in parts, compressed files with hashes in their names.
#
#   scripts/build.sh              with the local backend, as make run starts it and the tests drive it; quick to build
#   scripts/build.sh production   as it is deployed: without the local backend, fully optimized, and with thin LTO
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

server=(--server-only)
if [ "${1:-}" = production ]; then
  export CARGO_PROFILE_RELEASE_LTO=${CARGO_PROFILE_RELEASE_LTO:-thin}
  server+=(--bin-cargo-args=--no-default-features)
else
  export CARGO_PROFILE_RELEASE_OPT_LEVEL=${CARGO_PROFILE_RELEASE_OPT_LEVEL:-1}
fi
# Off in Cargo.toml, for `cargo leptos watch`.
export LEPTOS_HASH_FILES=true
# Side by side, because linking the browser's half uses only one core.
cargo leptos build --release --precompress --split --frontend-only &
browser=$!
cargo leptos build --release "${server[@]}" || { kill $browser; exit 1; }
wait $browser || { echo "The browser's half could not be built: its error is above, before the server's last lines." >&2; exit 1; }
