# TIL Explorer. Every target sets up what it needs; `make run` and `make test` are all most people want.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
WATCH ?= none
RUNS ?= 5000

.PHONY: setup run test soak fuzz lint format bench calibrate screenshots clean

setup: $(VENV)/.run $(VENV)/.dev

# One stamp for what runs the dashboard, one for what tests it: `make run` never installs test tools.
$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "TIL Explorer needs Python 3.11 or newer; name one with make PYTHON=python3.12"'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

run: $(VENV)/.run
	$(BIN)/python -m tilexplorer simulate --if-empty
	@echo "TIL Explorer: http://localhost:$(PORT)"
	PYTHONPATH=. $(BIN)/python -m streamlit run app.py --server.port $(PORT) --server.fileWatcherType $(WATCH)

test: setup
	$(BIN)/python -m pytest

# What takes many minutes: every filter and every control on every other page, in a real browser; fifty killed imports.
soak: setup
	$(BIN)/python -m pytest -m soak -n 0 -vv -o addopts= tests

# Wheels of the fuzzer exist for some platforms only: nothing else needs it.
$(VENV)/.fuzz: requirements-fuzz.txt $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-fuzz.txt
	touch $@

fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tests.fuzz --runs $(RUNS)

lint: setup
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

format: setup
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

bench: setup
	$(BIN)/python -m benchmarks

calibrate: setup
	$(BIN)/python -m benchmarks.calibrate

screenshots: setup
	$(BIN)/python -m benchmarks.screenshots

clean:
	rm -rf $(VENV) data/store .pytest_cache .mypy_cache .ruff_cache
