# Oimaq's commands. Everything is set up on first use: a virtual environment of its own, pinned dependencies, an
# embedded PostgreSQL from a wheel. Nothing outside this folder is changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo serve work test check bench faults openapi drawings migration lock

help:  ## what can be typed here
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(READY)  ## the virtual environment (every other target does this by itself)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "Python 3.11 to 3.13 is needed; say make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing pinned dependencies (about a minute, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock 2> $(VENV)/pip.log || { cat $(VENV)/pip.log; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e . 2>> $(VENV)/pip.log || { cat $(VENV)/pip.log; exit 1; }
	@touch $(READY)

demo: $(READY)  ## the whole story over HTTP: need, tender, bids, award, delivery, payment, audit
	@$(BIN)/oimaq demo

serve: $(READY)  ## API and worker on http://127.0.0.1:8000 (documentation at /docs)
	@$(BIN)/oimaq serve --with-worker

work: $(READY)  ## a worker alone
	@$(BIN)/oimaq work

test: $(READY)  ## all tests, at most 10 minutes on two cores
	@$(BIN)/python -m pytest -n 4 --dist loadgroup

check: $(READY)  ## lint, types, imports, sizes, OpenAPI and migrations without drift
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest tests/architecture tests/migrations

bench: $(READY)  ## figures as JSON lines, each as a ratio to pgbench in the same run
	@$(BIN)/python -m tests.bench

faults: $(READY)  ## kill -9 and other misfortunes, the long form
	@$(BIN)/python -m pytest tests/faults --long -s

openapi: $(READY)  ## write openapi/openapi.json anew
	@$(BIN)/oimaq openapi > openapi/openapi.json.new && mv openapi/openapi.json.new openapi/openapi.json

drawings: $(READY)  ## write the life cycles of the rule packages anew
	@$(BIN)/oimaq procedures draw > domain/procedures/LIFE_CYCLES.md.new && mv domain/procedures/LIFE_CYCLES.md.new domain/procedures/LIFE_CYCLES.md

migration: $(READY)  ## a new migration from the rows: make migration m="add a column"
	@$(BIN)/oimaq migration "$(m)"

lock: $(READY)  ## pin the dependencies anew
	@$(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate --group dev pyproject.toml -o requirements.lock
