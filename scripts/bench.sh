#!/usr/bin/env bash
# Measures the release build: bytes loaded by a browser, pages per second beside a floor, the time until a page is live, if
# response times reveal who has an account, the cost of 1000 relayed connections, and the local backend.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/release.sh
cargo build --release -p page-bench
node end2end/bench/wasm.js
APP_PROFILE=release node end2end/bench/pages.js
APP_PROFILE=release npm --prefix end2end run --silent bench
cargo bench -p local-appwrite --bench figures
