# The commands of this repository. All of them need Go and nothing else, but for
# the race detector in check, which on Linux needs a C compiler.

GO ?= go

# Packages with goroutines: those that the race detector is for.
CONCURRENT = ./sim/live ./sim/live/fabric ./report/progress ./scenarios/... ./cmd/...

.DEFAULT_GOAL := help
.PHONY: help build test check bench bench-peers conformance golden netcheck soak

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the program, as bin/cdnlab
	$(GO) build -o bin/ ./cmd/cdnlab

# One package at a time: live tests measure real time, and two at once would
# measure each other.
test: ## every test, real processes too: some minutes
	$(GO) test -p 1 -timeout 15m ./...

check: ## vet, gofmt, go.mod, other systems, and the race detector
	$(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "not as gofmt has it:"; echo "$$files"; exit 1; fi
	$(GO) mod tidy -diff
	$(GO) mod verify
	@# Without the README, whose commands run the same code as the scripts, and
	@# without the long plays in virtual time and the readings of scenarios, which
	@# have one goroutine.
	$(GO) test -race -short -p 1 -timeout 10m \
		-skip 'TestReadme|TestSeeds|TestAnyKey|TestBuiltins|TestRequestGoldens|TestEqualQueues|TestBytes|TestCost|TestTOML|TestNewOf|TestWrong' $(CONCURRENT)
	$(GO) test -race -run 'TestScripts/live' -timeout 5m ./cmd/cdnlab

bench: ## the figures: virtual and live requests/s, and what each part costs
	$(GO) test -run '^$$' -bench Virtual -benchtime 3x ./scenarios
	$(GO) test -run '^$$' -bench . ./sim ./sim/load
	$(GO) test -run '^$$' -bench Hit ./edge
	$(GO) test -run '^$$' -bench 'Pick|Pool' ./origin/balance
	$(GO) test -run '^$$' -bench 'App|Proxy' ./origin
	$(GO) test -run '^$$' -bench Observe ./report
	$(GO) test -run '^$$' -bench Pace -benchtime 1x ./sim/live
	$(GO) test -run '^$$' -bench Link -benchtime 1x -timeout 10m ./sim/live/fabric
	$(GO) test -run '^$$' -bench People -benchtime 1x -timeout 10m ./scenarios
	$(GO) test -run '^$$' -bench Start -benchtime 5x ./scenarios
	$(GO) test -run '^$$' -bench Live -benchtime 1x -timeout 10m ./scenarios

# What is not installed is left out with a word; k6, fortio, hey and fasthttp are
# built in a temporary folder from their Go modules, k6 for a minute and a half.
bench-peers: ## the figures beside wrk, nginx, HAProxy, Varnish, k6 ...; two quiet cores, ten minutes
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 60m ./cmd/cdnlab/peers

conformance: ## the PoP against the suite behind cache-tests.fyi, which npm installs into a temporary folder
	CDNLAB_CONFORMANCE=1 $(GO) test -count=1 -v -run CacheTests ./cmd/cdnlab/conformance

netcheck: ## the model of the network beside the kernel's own TCP (Linux, root), and the live world beside it; four minutes
	CDNLAB_NETCHECK=1 $(GO) test -count=1 -v -run NetCheck ./sim/live/kernel
	CDNLAB_NETCHECK=1 $(GO) test -count=1 -v -run Golden ./sim/live
	CDNLAB_NETCHECK=1 $(GO) test -count=1 -v -run GoldenExample ./scenarios

soak: ## a million connections opened and closed, as in a day: nothing of them may be left
	CDNLAB_SOAK=1000000 $(GO) test -count=1 -v -run Soak -p 1 -timeout 60m ./sim/live ./sim/live/fabric

golden: ## rewrite golden files and the README's outputs and tables; read the diff
	$(GO) test ./edge ./report ./report/picture ./scenarios/strict ./sim/virtual -update
	$(GO) test ./scenarios -run 'TestParity|TestBuiltins|TestPictures|TestRequest' -update
	$(GO) test ./cmd/cdnlab -run 'TestReadme|TestScripts/honest' -short -update
