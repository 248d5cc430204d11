# Each target is one command, and works in a fresh clone with root and the language toolchains alone.
# The first run builds Kubernetes, Sigstore and Helm from source into a cache outside the checkout.

CARGO ?= cargo
export CARGO_TERM_COLOR ?= auto

.PHONY: help demo test unit e2e bench fmt lint golden fixtures tools

help: ## Says what there is to make
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: tools ## Shows the main job on real parts; KEEP=1 leaves it running
	$(CARGO) build --release --locked -p operator -p cli
	$(CARGO) run --release --locked -p e2e --bin demo -- $(if $(KEEP),--keep)

test: lint unit e2e ## Runs every test, from units to the real cluster

unit: ## Runs the tests that need nothing but the compiler
	$(CARGO) test --locked --workspace --exclude e2e

e2e: tools ## Runs the tests on a real control plane, registry and Sigstore
	$(CARGO) build --release --locked -p operator -p cli
	$(CARGO) test --release --locked -p e2e

bench: tools ## Prints the measurements and writes .bench/latest.json
	$(CARGO) build --release --locked -p operator -p cli
	$(CARGO) run --release --locked -p e2e --bin bench

fmt: ## Formats the code
	$(CARGO) fmt --all

lint: ## Holds the code against the formatter, the compiler's and clippy's lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

golden: ## Writes the golden files again: CRDs, denials, tables
	UPDATE_GOLDEN=1 $(CARGO) test --locked -p crds -p verdict -p cli

fixtures: tools ## Makes the signed fixtures again, with real cosign on a private Sigstore
	$(CARGO) run --release --locked -p e2e --example remake_fixtures

tools: ## Builds what the real parts need into the cache; does nothing when they are there
	@e2e/tools/build >/dev/null
