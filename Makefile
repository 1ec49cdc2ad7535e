# Two commands on a fresh machine: `make demo` and `make test`. Each target makes what it needs in .venv first.
PYTHON  ?= python3
VENV    ?= .venv
BIN     := $(VENV)/bin
CLIP    ?=
PLAN    ?=
FOOTAGE ?=
OUT     ?= demo
DEFACE  ?=
BENCH   ?=
PIP     := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help models demo test lint bench leak footage drill recorders campaigns dist dist-check clean

help:
	@echo "make demo        mask a clip made on the spot (or CLIP=... PLAN=... of your own) into $(OUT)/, verify it, show before and after"
	@echo "make models      bring the models here that look for faces and plates (demo and test do so themselves)"
	@echo "make test        lint and all tests"
	@echo "make lint        ruff and mypy"
	@echo "make bench       measure what the README quotes of speed (and CLIP=..., DEFACE=its Python), draw its table and plots"
	@echo "make leak        faces and plates that are missed, on clips with ground truth (or FOOTAGE=...)"
	@echo "make footage     mask every clip of the shared folder (or FOOTAGE=...) and print the table"
	@echo "make drill       every way of tampering with a copy is found and named, and fifty honest copies are not accused"
	@echo "make recorders   real recorders, kills and full hands: the drill of privmask watch, four cameras, a thousand segments"
	@echo "make campaigns   the tests again, each property with thousands of new random examples"
	@echo "make dist-check  build wheel and sdist, install each in an empty environment and mask with it"
	@echo "make clean       remove what the targets made, the environment too"

# pip is given the exact versions for building as well, so the build is not isolated.
$(VENV)/.use: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "privmask needs Python 3.11 or newer, and $(PYTHON) is not: $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make an environment, because its venv module is missing. On Debian and Ubuntu:" >&2; \
	  echo "  apt-get install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "making $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV); }
	$(PIP) install --constraint constraints.txt hatchling editables
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[detect]'
	@touch $@

$(VENV)/.dev: $(VENV)/.use
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

# What stands already is not fetched again: a fifth of a second.
models: $(VENV)/.use
	@$(BIN)/privmask models install

demo: models
	@$(BIN)/privmask demo --out '$(OUT)' $(if $(CLIP),--clip '$(CLIP)') $(if $(PLAN),--plan '$(PLAN)')

test: lint models
	$(BIN)/python -m pytest -n 2 $(PYTEST)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.dev models
	$(BIN)/python benchmarks/bench.py $(if $(CLIP),--clip $(CLIP)) $(if $(FOOTAGE),--footage '$(FOOTAGE)') \
	  $(if $(DEFACE),--deface '$(DEFACE)') $(BENCH)

leak: $(VENV)/.dev models
	$(BIN)/python benchmarks/leak.py $(FOOTAGE) --variants half coarse night infrared --json benchmarks/results/leak.json
	$(BIN)/python benchmarks/faces.py $(FOOTAGE) --json benchmarks/results/faces.json
	$(BIN)/python benchmarks/plates.py $(FOOTAGE) --json benchmarks/results/plates.json

footage: $(VENV)/.dev
	$(BIN)/python benchmarks/footage.py $(FOOTAGE) --json benchmarks/results/footage.json

recorders: $(VENV)/.dev
	$(BIN)/python benchmarks/recorders.py --check

drill: $(VENV)/.dev
	$(BIN)/python benchmarks/drill.py $(FOOTAGE)

campaigns: $(VENV)/.dev models
	PRIVMASK_CAMPAIGN=1 $(BIN)/python -m pytest -n 2 $(PYTEST)

dist: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build --no-isolation

dist-check: dist
	rm -rf build/dist-check
	@for built in dist/*.whl dist/*.tar.gz; do \
	  echo "$$built in an empty environment:"; \
	  $(PYTHON) -m venv --clear build/dist-check || exit 1; \
	  build/dist-check/bin/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt "$$built[detect]" || exit 1; \
	  rm -rf build/dist-check-demo; \
	  (cd build && dist-check/bin/privmask demo --out dist-check-demo) || exit 1; \
	  ! gst-inspect-1.0 python >/dev/null 2>&1 || build/dist-check/bin/privmask gst-env --check || exit 1; \
	done

clean:
	rm -rf $(VENV) build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests examples benchmarks -name __pycache__ -prune -exec rm -rf {} +
