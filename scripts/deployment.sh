#!/usr/bin/env bash
# Checks what the app is deployed with: the Containerfile, the Compose files, the systemd unit, the package in an empty root, and the
# proxies' configurations in front of two instances. Uses the last build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lints=target/tools/lints/bin
"$lints/hadolint" Containerfile
"$lints/check-jsonschema" --builtin-schema vendor.compose-spec compose.yaml compose.appwrite.yaml
if type -P systemd-analyze >/dev/null; then
  # The program is not installed here; this is the only error that is allowed.
  if complaints=$(systemd-analyze verify --man=no deploy/leptos-birthdays.service 2>&1 | grep -v 'is not executable'); then
    echo "$complaints" >&2
    exit 1
  fi
fi
scripts/package.sh --built
npm --prefix end2end run --silent test:deploy
