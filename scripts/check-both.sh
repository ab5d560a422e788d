#!/usr/bin/env bash
# Checks both halves of the app for an editor: the server's and the browser's. Writes cargo's messages as JSON.
# rust-analyzer runs it on each save (.vscode/settings.json). It continues after a failure, so both halves are checked.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CARGO_TARGET_DIR=target/rust-analyzer
status=0
cargo clippy --workspace --all-targets --features ssr --message-format=json || status=$?
cargo clippy -p leptos-birthdays-frontend -p leptos-birthdays -p leptos-appwrite --lib --no-default-features --features hydrate --target wasm32-unknown-unknown --message-format=json || status=$?
exit "$status"
