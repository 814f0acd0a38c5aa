# Every target sets up .venv where it is missing. Python 3.11 or newer is all it takes.

# The first of these that runs and is new enough.
PYTHON ?= $(shell for python in python3.11 python3; do \
  $$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo $$python && break; done)

VENV    = .venv
BIN     = $(VENV)/bin
STAMP   = $(VENV)/.installed
TYPES   = build/types

# Tests run in as many processes as there are cores; threads that spin while they wait
# for each other would then cost more time than they save.
TEST_ENV = OMP_WAIT_POLICY=passive TF_CPP_MIN_LOG_LEVEL=2
PYTEST   = $(TEST_ENV) $(BIN)/pytest -n auto

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint types pytest conformance measure format golden bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(STAMP) ## Compile the digits program for three targets, train it, compare
	$(BIN)/python examples/demo.py

test: lint types pytest ## Everything that CI checks

lint: $(STAMP) ## Check style and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Type checkers do not follow an editable install, so they get a copy of the package.
types: $(STAMP) ## Check types
	rm -rf $(TYPES) build/lib build/bdist.*
	$(BIN)/pip install --quiet --no-deps --target $(TYPES) .
	MYPYPATH=$(TYPES):examples $(BIN)/mypy -p dlmc -p benchmarks -m demo

pytest: $(STAMP) ## Run the tests
	$(PYTEST)

conformance: $(STAMP) ## Try many random uses of every definition on every target
	$(PYTEST) tests/conformance/test_variants.py --cases 24

measure: $(STAMP) ## Measure how exact each target is, for the page of the library
	$(TEST_ENV) $(BIN)/python -m tests.conformance.measure

format: $(STAMP) ## Lay the code out and mend what can be mended
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/dlmc fmt examples compiler/library benchmarks

golden: $(STAMP) ## Write the expected outputs of the tests anew, to review as a diff
	$(PYTEST) tests --update-golden

bench: $(STAMP) ## Time the generated code against code written by hand
	$(BIN)/python -m benchmarks

clean: ## Remove what was built, but not .venv
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache

# The framework with the most builds goes first and alone: what needs it later is
# content with the build that is there.
$(STAMP): pyproject.toml setup.py constraints.txt
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "dlmc needs Python 3.11 or newer with venv: make PYTHON=/path/to/python3.11" >&2; \
	  exit 1; }
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt -e '.[all,dev]'
	@# As pip does for a package that is not edited in place.
	@$(BIN)/python -m compileall -q compiler grammar backends
	@touch $@
