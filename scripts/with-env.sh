#!/usr/bin/env bash
# Runs a command with the variables of .env, if there is one. Variables that are already set win.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ -f .env ]; then
  environment=$(export -p)
  set -a
  # shellcheck disable=SC1091 # Each developer has their own.
  . ./.env
  set +a
  eval "$environment"
fi
exec "$@"
