# `make` alone lists what there is. On another Python: make briefing PYTHON=python3.12

PYTHON ?= python3
AREA ?= data/southend
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help briefing check sample lab hooks filter test types tests bench dictionary lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

briefing: $(INSTALLED) filter  ## make this month's briefings of an area (AREA=data/southend)
	@$(BIN)/sendanalysis run $(AREA)

check: $(INSTALLED)  ## check an area's tables and say what is wrong with them
	@$(BIN)/sendanalysis check $(AREA)

sample: $(INSTALLED)  ## write illustrative extracts for an area
	@$(BIN)/sendanalysis sample $(AREA)

lab: $(INSTALLED) filter  ## open the notebooks in JupyterLab, which asks nothing of the network
	@umask 077; JUPYTER_CONFIG_PATH="$(CURDIR)/sendanalysis/publishing" JUPYTER_PREFER_ENV_PATH=1 $(BIN)/jupyter lab --ServerApp.root_dir=notebooks

hooks: $(INSTALLED) filter  ## keep what notebooks show out of git, as lab and briefing do by themselves
	@echo "git now takes notebooks without outputs, whatever JupyterLab has saved in them."

# In a clone alone: an unpacked copy has no git to commit to, and may lie in the repository of something else.
filter:
	@if [ -e .git ] && command -v git >/dev/null; then \
	  git config filter.notebooks.clean '$(BIN)/python -m sendanalysis.publishing.cleaning' && \
	  git config filter.notebooks.smudge cat && \
	  git config filter.notebooks.required true; fi

test: $(INSTALLED)  ## run every check: ruff, mypy and the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types tests

types tests: $(INSTALLED)  # at once, since types are checked by one processor
types:
	$(BIN)/mypy
tests:
	$(BIN)/pytest -q -n auto --dist loadscope --no-loadscope-reorder

bench: $(INSTALLED)  ## time the parts of a monthly run; what is hidden of random ledgers
	@$(BIN)/python benchmarks/bench.py

dictionary: $(INSTALLED)  ## write data/DICTIONARY.md anew from the contracts
	@$(BIN)/python -c "from sendanalysis.inputs.area import data_dictionary; print(data_dictionary(), end='')" > data/DICTIONARY.md

lock:  ## lock the dependencies in pyproject.toml (needs uv on PATH)
	@command -v uv >/dev/null || { echo "make lock needs uv (https://docs.astral.sh/uv) on PATH." >&2; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev pyproject.toml -o requirements.lock

clean:  ## remove the environment and every cache; briefings stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find sendanalysis tests notebooks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

# Made anew when the lock or what an installation is told of the package has changed, and after one that did not end well.
$(INSTALLED): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on PATH. Install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "$$($(PYTHON) --version) will not do. Install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) comes without venv. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into .venv; this takes a minute or two, once."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
