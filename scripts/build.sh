#!/usr/bin/env bash
# Builds the app: the server, and the browser's half as a release has it, in parts and compressed, with hashes in the names of the files.
#
#   scripts/build.sh              as make run starts it, with the server of a development build, which takes a third of the time
#   scripts/build.sh browser      only the browser's half, which the tests drive with the servers that they build
#   scripts/build.sh production   as it is deployed: without the local backend, fully optimized, with thin LTO, and with the functions that run side by side
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

server=(cargo build -p leptos-birthdays --bin leptos-birthdays --features ssr)
if [ "${1:-}" = production ]; then
  # The name of the files: Leptos compiles it in.
  export LEPTOS_OUTPUT_NAME=leptos-birthdays
  # With LLD_REPRODUCE, the linker also writes its input to a file, for scripts/order-functions.mjs.
  server=(
    env "CARGO_PROFILE_RELEASE_LTO=${CARGO_PROFILE_RELEASE_LTO:-thin}" CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 "LLD_REPRODUCE=$PWD/target/link.tar"
    "${server[@]}" --release --no-default-features
  )
fi
# It would not fit the new files.
rm -f "${CARGO_TARGET_DIR:-target}/release/leptos-birthdays"
# Leaves out of the browser's half the messages of panics, and what nothing calls.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$PWD/scripts/wasm-ld/wasm-ld
mkdir -p target
scripts/tools.sh wasm-parts wasm-opt frontend
[ "${1:-}" != browser ] || exec node scripts/frontend/build.mjs
# Side by side, because linking the browser's half uses only one core.
node scripts/frontend/build.mjs &
browser=$!
"${server[@]}" || { kill $browser; exit 1; }
wait $browser || { echo "The browser's half could not be built: its error is above, before the server's last lines." >&2; exit 1; }
[ "${1:-}" = production ] || exit 0
# A server whose functions are not sorted works, too, and needs more memory.
unsorted() { echo "$1 So the functions stay in the linker's order, and the server needs more memory." >&2; }
if [ ! -f target/link.tar ] || [ -n "${CARGO_TARGET_DIR:-}" ]; then
  unsorted "The linker is not lld, or the target folder is another one."
elif ! type -P valgrind >/dev/null; then
  unsorted "valgrind is not installed."
else
  { cargo build --release -p page-bench --bin page-appwrite && node scripts/order-functions.mjs; } || unsorted "The error is above."
fi
