# Every target sets up what it needs in .venv; nothing has to be installed by hand but Python ≥ 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs bench clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: $(VENV)/demo.stamp ## factor the covariance of real temperatures; pictures and factors under demo/
	$(BIN)/otimes demo --out demo

test: $(VENV)/test.stamp ## run the whole test suite
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/lint.stamp ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/demo.stamp ## write the generated pages of docs/
	$(BIN)/python docs/generate.py

bench: $(VENV)/bench.stamp ## measure against the peers; results and tables under benchmarks/results and docs/
	$(BIN)/python -m benchmarks

clean: ## remove the environment and everything generated that is not kept
	rm -rf $(VENV) demo build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/pip.stamp:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install "pip>=25.1"
	@touch $@

$(VENV)/demo.stamp: $(VENV)/pip.stamp pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e ".[cli,plot]"
	@touch $@

$(VENV)/test.stamp $(VENV)/lint.stamp $(VENV)/bench.stamp: $(VENV)/%.stamp: $(VENV)/demo.stamp
	$(PIP) install -c constraints.txt --group $*
	@touch $@
