# make demo | test | check | bench: each sets up the virtual environment it needs by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test coverage check bench lock clean help

help:
	@echo "make demo   the sandbox with the shipped knowledge on http://127.0.0.1:8080"
	@echo "make test   the whole test suite"
	@echo "make coverage  the same, and which lines it runs"
	@echo "make check  ruff, mypy --strict, import-linter, content check"
	@echo "make bench  the benchmarks"
	@echo "make lock   pin the dependencies anew"

# What running needs; the demo waits for nothing else.
$(VENV)/.run: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run
	$(BIN)/lotse demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist worksteal

# Apart from the tests, since measuring makes them half as slow again.
coverage: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/lotse knowledge check

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# hatchling builds the project itself, so it is pinned with what running needs.
# Extras stay in the pins: pip 23 takes the newest release for "coverage[toml]" where only "coverage" is pinned, and then refuses it.
lock:
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header --quiet --upgrade -o requirements.lock
	uv pip compile pyproject.toml --extra build --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header --quiet --constraint requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
