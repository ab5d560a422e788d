#!/usr/bin/env bash
# Measures the release build: the bytes that a browser loads, requests per second, the time until a page is live, whether
# the time of a response tells who has an account, and the cost of 1000 relayed connections.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/release.sh
APP_PROFILE=release npm --prefix end2end run --silent bench
