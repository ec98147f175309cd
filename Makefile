# Needs python3 (3.11 or later), make and git; everything else comes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

# $(call install,LOCK): nothing to do when the lock is the one that was installed last.
install = @cmp -s $(1) $(VENV)/installed-$(1) || { \
	echo "Installing the packages of $(1) (a minute or two, once)" && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
	cp $(1) $(VENV)/installed-$(1); }

# Checks read the settings but no server; any address does.
CHECKING := LPM_MODE=demo DATABASE_URL=postgresql://lpm@localhost/lpm REDIS_URL=redis://localhost/0
SOURCES := lpm curriculum students tests manage.py

.PHONY: setup setup-dev run test lint types pytest faults bench lock clean venv catalogues

setup: venv
	$(call install,requirements.lock)
	@$(MAKE) --no-print-directory catalogues

setup-dev: venv
	$(call install,requirements-dev.lock)
	@$(MAKE) --no-print-directory catalogues

run: setup
	@LPM_MODE=$${LPM_MODE:-demo} exec $(BIN)/python -m lpm.run

# Everything that a change must pass; each step alone: make lint, make types, make pytest.
test: lint types pytest

lint: setup-dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint --quiet templates
	$(CHECKING) $(BIN)/python manage.py messages --check
	LPM_DATA_DIR=.data/test LPM_EMBEDDED_FAST=1 $(BIN)/python manage.py makemigrations --check --dry-run

types: setup-dev
	$(CHECKING) $(BIN)/mypy $(SOURCES)

# One worker more than two cores have: browser tests wait for the browser.
pytest: setup-dev
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m pytest -n 3 --cov --cov-report=
	$(BIN)/python -m tests.coverage_gates

# Kills, full disks, torn files: slower, and apart from the tests of every change.
faults: setup-dev
	$(BIN)/python -m pytest tests/faults

bench: setup-dev
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks homes

lock: setup-dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	rm -f locale/*/LC_MESSAGES/*.mo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Kept: the data in $${LPM_DATA_DIR:-.data}"

venv:
	@test -x $(BIN)/pip && $(BIN)/python -c '' 2>/dev/null || { \
	command -v $(PYTHON) >/dev/null || { \
		echo "There is no $(PYTHON): install Python 3.11 or later, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$$($(PYTHON) --version) is too old: name Python 3.11 or later, for example make PYTHON=python3.12" >&2; exit 1; }; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install them, for example apt install python3-venv" >&2; exit 1; }; \
	$(PYTHON) -m venv --clear $(VENV); }

catalogues: $(CATALOGUES)
	@:

# A catalogue that is not whole gets no .mo, and its language is not offered.
%.mo: %.po
	@$(CHECKING) $(BIN)/python manage.py messages --compile
