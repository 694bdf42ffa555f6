# Needs Python 3.10 or newer with venv and pip; everything else is installed into $(VENV) once.
VENV ?= .venv
PYTHON ?= $(shell for p in python3 python python3.13 python3.12 python3.11 python3.10; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 && { echo $$p; break; }; done)
PY = $(VENV)/bin/python
# The constraints name exact versions: asked for a bare torch, some indexes answer with a build of several gigabytes.
PIP = $(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test lint report api clean

demo: $(VENV)/.ready
	$(PY) examples/digits_demo.py

test: $(VENV)/.ready
	$(PY) -m pytest

lint: $(VENV)/.ready-dev
	$(PY) -m ruff check .
	$(PY) -m mypy

report: $(VENV)/.ready
	$(PY) -m compat_suite

api: $(VENV)/.ready
	$(PY) tools/generate_api.py

clean:
	rm -rf $(VENV) build out .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.10 or newer found; name one: make PYTHON=/path/to/python" >&2; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PIP) -e ".[test,demo]"
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) -e ".[test,demo,dev]"
	touch $@
