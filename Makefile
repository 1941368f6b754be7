# Every target makes what it needs: a fresh machine wants Python 3.11 and make, nothing else.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export FLWR_TELEMETRY_ENABLED := 0
# dbt renders the models for an empty warehouse that it makes
SQLFLUFF := SLOYFE_WAREHOUSE=build/sqlfluff/warehouse.duckdb $(BIN)/sqlfluff
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 4 --no-loadscope-reorder

MUTATED ?= ledger gate door mechanisms bounds
MUTANTS := $(CURDIR)/build/mutants

.PHONY: help setup axe demo test test-all test-spark mutants java lint format lock clean

help: ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready ## the environment, in .venv (uv if it is there, else venv and pip)

.venv/.ready: pyproject.toml uv.lock requirements.lock
	@if command -v uv >/dev/null 2>&1; then \
		uv sync --frozen --quiet --compile-bytecode; \
	else \
		$(PYTHON) -m venv .venv && \
		$(BIN)/pip install --quiet --requirement requirements.lock && \
		$(BIN)/pip install --quiet --no-deps --editable .; \
	fi
	@touch $@

demo: setup ## the whole loop on this machine: registers in, a private release out
	$(BIN)/sloyfe demo --out demo

test: setup ## the default tests
	$(PYTEST) -m "not slow and not spark"

test-all: setup axe ## the slower suites as well
	$(PYTEST) -m "not spark" --hypothesis-profile thorough

# Rules of accessibility for the tests in a browser (Debian: apt install chromium npm); they skip
# where either is not there.
axe: build/axe/package/axe.min.js

build/axe/package/axe.min.js:
	@if command -v npm >/dev/null 2>&1; then \
		mkdir -p build/axe && cd build/axe && \
		{ npm pack --silent axe-core@4.14.1 >/dev/null && tar xzf axe-core-4.14.1.tgz; } || \
		echo "axe-core could not be fetched: pages are not held to axe" >&2; \
	else \
		echo "npm is not there: pages are not held to axe" >&2; \
	fi

test-spark: java setup .venv-spark/.ready ## the models to the marts on Spark, equal to DuckDB's (wants Java 17)
	SLOYFE_SPARK_PYTHON=$(CURDIR)/.venv-spark/bin/python $(BIN)/pytest -m spark tests/spark

.venv-spark/.ready: requirements-spark.lock
	@if command -v uv >/dev/null 2>&1; then \
		UV_PROJECT_ENVIRONMENT=.venv-spark uv sync --frozen --quiet --only-group spark; \
	else \
		$(PYTHON) -m venv .venv-spark && \
		.venv-spark/bin/pip install --quiet --requirement requirements-spark.lock; \
	fi
	@touch $@

mutants: setup build/mutants/.venv/.ready ## break the privacy code in small ways, and see whether tests notice (an hour)
	@for part in $(MUTATED); do \
		$(MUTANTS)/.venv/bin/python infra/mutants/find.py $$part $(MUTANTS)/$$part.json && \
		$(BIN)/python infra/mutants/run.py $$part $(MUTANTS)/$$part.json $(MUTANTS)/$$part.jsonl || exit 1; \
	done
	@$(BIN)/python infra/mutants/run.py --score $(MUTATED:%=$(MUTANTS)/%.json)

build/mutants/.venv/.ready:
	$(PYTHON) -m venv build/mutants/.venv
	build/mutants/.venv/bin/pip install --quiet cosmic-ray==8.7.0
	@touch $@

java:
	@version=$$("$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -XshowSettings:properties -version 2>&1 | \
		sed -n 's/.*java.specification.version = //p'); \
	if [ "$${version%%.*}" -ge 17 ] 2>/dev/null; then exit 0; fi; \
	echo "Spark wants Java 17 or newer, and found $${version:-none}." >&2; \
	echo "Install one (Debian, Ubuntu: apt install openjdk-17-jre-headless), or set JAVA_HOME." >&2; \
	exit 1

lint: setup ## style, types, import boundaries
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	mkdir -p build/sqlfluff
	$(SQLFLUFF) lint dbt_models/models

format: setup ## put the style right
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	mkdir -p build/sqlfluff
	$(SQLFLUFF) fix dbt_models/models

lock: ## resolve again: uv.lock, and requirements.lock for pip
	uv lock
	uv export --frozen --quiet --no-emit-project --no-hashes --output-file requirements.lock
	uv export --frozen --quiet --only-group spark --no-hashes --output-file requirements-spark.lock
	sed -i '1,2d' requirements.lock requirements-spark.lock

clean: ## remove the environment and the demo
	chmod -R u+w demo 2>/dev/null || true
	rm -rf .venv .venv-spark demo
