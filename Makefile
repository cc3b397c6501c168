# Two commands are enough: `make demo` and `make test`. Each sets up what it needs in .venv.

SHELL := /bin/bash
# Make 3.81, as macOS has it, knows no .SHELLFLAGS: a line that needs pipefail says so itself.
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
CORES ?= 2
# Which PyTorch: see "Installing" in README.md.
LOCK ?= requirements.lock
TORCH_INDEX ?=
BIN := .venv/bin
READY := .venv/.ready
export PATH := $(CURDIR)/$(BIN):$(PATH)
# A module is compiled when it is first imported, and that is kept: else each of a hundred processes
# would compile it anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install demo paper test torture cluster-test mutants bench gpu lint clean lock

help:
	@echo "make demo    the whole pipeline on embedded data, in minutes (results/demo)"
	@echo "make test    every test"
	@echo "make torture      kills, damaged files, misbehaving servers, many of each: about ten minutes"
	@echo "make cluster-test the workflow through a Slurm cluster of one node, started for it"
	@echo "make mutants      single errors planted one by one, and what notices them: half an hour"
	@echo "make bench        how fast, in ratios of one run: minutes (results/benchmarks.csv)"
	@echo "make gpu          one GPU checked, timed, and used for 24 minutes (results/gpu/pack)"
	@echo "make paper   the paper's run: snakemake --cores 8 all (hours; a GPU helps)"
	@echo "make lint    ruff, snakefmt and snakemake --lint"
	@echo "make clean   remove the environment, the demo and caches; data and results stay"

install: $(READY)

# A newer pip looks through an index in a fraction of the time; where there is none, the old one does.
$(READY): $(LOCK) requirements.hashes pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gan-repro needs Python 3.11 or newer, but $(PYTHON) is older;" \
	  "try: make PYTHON=python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --no-compile --upgrade pip 2> /dev/null || true
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes --no-deps \
	  --requirement requirements.hashes
	$(BIN)/python -m pip install --quiet --no-compile --requirement $(LOCK) \
	  $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@printf '%s\n' $(IMPORTED) | xargs -P 2 -I {} $(BIN)/python -c 'import {}' || true
	@touch $@

# Compiled on installation, side by side, is most of what commands and tests import: a quarter of what is
# installed.
IMPORTED := \
  "torch.func, safetensors.torch, sympy, matplotlib.backends.backend_pdf, gan_repro.experiments.job" \
  "scipy.stats, sklearn.cluster, sklearn.datasets, skimage.data, pandas, matplotlib.pyplot, papermill" \
  "nbconvert, ipykernel.kernelapp, snakemake.cli, snakemake.report.html_reporter, gan_repro.cli" \
  "pytest, xdist.remote, hypothesis, black, IPython.core.interactiveshell, mistune"

demo: install
	@set -o pipefail; snakemake all --configfile config/demo.yaml --cores $(CORES) 2>&1 \
	  | python workflow/scripts/brief.py
	@gan-repro compare --results results/demo

paper: install
	snakemake --cores 8 all

# Files side by side, those of one file in turn: they share what they have trained.
test: install
	pytest -n $(CORES) --dist loadfile --no-loadscope-reorder

# The same attacks as in `make test`, but many; the last figures are in docs/reliability.md.
torture: install
	GAN_REPRO_TORTURE=full pytest tests/torture tests/workflow/test_survives.py tests/data/test_fetch.py

# Needs root, and Debian's slurmctld, slurmd, slurm-client and munge; skipped where they are not.
cluster-test: install
	$(BIN)/python -m pip install --quiet --constraint requirements.lock 'snakemake-executor-plugin-slurm>=2.0'
	GAN_REPRO_CLUSTER=1 pytest tests/cluster -rs

mutants: install
	python tests/mutants.py

# One thread: what the goals are stated for. KeOps joins the comparison where it is installed.
bench: install
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 \
	  python -m benchmarks --document docs/performance.md

# Goes on where it stopped; MINUTES=9 suits a machine that gives ten at a time.
MINUTES ?= 24
gpu:
	$(if $(wildcard $(READY)),$(BIN)/python,$(PYTHON)) -m benchmarks.gpu --minutes $(MINUTES)

lint: install
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow
	snakemake --lint
	snakemake --lint --configfile config/demo.yaml

clean:
	rm -rf .venv .snakemake .pytest_cache .hypothesis .ruff_cache results/demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# PyTorch has no hash: its builds for CPUs and for CUDA are different files of different indexes.
# Two files repeat the pins: environment.yml for conda, workflow/envs for jobs that conda sets up; a
# test compares them.
lock: install
	@(echo "# Every package of the environment, pinned. Made by: make lock"; \
	  $(BIN)/python -m pip freeze --exclude-editable --exclude uv | sed "s/+cpu$$//") > requirements.lock
	$(BIN)/python -m pip install --quiet uv
	@(echo "# Every package of requirements.lock but PyTorch, with the SHA-256 of its files. Made by: make lock"; \
	  grep -v ^torch== requirements.lock | $(BIN)/uv pip compile --quiet --generate-hashes --no-deps \
	    --no-header --no-annotate -) > requirements.hashes
	@(echo "# What PyTorch's CUDA build needs beside requirements.lock. Made by: make lock"; \
	  echo "--requirement requirements.lock"; \
	  $(BIN)/uv pip compile --quiet --python-platform linux --no-header --no-annotate requirements.lock \
	    | grep -vxFf <(tr A-Z_ a-z- < requirements.lock)) > requirements-cuda.lock
	@for file in environment.yml workflow/envs/gan-repro.yaml; do \
	  (sed -n "1,/- pip:/p" $$file; grep -e "- --editable" $$file || true; \
	   sed -n "s/^\([^#].*\)/      - \1/p" requirements.lock) > environment.new; \
	  mv environment.new $$file; done
