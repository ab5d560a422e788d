#!/usr/bin/env bash
# Builds local-appwrite as one static file, which runs on any Linux with this kind of processor, and prints its path.
# PROFILE=dev builds it quickly, to try it out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

profile=${PROFILE:-release}
# Sets the flag for the program only: its libraries then stay the same as in other builds.
cargo rustc --locked --profile "$profile" -p local-appwrite --bin local-appwrite -- \
  -C target-feature=+crt-static >&2

folder=$([ "$profile" = dev ] && echo debug || echo "$profile")
file=${CARGO_TARGET_DIR:-target}/$folder/local-appwrite
if ! ldd "$file" 2>&1 | grep -qE 'statically linked|not a dynamic executable'; then
  echo "$file still needs shared libraries: install the C library's static files (Fedora: glibc-static), and run this again." >&2
  exit 1
fi
echo "$file"
