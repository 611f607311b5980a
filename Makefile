# Workbench. `make demo` shows it, `make test` proves it, `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin

.PHONY: help setup demo demo-check serve test check format bench fuzz redteam redteam-kernel clean images

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup:  ## the virtual environment, bubblewrap and the proxy (asks for sudo where it must)
	@images/setup platform kernel demo

demo: setup  ## load three registries, run the example study in the real workbench, then serve it
	@$(BIN)/workbench --instance var/demo/instance demo

demo-check: setup  ## the same without serving; exit code and var/demo/summary.json
	@$(BIN)/workbench --instance var/demo/instance demo --check

test:  ## everything the tests need, then the tests
	@images/setup platform kernel demo develop
	@place=$$(mktemp -d /tmp/wb-XXXXXX); \
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not alone" --basetemp "$$place/a"; \
	$(BIN)/python -m pytest -m alone --basetemp "$$place/b"; \
	rm -rf "$$place"

check:  ## style, types, layers and the architecture tests
	@images/setup platform kernel demo develop
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/architecture

format:  ## let ruff write what it can
	@$(BIN)/ruff check --fix-only -q . && $(BIN)/ruff format -q .

bench:  ## every benchmark into docs/benchmarks.md; BENCH=name runs one and ends with one JSON line
	@images/setup platform kernel demo develop >&2
	@$(BIN)/python -m tests.bench $(BENCH)

fuzz:  ## a million damaged plans (only Refusals) and thousands of valid ones over every engine; minutes
	@images/setup platform kernel demo develop
	@$(BIN)/python -m tests.fuzz $(FUZZ)

gallery:  ## the eight studies of docs/tutorial/studies in real kernels, on a nation of 200,000; the picture book asked again
	@images/setup platform kernel demo develop
	@WORKBENCH_LONG=1 $(BIN)/python -m pytest -q tests/integration/engine/test_picture_book.py \
		tests/acceptance/test_gallery.py

redteam:  ## the attackers against the gate, every attack with its control; docs/reference/attacks.md; half an hour
	@images/setup platform kernel demo develop
	@WORKBENCH_LONG=1 $(BIN)/python -m pytest -q tests/redteam --ignore tests/redteam/kernel
	@$(BIN)/python -m tests.redteam.page

redteam-kernel:  ## the attackers against kernels, servers and relay; every layer taken away in turn
	@images/setup platform kernel demo develop
	@$(BIN)/workbench isolation-report
	@WORKBENCH_LONG=1 $(BIN)/python -m pytest -q tests/redteam/kernel tests/sandbox

images:  ## OCI images of hub, engine and kernel: built with buildah, then run once with podman (needs root)
	@images/build
	@images/smoke

clean:  ## remove what was built (var/, .venv/); the registries of var/demo go with it
	@rm -rf .venv .venv-kernel .venv-acro .venv-opendp var .mypy_cache .ruff_cache .pytest_cache
