#!/usr/bin/env bash
# Builds the other programs that the browser tests start: local-appwrite and relay-load. The argument is the build of
# the app that they belong to: release or debug.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  release) profile=(--release) ;;
  debug) profile=() ;;
  *)
    echo "usage: scripts/test-programs.sh release|debug" >&2
    exit 2
    ;;
esac

# Built together with the app, so that cargo builds shared libraries once.
cargo build ${profile[@]+"${profile[@]}"} -p leptos-birthdays -p local-appwrite -p relay-load \
  --features leptos-birthdays/ssr --bin local-appwrite --bin relay-load
