# Everything a person needs is a target here; each does its own set-up. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

GOLANGCI_VERSION := v2.12.2
GENERATED := schema/generated graph/exec resolvers seed/generated clients/typescript/src/generated.ts bench/peers/dataloaders/exec
WEB_SOURCES := $(shell find web/src web/examples web/public -type f 2>/dev/null) web/index.html web/vite.config.js web/tsconfig.json
GO_PACKAGES := ./...
# What nobody looks at is left out, as its pages take memory: grpc's own traces. The Dockerfile has the same.
TAGS := grpcnotrace

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Serve the graph at http://127.0.0.1:8080/playground (ARGS="--port 9000" for flags)
	@./bin/dossier serve $(ARGS)

.PHONY: build
build: web ## Build bin/dossier: one binary with schema, seed and pages
	@CGO_ENABLED=0 go build -trimpath -tags $(TAGS) -o bin/dossier .

.PHONY: web
web: web/dist/index.html ## Build the pages

web/node_modules/.package-lock.json: web/package-lock.json
	@echo "fetching the pages' packages (once)"
	@cd web && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

web/dist/index.html: $(WEB_SOURCES) web/node_modules/.package-lock.json
	@echo "building the pages"
	@cd web && npm run --silent build -- --logLevel warn

.PHONY: client
client: clients/typescript/node_modules/.package-lock.json ## Build the TypeScript client, ready for npm pack
	@go run . schema > clients/typescript/schema.graphql
	@cd clients/typescript && npm run --silent build

clients/typescript/node_modules/.package-lock.json: clients/typescript/package-lock.json
	@echo "fetching the TypeScript client's packages (once)"
	@cd clients/typescript && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

.PHONY: conformance
conformance: clients/conformance/node_modules/.package-lock.json ## Fetch the public clients and audits that tests run against us

clients/conformance/node_modules/.package-lock.json: clients/conformance/package-lock.json
	@echo "fetching the clients and audits of the conformance tests (once)"
	@cd clients/conformance && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

.PHONY: generate
generate: clients/typescript/node_modules/.package-lock.json ## Write what follows from schema/*.graphqls
	@go run ./internal/gen
	@go tool gqlgen generate
	@go run . schema > clients/typescript/schema.graphql
	@cd clients/typescript && npm run --silent generate
	@cd bench/peers/dataloaders && go generate

# make test NEO4J_VERSION=2026.08.1 runs against another Neo4j; the versions that are named by years need Java 21 (JAVA_HOME).
ifdef NEO4J_VERSION
export DOSSIER_NEO4J_VERSION := $(NEO4J_VERSION)
endif
.PHONY: test
test: web lint check-generated client conformance chromium ## Run all tests, against a real Neo4j and in a real browser
	@cd web && npm run --silent check && npm test --silent
	@go run . fetch
	@go test -count=1 -timeout 60m $(GO_PACKAGES)
	@$(MAKE) --no-print-directory fuzz FUZZTIME=1000x

RACE_PACKAGES := ./...

.PHONY: race
race: web client conformance chromium ## Run all Go tests under the race detector (RACE_PACKAGES=./graph for some); it takes a C compiler
	@go run . fetch
	@go test -race -count=1 -timeout 60m $(RACE_PACKAGES)

# The tree may hold uncommitted work, so what is compared is before and after, not the tree and its last commit.
.PHONY: check-generated
check-generated: ## Fail when make generate would change something
	@before=$$(cat $$(find $(GENERATED) -type f | sort) | sha256sum); $(MAKE) --no-print-directory generate; \
	after=$$(cat $$(find $(GENERATED) -type f | sort) | sha256sum); \
	if [ "$$before" != "$$after" ]; then echo "generated files were out of date; make generate has just written them: commit them"; exit 1; fi

# What it remembers holds the paths of the clone it looked at: each clone has its own memory.
.PHONY: lint
lint: bin/golangci-lint-$(GOLANGCI_VERSION) ## Check style, and that imports go one way
	@GOLANGCI_LINT_CACHE=$(CURDIR)/bin/lint-cache bin/golangci-lint-$(GOLANGCI_VERSION) run

bin/golangci-lint-$(GOLANGCI_VERSION):
	@echo "building golangci-lint $(GOLANGCI_VERSION) (once, about two minutes)"
	@GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv bin/golangci-lint $@

.PHONY: chromium
chromium:
	@[ -n "$$CHROMIUM" ] || command -v chromium >/dev/null || { echo "installing Chromium for the browser tests (once)"; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; $$sudo apt-get update -qq >/dev/null && $$sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	|| { echo "Chromium is missing: install it, or name one with CHROMIUM=/path/to/chromium"; exit 1; }

.PHONY: screenshots
screenshots: build chromium ## Take the picture of the playground that the README shows
	@pictures=$$(mktemp -d) && mkdir -p docs/images && \
	SCREENSHOTS=$$pictures go test -count=1 -run '^TestPages$$' . && cp $$pictures/playground.png docs/images/ && rm -r $$pictures

.PHONY: cypher
cypher: build ## Open cypher-shell on the graph of a running make run
	@./bin/dossier shell

# make test counts executions: a duration can pass before a slow machine has read the corpus, and its end can be taken for
# a finding ("context deadline exceeded", go.dev/issue/75804, mended in Go 1.27).
.PHONY: fuzz
fuzz: ## Fuzz every parser for a while (FUZZTIME=1m, or 5000x for so many executions)
	@for target in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
	  for name in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$target/*_test.go | sed 's/func //'); do \
	    echo "$$target $$name"; go test $$target -run '^$$' -fuzz "^$$name$$" -fuzztime $${FUZZTIME:-30s} -fuzzminimizetime 5x || exit 1; \
	  done; done

# With flags, the results go to the screen and not into the committed file, unless BENCH_RESULTS names one.
BENCH :=
BENCH_RESULTS := $(if $(strip $(BENCH)),,bench/RESULTS.md)
.PHONY: bench
bench: build bench/peers/neo4j-graphql/node_modules/.package-lock.json ## Measure against hand-written Cypher and others (BENCH="-only page" for flags)
	@go build -o bin/bench ./bench
	@cd bench/peers/dataloaders && go build -o ../../../bin/bench-dataloaders .
	@./bin/bench -results '$(BENCH_RESULTS)' $(BENCH)

.PHONY: bench-small
bench-small: ## The shapes that matter most, on a small graph, in about two minutes
	@$(MAKE) --no-print-directory bench BENCH="-entities 4000 -connections 16 -rounds 1 -duration 700ms -warm-up 1s -only 'point|nested|page|by-date|as-of|claims|neighborhood-1|path\b'"

bench/peers/neo4j-graphql/node_modules/.package-lock.json: bench/peers/neo4j-graphql/package-lock.json
	@echo "fetching @neo4j/graphql and Apollo Server for the bench (once)"
	@cd bench/peers/neo4j-graphql && npm ci --no-fund --no-audit --loglevel=error
	@touch $@
