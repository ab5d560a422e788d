#!/usr/bin/env bash
# Builds the programs that the browser tests start beside the app: the local backend on its own, the one that creates
# the table, and the one that measures the relay. The argument is the build of the app that they go with: release or debug.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# As cargo-leptos has them: with other values, cargo would build the libraries once more.
export LEPTOS_OUTPUT_NAME=leptos-appwrite
case "${1:-}" in
  release) profile=(--release) ;;
  debug) profile=() ;;
  *)
    echo "usage: scripts/test-programs.sh release|debug" >&2
    exit 2
    ;;
esac

# Named together with the app, so that the libraries which both use are built once.
cargo build ${profile[@]+"${profile[@]}"} -p leptos-appwrite -p local-appwrite -p relay-load \
  --features leptos-appwrite/ssr --bin local-appwrite --bin create-table --bin relay-load
