#!/usr/bin/env bash
# Measures the release build: the bytes that a browser loads, requests per second, the time until a page is live, whether
# the time of a response tells who has an account, the cost of 1000 relayed connections, and what the local backend takes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/release.sh
APP_PROFILE=release npm --prefix end2end run --silent bench
cargo bench -p local-appwrite --bench figures
