#!/usr/bin/env bash
# The long checks: kills the local backend 200 times under load, restarts the app in turn behind each proxy, and checks
# if response times reveal who has an account.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SOAK_ROUNDS=${SOAK_ROUNDS:-200} cargo test -p local-appwrite --test backend durability -- --nocapture
scripts/build.sh production
scripts/test-programs.sh release
node end2end/soak/rolling-restart.js
node end2end/bench/who-has-an-account.js
