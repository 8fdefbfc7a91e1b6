# One command each; every one does its own set-up. Python 3.11 or newer and pip are all that must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV = $(shell command -v uv 2>/dev/null || echo $(VENV)/bin/uv)
STAMP := $(VENV)/.ready
# The certificates that this machine trusts, as pip does: a firewall may have its own.
export UV_SYSTEM_CERTS ?= 1

# Processes that share the tests: one more than there are cores, since some tests wait for servers.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))')
# How many cases of a test are run, spread over all of them, and no test that is marked long; `all` runs every one, and is
# what gates a landing.
CASES ?= 3
# More than there are cores: some of the quick tests wait. Each costs four seconds to begin.
QUICK_WORKERS ?= 3
# A machine that sets it would compile every library anew in every process that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run replay test quick faults continuity clients check code lint types quick-tests fmt lock catalog console console-test bench bench-peers sweep audit setup clean

run: setup
	@$(BIN)/python -m local

test: check
	@$(BIN)/python -m pytest -n $(WORKERS) --most-cases $(CASES)

# What a change of the translation or the exchange wants to know soon.
QUICK := tests/test_architecture.py tests/hub tests/wire tests/protocols tests/exchange
quick: lint
	@$(MAKE) --no-print-directory -j2 types quick-tests

quick-tests: setup
	@$(BIN)/python -m pytest -n $(QUICK_WORKERS) --recordings-every 10 --most-cases 2 $(QUICK)

# Every fault of a vendor in every protocol, one route and two; writes docs/faults.md.
faults: setup
	@INTERCHANGE_ALL_FAULTS=1 $(BIN)/python -m pytest -q tests/faults

# The change of the model in mid-conversation, for every client and pair of vendors; writes docs/continuity.md. And every
# transcript that began elsewhere, with every kind of vendor.
continuity: setup
	@INTERCHANGE_WRITE_CONTINUITY=1 $(BIN)/python -m pytest -q tests/continuity -k page
	@INTERCHANGE_EVERY_ORIGIN=1 $(BIN)/python -m pytest -q tests/continuity/test_begun_elsewhere.py

# The clients of tests/clients, whose table it writes into docs/client-versions.md; the Node SDKs, the Vercel AI SDK, Claude Code
# and Codex, and every page of docs/clients with what its install line names: at their newest versions, which it installs into
# .tools/clients.
clients: setup
	@INTERCHANGE_NEWEST_CLIENTS=1 $(BIN)/python -m pytest -rsP tests/clients tests/sdk/test_ai_sdk.py tests/sdk/test_agents.py tests/sdk/test_sdks.py tests/sdk/test_guides.py

check: code

code: lint types

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

fmt: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

setup: $(STAMP)

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + " (set PYTHON=...)")'
	@echo "setting up $(VENV): once, half a minute and the package index" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x "$(UV)" || $(BIN)/python -m pip install --quiet uv
	@$(UV) pip sync --quiet --python $(BIN)/python requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# The lock files: exact versions with hashes, no addresses.
lock: setup
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" pyproject.toml -o requirements/runtime.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" pyproject.toml --group dev -o requirements/dev.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --group docs -o requirements/docs.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --group payments -o requirements/payments.txt

# An event through its function, without AWS: `make replay EVENT=chat/rest-stream`, or a file; BUILT=1 the built artefact.
# `make replay RECORD=mine.json` makes such a file of the next request to PORT, or with LOG=FILE of a line of a log.
replay: setup
	@$(BIN)/python -m local.replay $(if $(RECORD),--record $(RECORD) $(if $(LOG),--log $(LOG)) $(if $(PORT),--port $(PORT)) $(if $(KEEP_TEXT),--keep-text),$(EVENT) $(if $(BUILT),--built))

catalog: setup
	@$(BIN)/python scripts/catalog.py $(FACTS)

# Builds the console into functions/console/static, which is committed so that Python alone serves it. Needs Node and npm.
console: setup
	@cd console && npm install --no-save --no-audit --no-fund --silent
	@$(BIN)/python -m scripts.openapi console/.openapi
	@cd console && node scripts/types.mjs .openapi/openapi.json && npm run --silent build

# Every page, width, scheme and state of the console in Chromium; `make test` has a part of it.
console-test: setup
	@CONSOLE_ALL=1 $(BIN)/python -m pytest tests/console

# The operator's rounds, on the table that the environment names.
sweep audit: setup
	@$(BIN)/python -m interchange $@

bench: setup
	@$(BIN)/python -m benchmarks

# Beside other gateways, which it installs: takes some minutes, needs Linux, Node and npm. Writes docs/performance.md.
bench-peers: setup
	@$(BIN)/python -m benchmarks.peers

clean:
	@rm -rf $(VENV) .tools .aws-sam .mypy_cache .ruff_cache .hypothesis

-include aws.mk
