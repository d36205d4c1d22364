# What an engineer does here, by name. `make` alone lists it.
# Everything lives in .venv, whatever other environment is active; pip installs what the locks name.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test lint bench chaos fuzz openapi lock clean chromium
MAKEFLAGS += --no-builtin-rules --no-print-directory
# An engineer's own settings for other projects must not reach into this one.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV

VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
PYTEST := $(PY) -m pytest
# More words for pytest, e.g. make test ARGS="-k alerts -x"
ARGS ?=

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

install: $(VENV)/.run ## install what Handrail runs on, and the command .venv/bin/handrail

run: $(VENV)/.run ## install what is missing, then serve the demonstration (Ctrl-C stops)
	@exec $(PY) -m app.cli run --demo $(ARGS)

test: $(VENV)/.dev chromium ## every test that belongs to a change
	$(PYTEST) -n 2 --dist loadfile --session-timeout 1800 $(ARGS)

lint: $(VENV)/.dev ## style, types, import directions; drift of the API document and of the schema
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) $(VENV)/bin/lint-imports
	$(PY) -m app.cli openapi --check
	$(PY) -m app.cli migrate --check

bench: $(VENV)/.dev ## how fast it is, on this machine
	$(PY) -m tests.bench $(ARGS)

chaos: $(VENV)/.dev ## kill it, cut it off, fill its disk: is anything lost?
	$(PYTEST) tests/chaos --timeout 900 $(ARGS)

fuzz: $(VENV)/.dev ## hostile and random requests against a real server
	$(PYTEST) tests/fuzz --timeout 900 $(ARGS)

openapi: $(VENV)/.dev ## write openapi/handrail.json anew
	$(PY) -m app.cli openapi

lock: $(VENV)/.python ## resolve the requirements anew (UPGRADE=--upgrade for the newest)
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(UV_COMPILE) requirements.in -o requirements.txt
	$(UV_COMPILE) requirements-dev.in -c requirements.txt -o requirements-dev.txt

# One lock for every platform, with hashes, and without the address of the index that it was made on.
UV_COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UPGRADE)

clean: ## remove what make made here, except .handrail, which holds data
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@sh tests/install_chromium.sh

# The first of these that is new enough makes the environment.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11

$(VENV)/.python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then break; fi; \
	  python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Handrail needs Python 3.11 or newer, and this machine has none on its PATH." \
	    "Install it (Debian, Ubuntu: sudo apt-get install python3 python3-venv; macOS: brew install python) and run make again." >&2; exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	  echo "$$python cannot make virtual environments: its venv module is not installed." \
	    "Install it (Debian, Ubuntu: sudo apt-get install python3-venv) and run make again." >&2; exit 1; \
	fi; \
	$(PY) -c '' 2>/dev/null || rm -rf $(VENV); \
	$$python -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements.txt $(VENV)/.python
	@echo "Installing what Handrail runs on (half a minute, once)."
	@$(PIP_INSTALL) -r requirements.txt
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/.venv/bin/python" -m app.cli "$$@"\n' "$(CURDIR)" "$(CURDIR)" > $(VENV)/bin/handrail
	@chmod +x $(VENV)/bin/handrail
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing what tests and checks need (half a minute, once)."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@
