# Two commands are enough: `make demo` and `make test`. Each sets up what it needs in .venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
CORES ?= 2
BIN := .venv/bin
READY := .venv/.ready
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help install demo paper test lint clean lock

help:
	@echo "make demo    the whole pipeline on embedded data, in minutes (results/demo)"
	@echo "make test    every test"
	@echo "make paper   the paper's run: snakemake --cores 8 all (hours; a GPU helps)"
	@echo "make lint    ruff, snakefmt and snakemake --lint"
	@echo "make clean   remove the environment, the demo and caches; data and results stay"

install: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gan-repro needs Python 3.11 or newer, but $(PYTHON) is older;" \
	  "try: make PYTHON=python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

demo: install
	@snakemake all --configfile config/demo.yaml --cores $(CORES) 2>&1 \
	  | python workflow/scripts/brief.py
	@gan-repro compare --results results/demo

paper: install
	snakemake --cores 8 all

test: install
	pytest

lint: install
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow
	snakemake --lint
	snakemake --lint --configfile config/demo.yaml

clean:
	rm -rf .venv .snakemake .pytest_cache .hypothesis .ruff_cache results/demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two files repeat the pins: environment.yml for conda, workflow/envs for jobs that conda sets up; a
# test compares them.
lock: install
	@(echo "# Every package of the environment, pinned. Made by: make lock"; \
	  $(BIN)/python -m pip freeze --exclude-editable | sed "s/+cpu$$//") > requirements.lock
	@for file in environment.yml workflow/envs/gan-repro.yaml; do \
	  (sed -n "1,/- pip:/p" $$file; grep -e "- --editable" $$file; \
	   sed -n "s/^\([^#].*\)/      - \1/p" requirements.lock) > environment.new; \
	  mv environment.new $$file; done
