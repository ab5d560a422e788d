#!/usr/bin/env bash
# Builds the release (server, browser's half, compressed assets) and the other programs that the tests start.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo leptos build --release --precompress --split
scripts/test-programs.sh release
