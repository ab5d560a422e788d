#!/usr/bin/env bash
# Builds what is deployed (server, browser's part, compressed assets), and the programs that the tests start beside it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo leptos build --release --precompress
scripts/test-programs.sh release
