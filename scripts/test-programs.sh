#!/usr/bin/env bash
# Builds the other programs that the browser tests start: local-appwrite and relay-load. The argument is the build of
# the app that they belong to: release or debug.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The same value as cargo-leptos uses: with another one, cargo builds the libraries again.
export LEPTOS_OUTPUT_NAME=leptos-birthdays
case "${1:-}" in
  release)
    profile=(--release)
    # As in scripts/build.sh, so that the libraries are the same.
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=${CARGO_PROFILE_RELEASE_OPT_LEVEL:-1}
    ;;
  debug) profile=() ;;
  *)
    echo "usage: scripts/test-programs.sh release|debug" >&2
    exit 2
    ;;
esac

# Built together with the app, so that cargo builds shared libraries once.
cargo build ${profile[@]+"${profile[@]}"} -p leptos-birthdays -p local-appwrite -p relay-load \
  --features leptos-birthdays/ssr --bin local-appwrite --bin relay-load
