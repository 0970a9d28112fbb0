# make run    install, migrate, load the demo list into an empty database, serve
# make test   install what the tests need, run every check and every test
# make bench  measure against Datasette and plain SQLite, fail when a mark is missed (BENCH=--write notes the figures)
# make soak   kill, lock, cut and race far more often than the tests do, in three quarters of an hour; prints the figures as a table
# Both need python3 (3.11 or newer, with venv), make and git; everything else is installed below this directory.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
VENDOR := app/static/vendor
UV     := $(BIN)/uv --quiet

# Compiled once, here, not at every start.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE
# Trust the certificates the system trusts: many networks put their own in between.
export UV_SYSTEM_CERTS := 1
SYSTEM_CERTS := /etc/ssl/certs/ca-certificates.crt
ifneq ($(wildcard $(SYSTEM_CERTS)),)
export NODE_EXTRA_CA_CERTS ?= $(SYSTEM_CERTS)
endif

NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --loglevel=error

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: soak screenshots sbom install help run setup test format lint types layers unit browser bench fmt messages lock clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

## Run

run: $(VENV)/.run $(VENDOR)/.ready
	@$(BIN)/python -m app migrate
	@$(BIN)/python -m app demo --if-empty
	@exec $(BIN)/python -m app serve

## Test

test: format lint
	@$(MAKE) --no-print-directory --jobs=2 types layers unit

format: $(VENV)/.dev
	$(BIN)/ruff format --check --quiet .

lint: $(VENV)/.dev
	$(BIN)/ruff check --quiet .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app
	$(BIN)/djlint app/templates --lint --quiet

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo --no-cache

unit: $(VENV)/.dev node_modules/.dev browser
	$(BIN)/pytest -n 2 --dist worksteal -q

screenshots: $(VENV)/.dev $(VENDOR)/.ready browser
	$(BIN)/python -m tests.screenshots

fmt: $(VENV)/.dev
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format --quiet .

# Brings the Danish catalogue up to date with the texts in the code. What is new has no Danish yet: write it there.
messages: $(VENV)/.run
	@texts=$$(mktemp) && trap 'rm -f "$$texts"' EXIT && \
	$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --sort-output --add-location file --no-wrap --output "$$texts" app && \
	$(BIN)/pybabel --quiet update --input-file "$$texts" --output-dir app/locale --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --no-wrap

bench: $(VENV)/.bench $(VENDOR)/.ready
	@$(BIN)/python -m tests.bench $(BENCH)

# A browser for the tests: the user's own, else Debian's, else Playwright's. One without windows is twice as fast.
browser: $(VENV)/.dev
	@for name in chromium-headless-shell chromium google-chrome google-chrome-stable; do command -v $$name >/dev/null && exit; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the tests"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update >$(VENV)/browser.log 2>&1; \
		for name in chromium-headless-shell chromium; do \
			apt-get install -y --no-install-recommends $$name >>$(VENV)/browser.log 2>&1 && exit; \
		done; \
	fi; \
	$(BIN)/playwright install chromium >$(VENV)/browser.log 2>&1 || \
		{ echo "The tests need Chromium: install the package chromium or google-chrome (tried: $(VENV)/browser.log)."; exit 1; }

# For a server: what serving needs, and nothing else.
install: $(VENV)/.run $(VENDOR)/.ready

# What the product consists of (SBOM, CycloneDX), without a network.
sbom: $(VENV)/.run
	$(BIN)/python -m app.parts sbom.json
SOAKED := tests/test_crashes.py tests/test_two_processes.py tests/test_outages.py tests/test_backup.py \
	tests/test_event_chain.py tests/test_hostile_text.py tests/test_api_fuzzed.py tests/test_forms_fuzzed.py

soak: $(VENV)/.dev
	SOAK=1 $(BIN)/pytest -q $(SOAKED)

## Set-up: each stamp is newer than the files it was made from, so a second run starts at once

setup: $(VENV)/.dev node_modules/.dev browser

$(VENV)/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	@echo "Installing below $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.run: requirements/run.txt $(VENV)/.uv
	@$(UV) pip install --require-hashes --python $(BIN)/python -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(UV) pip sync --require-hashes --python $(BIN)/python $<
	@touch $@

# For `bench` alone.
$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	@$(UV) pip install --require-hashes --python $(BIN)/python -r $<
	@touch $@

$(VENDOR)/.ready: package-lock.json assets.toml app/assets.py | $(VENV)/.run
	@$(NPM) ci --omit=dev >/dev/null
	@$(BIN)/python -m app.assets
	@touch $@

# What only the tests need: QualWeb, which the Danish agency tests websites with. The line above takes it away again.
node_modules/.dev: package-lock.json $(VENDOR)/.ready
	@$(NPM) ci >/dev/null
	@touch $@

## Locks: versions and hashes for every platform, without the address of any package index

COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(LOCK_FLAGS)

# LOCK_FLAGS=--upgrade also renews what is not pinned in pyproject.toml.
lock: $(VENV)/.run
	$(COMPILE) --group uv --output-file requirements/uv.txt
	$(COMPILE) pyproject.toml --group dev --output-file requirements/dev.txt
	$(COMPILE) pyproject.toml --group run --constraints requirements/dev.txt --output-file requirements/run.txt
	$(COMPILE) pyproject.toml --group bench --constraints requirements/dev.txt --output-file requirements/bench.txt
	$(NPM) install --package-lock-only >/dev/null

# Everything that the targets above install or write; the database stays.
clean:
	rm -rf $(VENV) node_modules $(VENDOR) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find app tests migrations -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
