# Needs python3 (3.11 or later) with pip, and make. Everything else is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# uv does not read pip's settings, so it is given the index and the certificates that pip has.
UV = index="$${PIP_INDEX_URL:-$$($(PYTHON) -m pip config get global.index-url 2>/dev/null)}"; \
	cert="$${PIP_CERT:-$$($(PYTHON) -m pip config get global.cert 2>/dev/null)}"; \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; \
	[ -z "$$cert" ] || export SSL_CERT_FILE="$${SSL_CERT_FILE:-$$cert}"; \
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv --no-config --quiet pip
# Stops the embedded database server, unless something else (a `make run`) uses it.
LEAVE = trap '$(BIN)/python -m sankul.site.postgres leave >/dev/null' EXIT

.PHONY: help install run play test check bench messages clean

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

install: $(VENV)/.run ## Install what the site needs into .venv

run: $(VENV)/.run ## Start the site on 127.0.0.1:8000 (SANKUL_PORT changes the port)
	@exec $(BIN)/sankul up

play: $(VENV)/.run ## Play a day of the demonstration's water in five minutes, beside make run (ARGS="--minutes 2")
	@$(BIN)/sankul field play $(ARGS)

test: $(VENV)/.dev ## Run all tests (ARGS="-k name" chooses)
	@$(LEAVE); $(BIN)/python -m pytest -n 2 $(ARGS)

check: $(VENV)/.dev ## Check format, style, types, import contracts, and migrations
	@$(LEAVE); set -ex; \
	$(BIN)/ruff format --check .; \
	$(BIN)/ruff check .; \
	$(BIN)/mypy; \
	$(BIN)/lint-imports; \
	DJANGO_SETTINGS_MODULE=sankul.site.settings $(BIN)/python -m django makemigrations --check

bench: $(VENV)/.dev ## Measure speed and memory (ARGS="--quick" for a short run)
	@$(LEAVE); $(BIN)/python -m benchmarks $(ARGS)

messages: $(VENV)/.dev ## Collect the texts to translate and compile the translations (needs GNU gettext)
	@$(LEAVE); cd src/sankul && export DJANGO_SETTINGS_MODULE=sankul.site.settings && \
	$(CURDIR)/$(BIN)/python -m django makemessages --all --no-location --no-wrap --no-obsolete --ignore tests && \
	$(CURDIR)/$(BIN)/python -m django compilemessages; cd $(CURDIR)

clean: ## Remove what make made, with the data folder; never a database that DATABASE_URL names
	@if $(BIN)/python -c 'import sankul.site.postgres' 2>/dev/null; \
	then $(BIN)/python -m sankul.site.postgres remove; \
	else echo "No installed Sankul here, so no data folder was looked for."; fi
	rm -rf $(VENV) build src/sankul.egg-info \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# The venv takes no pip of its own (Debian keeps that in another package): the machine's pip fills it.
$(VENV)/.bootstrap: requirements-bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Sankul needs Python 3.11 or later; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
		"Try: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys, pip; sys.exit(tuple(map(int, pip.__version__.split(".")[:2])) < (22, 3))' 2>/dev/null || { \
		echo "Sankul needs pip 22.3 or later for $(PYTHON) (on Debian: apt install python3-pip)."; exit 1; }
	$(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check \
		--require-hashes -r requirements-bootstrap.lock
	@touch $@

# Only ever adds or changes versions, so that `make run` leaves what `make test` installed.
define install
	@echo "Installing $< ..."
	@$(UV) install --require-hashes -r $<
	@$(UV) install --no-deps --no-build-isolation --editable .
	@touch $@
endef

$(VENV)/.run: requirements.lock pyproject.toml $(VENV)/.bootstrap
	$(install)

$(VENV)/.dev: requirements-dev.lock pyproject.toml $(VENV)/.bootstrap
	$(install)
