# The chores. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup test one slow lint fix bench house pictures floors lock audit ci

BIN := .venv/bin
PYTHON := $(BIN)/python

help:  ## list the chores
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup:  ## .venv with what the tests need, and the hooks of git
	python3 -m venv .venv
	$(PYTHON) -m pip install -q --require-hashes -r requirements-test.lock
	$(BIN)/pre-commit install

test:  ## every test but the slow ones
	$(PYTHON) -m pytest

one:  ## one module or test, slow or not: make one T=tests/core/judging/test_checks.py
	$(PYTHON) -m pytest -n 0 -m '' $(or $(T),$(error name the test: make one T=tests/core/judging/test_checks.py))

slow:  ## the slow tests
	$(PYTHON) -m pytest -m slow

lint:  ## ruff, mypy and the guard of the floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fix:  ## let ruff mend and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench:  ## each step of a cycle as a multiple of json.loads
	$(PYTHON) -m tests.benchmark

house:  ## how many modules, how deep, how long
	$(PYTHON) -m tests.house

pictures:  ## the pictures of the documentation, from a fresh demo
	$(PYTHON) -m docs.make_pictures

floors:  ## the drawing in ARCHITECTURE.md
	$(PYTHON) -m docs.draw_floors

lock:  ## the locked versions, after a change in pyproject.toml (needs uv)
	.ci/lock

audit:  ## whether anything in the locks is known to be vulnerable
	.ci/audit

ci:  ## everything that has to hold, as CI runs it
	.ci/run
