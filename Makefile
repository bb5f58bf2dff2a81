# Needs Python 3.11 or later, make, and a package registry. Everything else is fetched into .venv and .floorcast.
PYTHON ?= python3
UV_VENV := .floorcast/uv
UV := $(shell command -v uv 2>/dev/null || echo $(UV_VENV)/bin/uv)
BIN := .venv/bin
# The script brings a compiler of 80 MB, which uv keeps to itself: nobody needs it who does not change the C.
COMPILE := run --quiet --python $(BIN)/python --script streams/native/build.py
READY := .venv/.ready
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS ?= true
endif
# Where it is set, every start of every program would compile all modules anew: up to two seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo compose test lint types generated generate lock bench clean

setup: $(READY)  ## make .venv with the locked versions and the `floorcast` command

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3 …" >&2; exit 1; }
	@command -v $(UV) >/dev/null || { echo "fetching uv …"; $(PYTHON) -m venv $(UV_VENV) && \
		$(UV_VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv; }
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@echo "installing the locked packages into .venv (the first time about 150 MB) …"
	@VIRTUAL_ENV=.venv $(UV) pip sync --require-hashes requirements.lock
	@VIRTUAL_ENV=.venv $(UV) pip install --quiet --no-deps --editable .
	@touch $(READY)

demo: setup  ## the whole product on this machine, with a simulated floor: make demo ARGS="--minutes 2 --rate 2000"
	@exec $(BIN)/floorcast demo $(ARGS)

compose: secrets/redis_password secrets/grafana_password secrets/alertmanager config/floor.yaml config/alertmanager.yaml  ## what docker-compose.yml wants beside it
	@echo "docker compose up -d --build    # and --profile demo for a simulated floor"

secrets/%:
	@mkdir -p -m 700 secrets
	@$(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(24))' >$@
	@echo "$@ was made"

secrets/alertmanager:  # the receivers' addresses: a file each
	@mkdir -p -m 700 secrets
	@mkdir -p $@

config/alertmanager.yaml:
	@mkdir -p config
	cp grafana/alertmanager.yaml $@

config/floor.yaml:
	@mkdir -p config
	cp floor.yaml $@

test: lint types generated  ## everything that must hold: style, types, import rules, generated files, all tests
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(PYTEST_ARGS)  # each with a Kafka and a Redis of its own

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: setup
	$(BIN)/mypy

generated: setup
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python -m streams.reference --check
	$(BIN)/python -m grafana.generate --check
	$(BIN)/python -m grafana.alerts.generate --check
	@if [ -n "$$CI" ]; then set -x; $(UV) $(COMPILE) --check; \
	elif $(UV) --offline $(COMPILE) --help >/dev/null 2>&1; then set -x; $(UV) --offline $(COMPILE) --check; \
	else echo "SKIPPED: whether native.wasm is what its C compiles to: the compiler is not here (make generate gets it)"; fi

generate: setup  ## write the generated files anew
	$(BIN)/python -m schemas.generate
	$(BIN)/python -m streams.reference
	$(BIN)/python -m grafana.generate
	$(BIN)/python -m grafana.alerts.generate
	$(UV) $(COMPILE)

lock: setup  ## choose versions anew
	$(UV) pip compile --quiet pyproject.toml --extra embedded --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade --output-file requirements.lock

bench: setup  ## measure speed beside other ways to do the same; takes about fifteen minutes
	$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf .venv .floorcast build
