# The habits of this project. `make` or `make help` lists them.

TOOL := go tool -modfile=tools/go.mod
FUZZTIME ?= 30s

.DEFAULT_GOAL := help

.PHONY: help
help: ## list these habits
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: thirdparty
thirdparty:
	@go run ./proto/thirdparty

.PHONY: generate
generate: thirdparty ## write gen/ anew from the contracts
# Beside gen/ first: a failed run leaves gen/ as it was, and a contract that is gone leaves no file behind.
	rm -rf .generated
	$(TOOL) buf generate --output .generated
	$(TOOL) buf generate --output .generated --template proto/gen/operations.yaml
	$(TOOL) buf generate --output .generated --template proto/gen/openapi.yaml
	rm -rf gen/cmi gen/google
	mkdir -p gen
	cp -R .generated/gen/. gen/
	rm -rf .generated

.PHONY: docs
docs: ## write the generated parts of docs/ anew
	mkdir -p docs
	go run ./cmd/cmi settings reference > docs/settings.md.new
	mv docs/settings.md.new docs/settings.md

.PHONY: fmt
fmt: thirdparty ## format the Go code and the contracts
	gofmt -w $$(git ls-files --cached --others --exclude-standard '*.go' ':!gen')
	$(TOOL) buf format -w --path proto/cmi

.PHONY: lint
lint: proto-lint breaking ## check the contracts and the Go code
	$(TOOL) golangci-lint run

.PHONY: proto-lint
proto-lint: thirdparty ## check the contracts' style and format
	$(TOOL) buf lint
	$(TOOL) buf format --diff --exit-code --path proto/cmi

.PHONY: breaking
breaking: thirdparty ## check that the contracts break no earlier client
	.ci/breaking

.PHONY: test
test: ## run every test
	go test ./...

.PHONY: race
race: ## run every test under the race detector
	go test -race ./...

.PHONY: fuzz
fuzz: ## fuzz each target for FUZZTIME (30s)
	.ci/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## measure against the alternatives and at scale, into bench/REPORT.md, TABLES.md, REPORTS.md and SCALE.md
	cd bench/tables && go run . -huge 100000000
	.ci/with-postgres -c shared_buffers=2GB -c max_wal_size=4GB -- sh -c 'cd bench/tables && go run ./reports -rows 10000000 -postgres "$$CMI_TEST_POSTGRES_URL"'
	.ci/with-postgres -c shared_buffers=2GB -- sh -c 'cd bench && go run . -postgres "$$CMI_TEST_POSTGRES_URL" && go run ./scale -postgres "$$CMI_TEST_POSTGRES_URL"'

.PHONY: demo
demo: ## start the service with example data
	go run ./cmd/cmi demo

.PHONY: ci
ci: ## run what every change must pass
	.ci/run
