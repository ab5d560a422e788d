#!/usr/bin/env bash
# Builds what is deployed (server, browser's part, compressed assets) and the two programs that the browser tests
# start beside it: the local backend on its own, and the one that creates the table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo leptos build --release --precompress
# Named together with the app, so that the libraries which both use are compiled once.
cargo build --release -p leptos-appwrite -p local-appwrite --features leptos-appwrite/ssr --bin local-appwrite --bin create-table
