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

.PHONY: setup setup-dev run clean venv catalogues

setup: venv
	$(call install,requirements.lock)
	@$(MAKE) --no-print-directory catalogues

setup-dev: venv
	$(call install,requirements-dev.lock)
	@$(MAKE) --no-print-directory catalogues

run: setup
	@LPM_MODE=$${LPM_MODE:-demo} exec $(BIN)/python -m lpm.run

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

%.mo: %.po
	@$(BIN)/pybabel --quiet compile -i $< -o $@
