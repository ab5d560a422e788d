#!/usr/bin/env bash
# Builds the release and the other programs that the tests start.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/build.sh
scripts/test-programs.sh release
