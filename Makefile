# crm-cleanup. `make demo` and `make test` do all the set-up there is; they need Python 3.11 or later, and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO := build/demo
WORKERS ?= 2
PROFILE ?= quick
FUZZ ?= 60
SEED ?= $(shell git rev-parse --short=7 HEAD 2>/dev/null | sed 's/^/0x/' | xargs printf '%d' 2>/dev/null || echo 1)
# One worker has a file's tests, in the order of their folders: the last files are small, and no worker waits long.
WORK = -n $(WORKERS) --dist loadfile --no-loadscope-reorder --ignore=tests/odoo --junitxml=build/suite.xml
SHARE = --hypothesis-profile=$(PROFILE) --fuzz $(FUZZ)
KILLS ?= 200
CUTS ?= 100
SERVER_KILLS ?= 20

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, each start of Python compiles all modules anew: half a second of CPU for each command and worker.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help venv demo test lint types suite coverage share seed deep slow test-odoo format lock fuzz faults mutants bench bench-small clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(INSTALLED) ## create the virtual environment in .venv, from the lock file

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "crm-cleanup needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(INSTALLED) ## plan, approve, apply and verify the clean-up of the sample CRM, in build/demo
	@rm -rf $(DEMO)
	@mkdir -p $(DEMO)
	$(BIN)/crm-cleanup plan configs/demo.yaml --out $(DEMO)/plan
	$(BIN)/crm-cleanup approve $(DEMO)/plan --by "Maria Muster"
	$(BIN)/crm-cleanup apply $(DEMO)/plan
	$(BIN)/crm-cleanup verify $(DEMO)/plan
	@printf '%s\n' '' 'Where the results are:' \
	  '  $(DEMO)/plan/report.html       the dry run, for people who sign it: open it in a browser' \
	  '  $(DEMO)/plan/report.md         the same, as a pull request shows it' \
	  '  $(DEMO)/plan/report.json       the same numbers for machines' \
	  '  $(DEMO)/plan/review.xlsx       the families that a person must decide, and all lists' \
	  '  $(DEMO)/pipeline.db            the lead pipeline: leads with their notes, and the ledger' \
	  'What to try next:' \
	  '  $(BIN)/crm-cleanup apply $(DEMO)/plan     again: nothing is written twice' \
  '  $(BIN)/crm-cleanup status $(DEMO)/plan    where it stands, and what comes next' \
  '  $(BIN)/crm-cleanup undo $(DEMO)/plan      all is as it was before' \
	  '  edit a rule in configs/demo.yaml, and then make demo' \
	  '  $(BIN)/crm-cleanup init YOUR_CRM --out my.yaml     the first config for your own CRM: a folder, a database or an Odoo'

test: lint types suite ## lint, types and the suite, quickly; databases as tests/servers gives them

lint: $(INSTALLED) ## find what ruff finds, and files that are not formatted
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## check all types
	$(BIN)/mypy

suite: $(INSTALLED) ## run the tests
	$(BIN)/python -m pytest $(WORK) $(SHARE)

share: SHARE += --hypothesis-seed=$(SEED) --fuzz-seed $(SEED)
share: seed suite ## run the tests with the examples and damaged inputs that this commit's hash picks

seed:
	@echo "Seed $(SEED), from this commit's hash (0 or 1 where git names none); SEED=N takes another share."

coverage: $(INSTALLED) ## run the tests with branch coverage, and report it
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest $(WORK) $(SHARE)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

deep: ## all that can be tried, for hours: coverage, 2,000 damaged inputs, 200 kills, planted faults
	$(MAKE) lint types
	$(MAKE) coverage PROFILE=deep FUZZ=2000
	$(MAKE) faults
	$(MAKE) mutants

slow: suite ## run the tests and write tests/slow.md: the 30 slowest and what they prove
	$(BIN)/python -m tests.slow build/suite.xml > tests/slow.md

test-odoo: seed $(INSTALLED) ## build and start real Odoos 14 and 19, test against them, stop both; needs root
	tests/odoo/run -n $(WORKERS) --dist worksteal $(if $(ODOO_SHARE),--odoo-share $(SEED))

format: $(INSTALLED) ## format all files
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: ## bring requirements.lock up to date with pyproject.toml; needs uv
	uv pip compile --quiet pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.lock

fuzz: FUZZ = 2000
fuzz: seed $(INSTALLED) ## damage 2,000 inputs: each gives a plan with rejects or a clear error
	$(BIN)/python -m pytest -n $(WORKERS) tests/pipeline/test_fuzz.py --fuzz $(FUZZ) --fuzz-seed $(SEED)

faults: seed $(INSTALLED) ## kill apply, retire and undo, cut their connections, kill their servers; counts what held
	$(BIN)/python -m tests.faults --kills $(KILLS) --cuts $(CUTS) --server-kills $(SERVER_KILLS) --seed $(SEED)

mutants: seed $(INSTALLED) ## plant faults in a copy of etl: tests must catch each; MUTANTS=8 tries 8 of them
	$(BIN)/python -m tests.mutants --workers $(WORKERS) $(if $(MUTANTS),--share $(SEED)/$(MUTANTS))

bench: $(INSTALLED) ## measure plan, apply and verify against a plain copy; takes half an hour
	$(BIN)/python tests/benchmarks/pipeline.py

bench-small: $(INSTALLED) ## measure small clean-ups in CPU seconds; AGAINST=FOLDER compares an older checkout
	$(BIN)/python tests/benchmarks/small.py $(if $(AGAINST),--against $(AGAINST))

clean: ## remove all that was made here, but not the virtual environment
	rm -rf build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
