# What a developer does each day. Each target first installs what this machine lacks (scripts/tools.sh says what and
# why, and does nothing the second time), then does its one thing.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run watch test end-to-end bench table screenshots audit

# wasm-opt from its npm package, tools of our own version, and rustup's programs in a terminal opened before rustup came.
export PATH := $(CURDIR)/scripts/wasm-opt/node_modules/.bin:$(CURDIR)/target/tools/bin:$(PATH):$(HOME)/.cargo/bin

BUILD_TOOLS := rust node cargo-leptos wasm-bindgen wasm-opt

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build the app as for production, start it with its local backend, and print the address to open.
	@scripts/tools.sh $(BUILD_TOOLS)
	@scripts/with-env.sh cargo leptos serve --release

watch: ## Start the app for development: it is built and started again after each change.
	@scripts/tools.sh $(BUILD_TOOLS)
	@scripts/with-env.sh cargo leptos watch

test: ## Check formatting and lints, run every test, build the release, and drive it in a browser.
	@scripts/tools.sh $(BUILD_TOOLS) lints conformance end2end chromium firefox webkit
	@scripts/test.sh

audit: ## Check the dependencies for advisories, licenses and origin (deny.toml); asks the network.
	@scripts/tools.sh rust cargo-deny
	@cargo deny check

end-to-end: ## Only the browser tests, against a development build.
	@scripts/tools.sh $(BUILD_TOOLS) end2end chromium
	@cargo leptos end-to-end

bench: ## Measure the release: sizes, answers a second, time until a page is live, what times tell, 1000 relayed connections.
	@scripts/tools.sh $(BUILD_TOOLS) end2end chromium
	@scripts/bench.sh

table: ## Create the tables of src/tables.rs on the Appwrite that .env or the environment names (DRY_RUN=1 only says what).
	@scripts/tools.sh rust
	@scripts/with-env.sh cargo run --features ssr --bin create-table -- $(if $(DRY_RUN),--dry-run)

screenshots: ## Take a picture of each page of the release into end2end/screenshots/, and the README's into docs/.
	@scripts/tools.sh $(BUILD_TOOLS) end2end chromium
	@scripts/release.sh
	@npm --prefix end2end run screenshots -- "$(CURDIR)/end2end/screenshots"
