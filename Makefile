# What a developer types. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PY := .venv/bin/python
PYTEST := $(PY) -m pytest
WORKERS ?= 2
# A file stays with one worker, in the order that tests/conftest.py gives.
SPREAD = -n $(WORKERS) --dist loadscope --no-loadscope-reorder
# What mypy, the checks and the tests load as settings (manage.py says it by itself).
export DEVELOPMENT ?= 1
# Each process would compile all modules anew: half a second of each of the hundreds that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test slow check audit fix bench bench-scale mutants faults screenshots lock clean chromium \
    check-code check-templates check-locks check-imports check-django check-types

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## build the environment in .venv; nothing is started
	@bash requirements/setup.sh
	@bash .ci/pango

run: setup ## migrate, seed the demo, serve on PORT (8000) until Ctrl-C
	@exec env DEMO=1 $(PY) manage.py serve --prepare

test: setup chromium ## all fast tests
	@$(PYTEST) $(SPREAD)

slow: setup chromium ## the slow tier
	@$(PYTEST) $(SPREAD) -m slow

check: setup ## lint, formats, types, import contracts, migrations, generated documents, locks: all faults at once
	@$(MAKE) --keep-going --no-print-directory check-code check-templates check-locks check-imports check-django check-types

check-code:
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check

check-templates:
	@.venv/bin/djlint templates --lint --check

check-locks:
	@$(PY) requirements/check_locks.py

check-imports:
	@.venv/bin/lint-imports --no-logo

check-django:
	@$(PY) manage.py check
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) -m tests.migration_safety
	@$(PY) manage.py docs --check

check-types:
	@.venv/bin/mypy

audit: setup ## a deployment's settings, faults in the code, secrets, known faults of the libraries (asks the network)
	@bash .ci/audit

fix: setup ## repair what the linters can repair
	@.venv/bin/ruff check --fix --exit-zero --quiet
	@.venv/bin/ruff format
	@.venv/bin/djlint templates --reformat --quiet || true

bench: setup ## speeds that are promised
	@$(PY) manage.py bench

bench-scale: setup ## pages and acts on 100,000 complaints against a bare page (docs/scale.md)
	@bash .ci/scale $(OPTIONS)

mutants: setup ## take out controls, one by one, and see the tests fail
	@$(PY) -m tests.mutants

faults: setup ## break PostgreSQL, Redis, disks, clocks and processes under load, and see what holds (over two hours)
	@$(PY) -m tests.faults

screenshots: setup chromium ## take the pictures in docs/ of a demo of their own
	@$(PY) -m tests.screenshots

lock: setup ## renew requirements/*.txt from requirements/*.in (UPGRADE=1: to the newest)
	@bash requirements/lock.sh

clean: ## remove the environment, caches and the demo's data
	@rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@bash .ci/chromium
