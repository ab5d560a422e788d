#!/usr/bin/env bash
# Measures the release build: how much a browser loads, how many answers a second, how long until a page is live,
# whether the time of an answer tells who has an account, and what 1000 relayed connections take.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/release.sh
APP_PROFILE=release npm --prefix end2end run --silent bench
