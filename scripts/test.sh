#!/usr/bin/env bash
# Runs every check and test, the fastest first, and stops at the first failure. Ends with the time of each step, the sizes
# of the files that a browser loads, and the number of tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

logs=target/test-logs
rm -rf "$logs"
mkdir -p "$logs"
times=()
passed=0

# step NAME COMMAND…: runs the command and keeps its output and its time.
step() {
  local name=$1 log started seconds
  shift
  log="$logs/${#times[@]}.log"
  started=$SECONDS
  printf '\n\033[1m▸ %s\033[0m\n' "$name"
  if ! "$@" 2>&1 | tee "$log"; then
    printf '\n\033[31m✗ %s failed. Run it alone: %s\033[0m\n' "$name" "$*" >&2
    exit 1
  fi
  seconds=$((SECONDS - started))
  times+=("$(printf '%4d:%02d  %s' $((seconds / 60)) $((seconds % 60)) "$name")")
  passed=$((passed + $(passed_in "$log")))
}

# Counts the passed tests in the output of cargo test, Node's test runner and Playwright.
passed_in() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    /^test result: ok\. [0-9]+ passed/ { n += $4 }
    /^(#|ℹ) pass [0-9]+/               { n += $3 }
    /^ +[0-9]+ passed( \(|$)/          { n += $1 }
    END { print n + 0 }'
}

lock_files_name_no_registry() {
  local found
  found=$(git ls-files '*package-lock.json' | xargs grep -l '"resolved"') || true
  [ -z "$found" ] || { echo "These lock files name a registry. Create them again with the .npmrc beside them: $found"; return 1; }
}

# Asserts that a production build links nothing that only the local backend needs.
production_build_has_no_local_backend() {
  local tree found
  tree=$(cargo tree --locked --no-default-features --features ssr -e normal --prefix none)
  found=$(grep -E '^(local-appwrite|rusqlite|libsqlite3-sys|argon2) ' <<<"$tree" | sort -u) || true
  [ -z "$found" ] || { echo "A production build links crates that only the local backend needs: $found"; return 1; }
}

sizes() {
  local file
  printf '\nWhat a browser loads (brotli, bytes)\n'
  for file in target/site/pkg/*.wasm target/site/pkg/*.js target/site/pkg/*.css; do
    [ -f "$file.br" ] || { echo "$file.br is missing"; return 1; }
    printf '%9d  %s (%d uncompressed)\n' "$(wc -c <"$file.br")" "${file##*/}" "$(wc -c <"$file")"
  done
}

step "Formatting" cargo fmt --all --check
step "Formatting: the tool that splits the wasm" cargo fmt --manifest-path scripts/wasm-parts/Cargo.toml --check
step "Lock files" lock_files_name_no_registry
step "Documentation" scripts/docs.sh
step "Start of a build, and when it is made again" node --test scripts/run.test.mjs
step "Installation of the tools" node --test scripts/tools.test.mjs
step "Imports without circles" node scripts/circles.mjs
step "Production build without the local backend" production_build_has_no_local_backend
step "Lints: all crates, on the server" cargo clippy --workspace --all-targets --features ssr -- -D warnings
step "Lints: app and library, production build" cargo clippy -p leptos-birthdays -p leptos-appwrite --no-default-features --features ssr --lib --bins -- -D warnings
step "Lints: app and library, in the browser" cargo clippy -p leptos-birthdays-frontend -p leptos-birthdays -p leptos-appwrite --lib --no-default-features --features hydrate --target wasm32-unknown-unknown -- -D warnings
step "Lints: the tool that splits the wasm" cargo clippy --manifest-path scripts/wasm-parts/Cargo.toml --target-dir target -- -D warnings
step "Lints: library without its optional features, on the server" cargo clippy -p leptos-appwrite --lib --no-default-features --features ssr -- -D warnings
step "Lints: library without its optional features, in the browser" cargo clippy -p leptos-appwrite --lib --no-default-features --features hydrate,english --target wasm32-unknown-unknown -- -D warnings
step "Packages of the crates" cargo package --offline --no-verify --allow-dirty --quiet -p appwrite-client -p appwrite-realtime -p local-appwrite -p leptos-appwrite
# A test waits more than it computes: with twice as many threads as cores, these were idle for a third of the time.
step "Unit and integration tests" env RUST_TEST_THREADS=$((4 * $(getconf _NPROCESSORS_ONLN))) cargo test --workspace --features ssr
step "Example, and a new app made from it" scripts/example.sh
step "wasm-opt, the browser's linker, and names with hashes" node --test scripts/wasm-opt/wasm-opt.test.js scripts/wasm-ld/wasm-ld.test.js scripts/frontend/hashes.test.mjs scripts/frontend/one-script.test.mjs
# The browsers' files are the release's. The servers are those that the tests above built: the release's would be built from nothing.
step "Browser's half of the release" scripts/build.sh browser
step "Conformance with Appwrite's SDKs and recordings" env "LOCAL_APPWRITE_BIN=$PWD/target/debug/local-appwrite" npm --prefix crates/local-appwrite/conformance test
step "npm package of the local backend" env "LOCAL_APPWRITE_BIN=$PWD/target/debug/local-appwrite" node --test packages/npm/package.test.mjs
step "Package, container files and proxies" scripts/deployment.sh
# Without prepare.js, which would build the servers again, with features of fewer packages.
step "Browser tests" npm --prefix end2end --ignore-scripts test
step "Browser tests: Chromium, Firefox and WebKit" npm --prefix end2end --ignore-scripts run test:browsers

sizes
printf '\nTime of each step (min:s)\n'
printf '%s\n' "${times[@]}"
printf '%4d:%02d  total\n' $((SECONDS / 60)) $((SECONDS % 60))
printf '\n%d passed, 0 failed\n' "$passed"
