# Everything that a person or a machine does with this checkout. `make` alone lists the targets.
# Nothing is needed beforehand but Python 3.11 or newer and make: the first target that needs it makes .venv.

# The system's own comes first: distributions build it with profile feedback, and all of this runs a quarter faster on it
# than on what pyenv compiles by default (measured with `make matrix`, Debian 12).
PYTHON ?= $(shell for p in /usr/bin/python3 python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$p && break; done)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench matrix soak screenshots tutorial lock clean setup setup-dev python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## start everything with three sample applications under live traffic; Ctrl-C stops it
	@exec $(BIN)/python -m apps.demo --end-with-parent $(ARGS)

test: setup-dev ## run the whole suite, lint and types included; ARGS="tests/demo -k ready" runs a part
	@$(BIN)/python tools/system.py
	@exec $(BIN)/pytest $(or $(ARGS),-n 3 --dist loadscope --no-loadscope-reorder)

check: setup-dev ## lint, formatting, types, floors, migrations: what `make test` checks first
	@exec $(BIN)/python tools/checks.py

format: setup-dev ## let ruff mend what it can
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: setup-dev ## measure: each benchmark prints its numbers
	@exec $(BIN)/python tools/bench.py $(ARGS)

matrix: setup-dev ## every AWS call of every operation x every fault; ARGS="--sample 60" tries some
	@exec $(BIN)/python tools/matrix.py $(ARGS)

soak: setup-dev ## push and roll back under traffic while workers are killed at random; ARGS="--minutes 5"
	@exec $(BIN)/python -W ignore -m tests.faults.soak $(ARGS)

screenshots: setup-dev ## pictures of every page, light and dark, desktop and phone, into var/screenshots
	@$(BIN)/python tools/system.py
	@$(BIN)/pytest -q tests/browser/gallery.py && echo "Look at var/screenshots."

tutorial: setup-dev ## go through the tutorial in a demo of its own, and take its pictures anew
	@$(BIN)/python tools/system.py
	@exec $(BIN)/python -W ignore tools/tutorial.py

lock: setup-dev ## resolve pyproject.toml anew into requirements/*.txt
	@exec $(BIN)/python tools/lock.py $(ARGS)

clean: ## remove what was installed and made: .venv, var, caches (stop the demo first)
	rm -rf .venv var staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find apps deployconsole tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

setup: python
	@$(PYTHON) tools/install.py demo

setup-dev: python
	@$(PYTHON) tools/install.py dev

python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with its venv module was found on PATH." \
		"Install one (Debian: python3-venv), or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
