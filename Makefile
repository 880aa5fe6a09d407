# Everything runs from .venv, which is made on first use. Debian with git, make and Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench lock packages clean

help: ## say what can be made
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/run.stamp: requirements.txt pyproject.toml deploy/bootstrap.sh
	@sh deploy/bootstrap.sh "$(PYTHON)" requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt pyproject.toml deploy/bootstrap.sh
	@sh deploy/bootstrap.sh "$(PYTHON)" requirements-dev.txt
	@touch $@ .venv/run.stamp

demo: .venv/run.stamp ## a living building in the browser: make demo [ARGS="--speed 600"]
	@exec $(BIN)/houqin demo $(ARGS)

check: .venv/dev.stamp ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.stamp ## put the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

packages: ## the servers and tools the tests drive (Debian packages, Node modules)
	@sh tests/install-packages.sh

# Pages have one application a process, so they are tested in a process of their own.
test: .venv/dev.stamp packages ## everything needed, installed and run: make test [ARGS="-k gateway"]
ifeq ($(strip $(ARGS)),)
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadgroup --ignore tests/pages
	$(BIN)/pytest tests/pages
else
	$(BIN)/pytest $(ARGS)
endif

bench: .venv/dev.stamp packages ## figures beside their references
	$(BIN)/python -m tests.bench $(ARGS)

lock: .venv/dev.stamp ## renew the pinned requirements from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate --universal \
		--python-version 3.11 --extra demo --group build pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate --universal \
		--python-version 3.11 --extra demo --group build --group dev pyproject.toml -o requirements-dev.txt

clean: ## remove what was made (never your data)
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/interop/node_modules
