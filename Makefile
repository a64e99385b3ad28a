# Two commands for a newcomer: `make demo` draws Figure 2 on the bundled cohort, `make test` checks everything.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test test-pandas3 lint types imports tests fuzz fuzz-readers catalogue bench bench-kernels bench-gene-sets bench-batch null calibration \
        check-page docs wheel release-check clean

demo: $(VENV)/.installed
	$(BIN)/strata demo --out demo

test: lint types imports tests

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check src tests examples docs/*.py .ci
	$(BIN)/ruff format --check src tests examples docs/*.py .ci

types: $(VENV)/.installed-dev
	$(BIN)/mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

tests: $(VENV)/.installed-dev
	$(BIN)/pytest -n auto

# The property tests on examples that no run before has seen
fuzz: $(VENV)/.installed-dev
	$(BIN)/pytest -n auto --hypothesis-profile=fuzz $$(grep -rl "^from hypothesis" tests --include='test_*.py')

# Damaged copies of good files through every reader; N=100000 for a release. What breaks is kept in tests/broken/corpus
N ?= 20000
SEED ?= 1
fuzz-readers: $(VENV)/.installed-dev
	PYTHONPATH=tests $(BIN)/python tests/broken/fuzz_readers.py --executions $(N) --seed $(SEED)

# The newest lifelines asks for pandas below 3: where pandas 3 is asked for, pip chooses lifelines 0.30.0, which does not
test-pandas3: $(VENV)-pandas3/.installed
	$(VENV)-pandas3/bin/pytest -n auto

# The page of all signatures, after a signature was added or changed
catalogue: $(VENV)/.installed-dev
	$(BIN)/strata signatures page > signatures/CATALOGUE.md

# Long, about 25 minutes: strata and its peers in turn; make bench ARGS="--quick" takes 3, ARGS="--help" says the rest
bench: $(VENV)/.installed-dev
	PYTHONPATH=benchmarks $(BIN)/python -m bench $(ARGS)

# The kernels' times beside those of the last run; nothing asserts them
bench-kernels: $(VENV)/.installed-dev
	$(BIN)/pytest -p benchmark -W default benchmarks/test_kernels.py --benchmark-storage=file://$(abspath $(VENV))/benchmarks \
	    --benchmark-autosave --benchmark-compare --benchmark-columns=median,iqr,rounds $(ARGS)

# Long: gene-set scores beside gseapy and R's GSVA, where they are installed
bench-gene-sets: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/gene_sets.py

# Many small cohorts in one batch: time, memory over time; ARGS="--cohorts 10000 --jobs 2 --kill" takes an hour
bench-batch: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/many_cohorts.py $(ARGS)

# Long: 2,000 null simulations of the whole path, within exact binomial limits
null: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/null_simulation.py

# Long: levels, coverage, recovery and false discoveries, within exact binomial limits; S=20000 for a release
S ?= 2000
calibration: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/calibration.py $(S)

# The page of a run in a real browser with axe-core, which npm fetches; needs Chromium and Node
check-page: $(VENV)/.installed-dev
	npm install --prefix tests/report/axe --no-audit --no-fund --no-package-lock --silent
	$(BIN)/pytest tests/report/test_page_browser.py

# The pages, into docs/_build: warnings are errors, and the figures are drawn by the code of the pages. No network
docs: $(VENV)/.installed-docs
	$(BIN)/sphinx-build -W --keep-going --quiet -j auto -b html docs docs/_build
	@echo "docs/_build/index.html"

wheel: $(VENV)/.installed-dev
	$(BIN)/python -m build --wheel --outdir dist .

# Long: wheel and sdist in environments of their own, by each Python of 3.11 to 3.13 that is here, with the newest and the
# lowest dependencies and with pandas 3. ARGS="--tests" runs tests there too; "--python python3.12 --dependencies lowest"
release-check: $(VENV)-release/.installed
	$(VENV)-release/bin/python .ci/release_check.py $(ARGS)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "strata needs Python 3.11 or newer; name one with: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "installing into $(VENV), about a minute"
	$(PIP) install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "installing into $(VENV) with what the tests need"
	$(PIP) install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --quiet --editable '.[docs]'
	touch $@ $(VENV)/.installed

$(VENV)-pandas3/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)-pandas3
	$(VENV)-pandas3/bin/python -m pip install --quiet --editable '.[dev]' 'pandas>=3,<4'
	touch $@

$(VENV)-release/.installed:
	$(PYTHON) -m venv $(VENV)-release
	$(VENV)-release/bin/python -m pip install --quiet build cffconvert twine uv
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-pandas3 $(VENV)-release demo dist build docs/_build docs/_made .pytest_cache .mypy_cache .ruff_cache .hypothesis
