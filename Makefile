# The commands of this repository. `make demo` and `make test` need nothing but Python 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Hundreds of processes start in tests and measurements: without byte code each compiles all of the sources again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev check test golden bench soak demo demo-serve lock clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.running: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.developing: requirements-dev.lock $(VENV)/.running
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.running  ## make .venv with what running needs

setup-dev: $(VENV)/.developing  ## the same and what developing needs

check: setup-dev  ## formatting, lint, types, layers, and that every test can be imported
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	@$(BIN)/python -m pytest --collect-only --quiet >/dev/null || \
		{ $(BIN)/python -m pytest --collect-only --quiet | grep -v ': [0-9]*$$'; exit 1; }

test: setup-dev  ## all tests but the long counts, on every core
	$(BIN)/python -m pytest -m "not soak" --numprocesses auto --maxprocesses 4 --dist worksteal

golden: setup-dev  ## rewrite the expected output of the golden cases
	$(BIN)/python -m pytest tests/golden tests/diff tests/changing --update-golden

bench: setup-dev  ## speed, one JSON object a line
	@$(BIN)/python -m tests.benchmarks

soak: setup-dev  ## the long counts
	$(BIN)/python -m pytest -m soak

demo: setup  ## example tenants: lint, compile, publish, deliver to local doubles, show what happened
	@$(BIN)/qmap demo

demo-serve: setup  ## the same, and then the pages on which people decide matches, until Ctrl-C
	@$(BIN)/qmap demo --serve

lock:  ## resolve the requirements anew (needs uv on the path)
	uv pip compile pyproject.toml --extra postgres --group build --universal --generate-hashes --no-header --no-annotate --python-version 3.11 -o requirements.lock
	uv pip compile pyproject.toml --extra postgres --group build --group dev --universal --generate-hashes --no-header --no-annotate --python-version 3.11 -c requirements.lock -o requirements-dev.lock

clean:  ## remove .venv, caches and local state
	rm -rf $(VENV) .qmap .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tests/editor/node_modules tests/browser/node_modules
