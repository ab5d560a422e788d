# The daily commands. Each target first installs the tools that this machine lacks (scripts/tools.sh says which and why),
# then does its one thing.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run watch new test soak fuzz end-to-end bench package deployment table screenshots audit

# wasm-opt (scripts/wasm-opt), the tools that scripts/tools.sh installed, and rustup's programs.
export PATH := $(CURDIR)/scripts/wasm-opt/bin:$(CURDIR)/target/tools/bin:$(PATH):$(HOME)/.cargo/bin

# scripts/build.sh installs the rest.
BUILD_TOOLS := rust node
WATCH_TOOLS := rust node cargo-leptos wasm-bindgen

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build the app if something changed, start it, and print the address to open.
	@scripts/tools.sh $(BUILD_TOOLS)
	@scripts/with-env.sh scripts/run.sh

# With --hot-reload, a changed text or attribute is on the page at once, before the builds end and the page is loaded again.
watch: ## Start a development build, and rebuild it after each change.
	@scripts/tools.sh $(WATCH_TOOLS)
	@scripts/with-env.sh cargo leptos watch --hot-reload

new: ## Make a new app: make new NAME=my-app DIR=../my-app
	@scripts/tools.sh $(WATCH_TOOLS) wasm-opt
	@scripts/new-app.sh "$(NAME)" "$(DIR)"

test: ## Run every check and test, and drive the app in browsers, with the files that a release loads.
	@scripts/tools.sh $(WATCH_TOOLS) wasm-opt frontend lints conformance end2end chromium firefox webkit redis proxies deployment-lints
	@scripts/test.sh

soak: ## Kill the local backend 200 times under load, restart the app behind each proxy, and look for timing leaks. Half an hour after the build.
	@scripts/tools.sh $(BUILD_TOOLS) end2end proxies
	@scripts/soak.sh

fuzz: ## Try a million inputs each on queries, permissions, frames, bodies, cookies, passkeys, pictures and dates of the local backend (FUZZ_CASES=…).
	@scripts/tools.sh rust
	@FUZZ_CASES=$${FUZZ_CASES:-1000000} cargo test --release -p local-appwrite --lib fuzz -- --nocapture

audit: ## Check the dependencies for advisories, licenses and sources (deny.toml). Needs a network.
	@scripts/tools.sh rust cargo-deny
	@cargo deny check

end-to-end: ## Run only the browser tests in Chromium, against a development build.
	@scripts/tools.sh $(WATCH_TOOLS) end2end chromium
	@cargo leptos end-to-end

bench: ## Measure the production build, and write the tables of end2end/bench/README.md. Six minutes after the build.
	@scripts/tools.sh $(BUILD_TOOLS) end2end chromium lighthouse valgrind
	@scripts/bench.sh

package: ## Make dist/leptos-birthdays-….tar.gz: what a server needs to run the app, without cargo.
	@scripts/tools.sh $(BUILD_TOOLS) valgrind
	@scripts/package.sh

deployment: ## Lint the Containerfile, the Compose files and the systemd unit, and try the package and each proxy that is installed.
	@scripts/tools.sh node end2end proxies deployment-lints
	@scripts/deployment.sh

table: ## Create the tables of src/tables.rs on the Appwrite that .env or the environment names (DRY_RUN=1 only says what).
	@scripts/tools.sh rust
	@scripts/with-env.sh cargo run --features ssr -- create-tables $(if $(DRY_RUN),--dry-run)

screenshots: ## Save a picture of each page to end2end/screenshots/, and the README's to docs/.
	@scripts/tools.sh $(BUILD_TOOLS) end2end chromium
	@scripts/build.sh
	@npm --prefix end2end run screenshots -- "$(CURDIR)/end2end/screenshots"
