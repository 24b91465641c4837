# make up            set everything up and run the stack with the pilot sample
# make test          set everything up and run every test
# make check         lint, format, types, import rules
# make bench         measure; writes bench/latest.json
# make test-kafka    integration and e2e tests on Apache Kafka
# make test-containers   the same on MongoDB and Kafka from a Docker engine
SHELL := /bin/bash
# Some images set it; without bytecode every process that a test starts compiles 2500 modules first (two seconds).
export PYTHONDONTWRITEBYTECODE :=
PYTHON := .venv/bin/python
# Two processes, each file to one of them. The journeys come last: their stacks cost processor time while they stand.
WORKERS ?= 2
PYTEST := $(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
STAMP := .venv/.microwish-ready
MEMBERS := shared services/wish-service services/adoption-service services/notify-service deploy/local

.PHONY: setup up test test-kafka test-containers check bench format lock clean

setup: $(STAMP)

$(STAMP): requirements.lock scripts/bootstrap.lock scripts/setup.sh scripts/system.sh $(MEMBERS:%=%/pyproject.toml)
	@scripts/setup.sh
	@touch $@

up: setup
	@.venv/bin/microwish up $(UP)

test: setup
	@scripts/system.sh browser
	@$(PYTEST) $(TESTS)

test-kafka: setup
	@scripts/system.sh browser kafka
	@$(PYTHON) -m microwish_local.servers.apache
	@$(PYTEST) -m "(integration or e2e) and not brokerless" --kafka apache $(TESTS)

test-containers: setup
	@scripts/system.sh browser
	@$(PYTEST) -m "integration or e2e" --servers containers $(TESTS)

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: setup
	@$(PYTHON) -m bench $(BENCH)

lock: setup
	@scripts/lock.sh

clean:
	rm -rf .venv .local .ruff_cache .mypy_cache .pytest_cache .hypothesis .import_linter_cache

# the published contracts (docs/schemas, docs/asyncapi.yaml, docs/events.md) and docs/templates.md; RELEASE=N freezes them as those of a release
.PHONY: contracts
contracts: setup
	@$(PYTHON) -m microwish.events.catalogue docs $(if $(RELEASE),--release $(RELEASE))
	@$(PYTHON) -m notify_service.templates_document docs/templates.md
