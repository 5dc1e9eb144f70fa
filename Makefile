# Every target needs `setup` only, which makes an environment of its own in .venv and does nothing
# while that is up to date. pip obeys its own settings (PIP_INDEX_URL and the like).
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.up-to-date
SITE := site
PARALLEL := --numprocesses auto --dist worksteal

# The bytecode of each CPython differs, so a version is supported or it is not.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 15))
PYTHON ?= $(shell for python in python3 python3.15 python3.14 python3.13 python3.12 python3.11; do \
	if $$python -c '$(SUPPORTED)' >/dev/null 2>&1; then echo $$python; break; fi; done)

# Not set by us unless the user says otherwise; pip's own notices are noise here.
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.PHONY: help setup setup-browser demo test coverage test-all test-py314 test-py315 conformance \
	libraries programs fuzz faults lint typecheck bench bench-peers flat-memory parity peer-suites \
	scale interop names command-lines real-builders mutants setup-slurm test-engines docs docs-check \
	docs-serve pictures dist clean

help: ## Show the targets
	@echo "bytefig: make <target>"
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make or update the virtual environment in .venv

$(STAMP): pyproject.toml
	@if ! "$(PYTHON)" -c '$(SUPPORTED)' >/dev/null 2>&1; then \
		echo "setup: no CPython from 3.11 to 3.15 found$(if $(PYTHON), at '$(PYTHON)');" \
			"name one with: make setup PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi
	@echo "setup: installing bytefig and its development tools into $(VENV) (once; some minutes)"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@mkdir -p $(VENV)/namespace/bytefig
	@ln -s ../../../configs ../../../testing ../../../tracer $(VENV)/namespace/bytefig/
	@touch $@

setup-browser: ## Install Chromium and Graphviz, which some tests need (Debian, as root)
	@if command -v chromedriver >/dev/null && command -v dot >/dev/null; then \
		echo "setup-browser: chromedriver and dot are installed already"; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update --quiet=2 && apt-get install --yes --quiet=2 --no-install-recommends \
			chromium chromium-driver graphviz; \
	else \
		echo "setup-browser: as root on Debian, run: apt-get install chromium chromium-driver" \
			"graphviz; elsewhere, put chromium, chromedriver and dot on the PATH" >&2; \
		exit 1; \
	fi

setup-slurm: ## Install a Slurm, which some tests of engines need (Debian, as root)
	@if command -v slurmctld >/dev/null || test -x /usr/sbin/slurmctld; then \
		echo "setup-slurm: slurmctld is installed already"; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 \
			--no-install-recommends slurm-wlm munge; \
	else \
		echo "setup-slurm: as root on Debian, run: apt-get install slurm-wlm munge" >&2; \
		exit 1; \
	fi

demo: setup ## Capture, edit and build a model from a function without source
	@$(BIN)/python docs/examples/sourceless.py

test: setup ## Run the tests on this Python
	@$(BIN)/python -m pytest $(PARALLEL)

# Apart from `test`: while coverage watches, other code of the engine runs than without. Joined are
# runs of the opcodes' tests in the two other tiers; the examples of the docs are left out.
coverage: setup ## Run the tests again, and measure which lines and branches they reach
	@$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report= \
		--ignore=tests/test_site.py --ignore=tests/test_doctests.py
	@for tier in interpret compile; do \
		BYTEFIG_TIER=$$tier $(BIN)/python -m pytest $(PARALLEL) --quiet --cov --cov-append \
			--cov-report= tests/tracer/engine/opcodes || exit 1; \
	done
	@$(BIN)/coverage report --fail-under=95

test-all: setup ## Run the tests on every supported Python found
	@$(BIN)/python tests/every_version.py

test-py314: setup ## Run the tests on CPython 3.14 as WebAssembly; skipped without node and npm
	@$(BIN)/python tests/webassembly.py 3.14

test-py315: setup ## Run the tests on CPython 3.15 as WebAssembly; skipped without node and npm
	@$(BIN)/python tests/webassembly.py 3.15

conformance: setup ## Run CPython's own tests interpreted and natively, on every Python found
	@for tier in auto compile; do \
		BYTEFIG_TIER=$$tier $(BIN)/python tests/every_version.py \
			--script tests/conformance/run.py || exit 1; \
	done

libraries: setup ## Run the test suites of libraries, from their sdists, interpreted
	@$(BIN)/python tests/conformance/libraries.py

programs: setup ## Run 10,000 random programs, interpreted and not, and compare
	@BYTEFIG_PROGRAMS=10000 $(BIN)/python -m pytest --quiet --hypothesis-show-statistics \
		tests/tracer/engine/test_random_programs.py

lint: setup ## Check style, formatting and the direction of imports
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check || { echo "lint: these files need 'ruff format':" >&2; \
		$(BIN)/ruff format --check >&2; exit 1; }
	@$(BIN)/lint-imports

typecheck: setup ## Check the types, strictly
	@$(BIN)/basedpyright
	@MYPYPATH=$(VENV)/namespace $(BIN)/mypy --namespace-packages --explicit-package-bases \
		--follow-imports=silent --no-error-summary tests/typing

bench: setup ## Run the benchmarks, save their figures in .benchmarks, write the guide's table
	@mkdir -p .benchmarks
	@$(BIN)/python -m pytest benchmarks --benchmark-json=.benchmarks/latest.json \
		--benchmark-max-time=0.5 --benchmark-columns=min,median,rounds
	@$(BIN)/python benchmarks/table.py .benchmarks/latest.json docs/guide/explanation/benchmarks.md

bench-peers: setup ## Measure next to Fiddle, NeMo Run and x-python; write benchmarks/results
	@$(BIN)/python benchmarks/peers/every_python.py
	@$(BIN)/python docs/speed_plot.py benchmarks/results/peers-3.11.json docs/guide/assets/speed.svg

flat-memory: setup ## Capture 100,000 functions that are gone again, and see that nothing stays
	@BYTEFIG_FUNCTIONS=100000 $(BIN)/python -m pytest --quiet tests/tracer/engine/test_flat_memory.py

PEERS := .venvs/peers

# Not a file: pip finds out faster than a stamp could tell whether the checkout has changed.
.PHONY: peers
peers:
	@test -x $(PEERS)/bin/python || "$(PYTHON)" -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --editable '.[fiddle]'

parity: peers ## Run the same builders and programs with Fiddle and with bytefig, and compare
	@$(PEERS)/bin/python benchmarks/peers/parity.py
	@$(PEERS)/bin/python benchmarks/peers/programs.py

peer-suites: ## Run the test files of Fiddle's wheel against bytefig, on 3.11 to 3.13
	@"$(PYTHON)" benchmarks/peers/peer_suites.py

scale: peers ## Time and memory a node of every operation, up to a million nodes, next to Fiddle
	@$(PEERS)/bin/python benchmarks/scale.py

interop: peers ## Test the exchange of graphs with Fiddle, and with NeMo Run where that installs
	@$(PEERS)/bin/python -m pip install --quiet pytest hypothesis
	@$(PEERS)/bin/python -m pip install --quiet --editable '.[nemo]' || \
		echo "interop: NeMo Run does not install here; its tests are skipped" >&2
	@$(PEERS)/bin/python -m pytest tests/configs/interop tests/tracer/recording/test_peer_types.py

command-lines: peers ## Give the same command lines to NeMo Run and to bytefig, and write the page
	@$(PEERS)/bin/python -m pip install --quiet --editable '.[cli,nemo,yaml]'
	@$(PEERS)/bin/python benchmarks/peers/command_lines.py \
		docs/examples/command_lines/beside_nemo_run.md

names: peers ## Write the tables of names in the guide: those of Fiddle and of NeMo Run
	@$(PEERS)/bin/python -m pip install --quiet --editable '.[nemo]' || \
		echo "names: NeMo Run does not install here; its table stays as it is" >&2
	@$(PEERS)/bin/python -W ignore benchmarks/peers/names.py

REAL := .venvs/real-builders

real-builders: ## Capture and build what users of torch, transformers, sklearn, flax and keras write
	@test -x $(REAL)/bin/python || "$(PYTHON)" -m venv $(REAL)
	@$(REAL)/bin/python -m pip install --quiet --editable '.[yaml]' \
		scikit-learn torch transformers flax optax keras
	@$(REAL)/bin/python docs/examples/real_builders/check.py

ENGINES := .venvs/engines

# An engine that does not install, and a Slurm that is not there, are left out; it is said.
test-engines: ## Run sweeps on Dask, Ray and submitit where they install, and on Slurm where it is
	@test -x $(ENGINES)/bin/python || "$(PYTHON)" -m venv $(ENGINES)
	@set -e; install="$(ENGINES)/bin/python -m pip install --quiet --editable"; \
	tools="pytest pytest-xdist hypothesis"; \
	$$install '.[cli,dask,ray,submitit]' $$tools || { \
		$$install '.[cli]' $$tools || { echo "test-engines: skipped: pip installs nothing"; exit 0; }; \
		for engine in dask ray submitit; do \
			$$install ".[$$engine]" || echo "test-engines: $$engine does not install: skipped"; \
		done; \
	}; \
	PATH="$$PATH:/usr/sbin" command -v slurmctld >/dev/null || \
		echo "test-engines: there is no Slurm here (make setup-slurm): skipped"; \
	$(ENGINES)/bin/python -m pytest --numprocesses 2 --dist loadfile tests/tracer/sweep/engines \
		-m "needs_dask or needs_ray or needs_slurm or needs_submitit"

FUZZ_SECONDS ?= 300
# atheris is built for some versions of Python only, which need not be that of the other targets.
FUZZ_PYTHON ?= $(shell for python in $$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.1[123].*/bin/python \
	2>/dev/null | sort -Vr) python3.13 python3.12 python3.11 python3; do \
	if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	>/dev/null 2>&1; then echo $$python; break; fi; done)

fuzz: ## Fuzz documents, values, policy files and .pyc files, each for FUZZ_SECONDS
	@test -x .venvs/fuzz/bin/python || "$(FUZZ_PYTHON)" -m venv .venvs/fuzz
	@.venvs/fuzz/bin/python -m pip install --quiet --editable '.[cli,yaml]' 'atheris>=2.3'
	@set -e; for kind in documents values policies pyc; do \
		echo "fuzz: $$kind for $(FUZZ_SECONDS) s"; \
		.venvs/fuzz/bin/python tests/fuzz/fuzz.py $$kind $(FUZZ_SECONDS) .venvs/fuzz/$$kind/corpus; \
	done

faults: setup ## Raise, signal, kill and fork in the middle of everything; forks on 3.11 to 3.13
	@$(BIN)/python tests/faults/run.py lines instructions signals files
	@PYTHON_VERSIONS="3.11 3.12 3.13" $(BIN)/python tests/every_version.py \
		--script tests/faults/run.py forks

MUTANTS ?= 400

mutants: setup ## Break the code in MUTANTS small ways, one at a time, and list what no test notices
	@test -x .venvs/mutants/bin/python || "$(PYTHON)" -m venv .venvs/mutants
	@.venvs/mutants/bin/python -m pip install --quiet --editable '.[test]' 'cosmic-ray>=8.3'
	@.venvs/mutants/bin/python tests/mutants.py --sample $(MUTANTS)

# Material's own notice about a later MkDocs would stand above every build.
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs

docs: setup ## Build the site into ./site
	@$(MKDOCS) build --quiet --strict --config-file docs/mkdocs.yml --site-dir ../$(SITE)
	@echo "docs: open $(SITE)/index.html"

docs-serve: setup ## Show the site at http://127.0.0.1:8000, built again after each change
	@$(MKDOCS) serve --config-file docs/mkdocs.yml --watch configs --watch tracer

pictures: setup ## Take the pictures of the README and the tutorials anew; needs Chromium and torch
	@$(BIN)/python docs/pictures.py

docs-check: setup ## Build the site strictly, check its names and links, run every example in the docs
	@$(BIN)/python -m pytest --quiet tests/test_site.py tests/test_doctests.py

dist: ## Build sdist and wheel into ./dist, checked and tried with pip, uv and pipx
	@test -x .venvs/dist/bin/python || "$(PYTHON)" -m venv .venvs/dist
	@.venvs/dist/bin/python -m pip install --quiet 'build>=1.2' 'pipx>=1.7' 'twine>=6.1' 'uv>=0.5'
	@.venvs/dist/bin/python tests/distribution.py dist

clean: ## Remove everything that make and the tools wrote
	@rm -rf $(VENV) .venvs .pyodide $(SITE) build dist *.egg-info .benchmarks .coverage .coverage.* \
		.hypothesis .import_linter_cache .pytest_cache .ruff_cache
	@find configs testing tracer tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +
