# Every command that a person or a machine runs on this repository. "make" lists them.

export CGO_ENABLED := 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 30s

.PHONY: help build test race check generate long fuzz bench bench-baseline bench-peers bench-same bench-scaling bench-rotation quiet clean
.DEFAULT_GOAL := help

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done

build: ## build bin/keysweep and its plugins: static, reproducible, with the version from git
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/ ./cmd/...

test: ## run all tests; as root on Debian it first installs what they need
	@scripts/test.sh

race: ## run the tests under the race detector, which needs a C compiler
	CGO_ENABLED=1 go test -race -short ./...

check: ## gofmt, vet, linters, house rules, generated files up to date
	@scripts/check.sh

generate: ## make generated files again
	go generate ./...

long: ## run what takes too long for every day: 200 kills, more of fixes, every key format (half an hour)
	KEYSWEEP_KILLS=200 KEYSWEEP_REQUIRE_REAL=1 go test -count=1 -timeout 60m ./cmd/keysweep/internal/acceptance ./rotation/filestore
	KEYSWEEP_KILLS=200 KEYSWEEP_REQUIRE_REAL=1 go test -count=1 -timeout 30m -run TestFixFirewallKilled ./cmd/keysweep/internal/cli
	KEYSWEEP_CORPUS=full KEYSWEEP_REQUIRE_REAL=1 go test -count=1 -timeout 30m -run TestCorpus ./keys

fuzz: ## run every fuzz target for FUZZTIME each (default 30s)
	@FUZZTIME=$(FUZZTIME) scripts/fuzz.sh

bench: ## run the Go benchmarks and compare them with the stored baseline (make bench-baseline stores one)
	@scripts/bench.sh

bench-baseline: ## run the Go benchmarks and store the figures as docs/bench/baseline.txt
	@scripts/bench.sh baseline

bench-peers: ## side by side with gitleaks: REPO1=PATH REPO2=PATH RUNS=5 ONLY='tree|history|hook|rescan'
	@scripts/bench-peers.sh

bench-same: ## on the same inputs: is the same found with every fast path off?
	@scripts/bench-peers.sh same

bench-scaling: ## cost against new unique bytes, and against commits that bring nothing new
	@scripts/bench-scaling.sh

bench-rotation: ## figures of rotate-due, run and prompt: 10,000 credentials in files, 300 in a keyring
	@scripts/bench-rotation.sh

quiet: ## how much is found on trees that are known for no secrets: TREES="DIR DIR" GITLEAKS=PATH
	@scripts/quiet.sh

clean: ## remove what was built here
	rm -rf bin .cache
