# The commands of this repository. All of them need Go and nothing else, but for
# the race detector in check, which on Linux needs a C compiler, and conformance,
# which needs npm.

GO ?= go

# Packages whose tests measure real time: one at a time, or they measure each other.
LIVE = ./sim/live/... ./scenarios ./cmd/...

# What the race detector is for: packages and tests with more than one goroutine.
# Those of the program and of scenarios are the live plays, the parities, what
# plays runs side by side, and what is interrupted.
CONCURRENT = ./sim/live ./sim/live/fabric ./report/progress ./scenarios/calibrate
CONCURRENT_SCENARIOS = Live|KernelNet|Parity|OverSeeds|Reproducible|Interrupted|AllocatesNothing
SAME_TO_THE_DETECTOR = TestParityOfPaths/(rated|bursts|last-mile|cut-|blackhole|slow-close)|TestLive(Browsers|Truth|DeadShield|Cluster|ColdCDN)
CONCURRENT_PROGRAM = TestScripts/(compare|link|live|node|run|test)$$|Interrupted|TestLink|TestNode

.DEFAULT_GOAL := help
.PHONY: help build test check systems bench bench-peers conformance golden netcheck soak theory

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the program, as bin/cdnlab
	$(GO) build -o bin/ ./cmd/cdnlab

test: ## every test, real processes too: some minutes
	$(GO) test -timeout 15m $$($(GO) list ./... | grep -vxF "$$($(GO) list $(LIVE))")
	$(GO) test -p 1 -timeout 15m $(LIVE)

check: ## vet, gofmt, go.mod, other systems, and the race detector
	$(GO) vet ./...
	$(GO) test -count=1 -run OtherSystems ./sim/house
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "not as gofmt has it:"; echo "$$files"; exit 1; fi
	$(GO) mod tidy -diff
	$(GO) mod verify
	@# Built first, as -p 1 compiles one package at a time, too. All is vetted above.
	$(GO) build -race -o /dev/null ./cmd/cdnlab
	$(GO) test -race -vet=off -short -p 1 -timeout 5m -skip TestSamplers/compression $(CONCURRENT)
	$(GO) test -race -vet=off -timeout 5m -run '$(CONCURRENT_SCENARIOS)' -skip '$(SAME_TO_THE_DETECTOR)' ./scenarios
	$(GO) test -race -vet=off -timeout 5m -run '$(CONCURRENT_PROGRAM)' -skip Calibrate ./cmd/cdnlab

systems: ## go vet as on macOS and Windows, too, which compiles their standard libraries: some minutes
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...

bench: ## the figures: virtual and live requests/s, and what each part costs
	$(GO) test -run '^$$' -bench Virtual -benchtime 3x ./scenarios
	$(GO) test -run '^$$' -bench . ./sim ./sim/load
	$(GO) test -run '^$$' -bench Hit ./edge
	GOMAXPROCS=1 $(GO) test -run '^$$' -bench Replay -benchtime 1x ./edge/replay
	$(GO) test -run '^$$' -bench 'Pick|Pool' ./origin/balance
	$(GO) test -run '^$$' -bench 'App|Proxy' ./origin
	$(GO) test -run '^$$' -bench Observe ./report
	$(GO) test -run '^$$' -bench 'Pace|Pass' -benchtime 1x ./sim/live
	$(GO) test -run '^$$' -bench Link -benchtime 1x -timeout 10m ./sim/live/fabric
	$(GO) test -run '^$$' -bench People -benchtime 1x -timeout 10m ./scenarios
	$(GO) test -run '^$$' -bench Start -benchtime 5x ./scenarios
	$(GO) test -run '^$$' -bench Join -benchtime 3x ./scenarios
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

theory: ## balancers, app servers and caches beside theory: what formulas say, what the lab does, the error; some minutes
	CDNLAB_THEORY=20 $(GO) test -count=1 -v -timeout 60m ./origin/theory ./edge/theory
	CDNLAB_THEORY=20 $(GO) test -count=1 -v -timeout 60m -run Guide ./scenarios/advice

soak: ## a million connections opened and closed, as in a day: nothing of them may be left
	CDNLAB_SOAK=1000000 $(GO) test -count=1 -v -run Soak -p 1 -timeout 60m ./sim/live ./sim/live/fabric

golden: ## rewrite golden files and the README's outputs and tables; read the diff
	$(GO) test ./edge ./report ./report/picture ./scenarios/advice ./scenarios/strict ./sim/virtual -update
	$(GO) test ./scenarios -run 'TestParity|TestBuiltins|TestPictures|TestRequest' -update
	$(GO) test ./cmd/cdnlab -run 'TestReadme|TestScripts/honest' -short -update
