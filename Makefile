# Everyday commands. `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
DBT_VENV := .venv-dbt
RELEASE_VENV := .venv-release
DAGSTER_VENV := .venv-dagster
AIRFLOW_VENV := .venv-airflow
TAG ?=
NEW ?=
STAMP := $(VENV)/.installed
PYTHON ?= $(shell command -v python3.11 || command -v python3)
SANDBOX_PORT ?= 8080
SANDBOX_SCALE ?= 1
# One more than cores: a test now and then waits for a server or a process.
TEST_WORKERS ?= 3
PYTEST_ARGS ?=
OFFICIAL ?=
IMAGES ?=

# Without bytecode that is kept, each process compiles these packages anew, and each run of the tests rewrites every assert.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  %-20s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(STAMP) ## See it run: a Pipedrive account into DuckDB, warehouse rows into Pipedrive
	@echo "Starting …"
	@$(BIN)/python -m demo

.PHONY: copy-demo
copy-demo: $(STAMP) ## Copy a whole account into an empty one, and show what differs
	@echo "Starting …"
	@$(BIN)/python -m demo.copying

.PHONY: test
test: lint ## Lint, type check, unit and integration tests
	$(BIN)/mypy & types=$$!; $(BIN)/pytest -n $(TEST_WORKERS) --dist worksteal $(PYTEST_ARGS); tests=$$?; wait $$types && exit $$tests

.PHONY: lint
lint: $(STAMP) ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(STAMP) ## Check types (strict)
	$(BIN)/mypy

.PHONY: unit
unit: $(STAMP) ## Unit tests only
	$(BIN)/pytest -n $(TEST_WORKERS) --dist worksteal unit_tests $(PYTEST_ARGS)

.PHONY: integration
integration: $(STAMP) ## Integration tests only: the connectors against the sandbox
	$(BIN)/pytest -n $(TEST_WORKERS) --dist worksteal integration_tests $(PYTEST_ARGS)

.PHONY: image-test
image-test: $(STAMP) ## Build and test both images; needs Docker or buildah, skipped without
	$(BIN)/pytest integration_tests/image $(PYTEST_ARGS)

.PHONY: dbt-test
dbt-test: $(STAMP) $(DBT_VENV)/.installed ## Test the dbt package on a warehouse filled by the source, in .venv-dbt
	DBT="$(CURDIR)/$(DBT_VENV)/bin/dbt" $(BIN)/pytest integration_tests/downstream/test_dbt.py \
		integration_tests/downstream/test_dialects.py $(PYTEST_ARGS)

.PHONY: orchestration-test
orchestration-test: $(STAMP) $(DAGSTER_VENV)/.installed $(AIRFLOW_VENV)/.installed ## Run the Dagster and Airflow examples in separate environments; takes up to twenty minutes
	DAGSTER="$(CURDIR)/$(DAGSTER_VENV)/bin/python" AIRFLOW="$(CURDIR)/$(AIRFLOW_VENV)/bin/python" \
		$(BIN)/pytest -n $(TEST_WORKERS) integration_tests/downstream/test_orchestrators.py $(PYTEST_ARGS)

.PHONY: release-check
release-check: $(RELEASE_VENV)/.installed $(STAMP) ## Build all release artifacts, check the workflows, compare the versions (TAG)
	@$(RELEASE_VENV)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(RELEASE_VENV)/bin/actionlint
	@$(RELEASE_VENV)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(RELEASE_VENV)/bin/pre-commit validate-config .pre-commit-config.yaml
	@$(RELEASE_VENV)/bin/python scripts/release.py check $(if $(TAG),--tag "$(TAG)")
	@$(MAKE) -s registry

.PHONY: version
version: ## Set the version everywhere but in the changelogs (NEW=1.1.0)
	@"$(PYTHON)" scripts/release.py version "$(NEW)"

.PHONY: soak
soak: $(STAMP) ## 5,000 drawn schedules of both connectors (SCHEDULE_CASES, SCHEDULE_SEED), all drawn rows and plans; takes an hour or more
	THOROUGH=1 SCHEDULE_CASES=$${SCHEDULE_CASES:-5000} $(BIN)/pytest -n $(TEST_WORKERS) --dist worksteal integration_tests/schedules/test_schedules.py \
		integration_tests/destination/test_dry_run_random.py integration_tests/source/test_hostile_rows.py $(PYTEST_ARGS)

.PHONY: format
format: $(STAMP) ## Format the code and apply the linter's fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: docs
docs: $(STAMP) ## Regenerate the tables in docs/ from the code
	$(BIN)/python -m scripts.stream_docs > docs/streams.md
	$(BIN)/python -m scripts.mapping_schema
	$(BIN)/python -m scripts.document_tables
	$(BIN)/python -m scripts.document_options
	$(BIN)/python -m scripts.document_source
	$(BIN)/python -m scripts.document_differences
	$(BIN)/python -m scripts.document_copy
	$(BIN)/python -m scripts.scenarios > docs/contributing/scenarios.md
	$(BIN)/python -m scripts.features > docs/contributing/features.md
	$(BIN)/python -m scripts.dbt_models

.PHONY: pictures
pictures: $(STAMP) ## Regenerate docs/pictures: the demo's console, the plan as a page, the studio; needs Chromium
	@$(BIN)/python -m scripts.pictures

.PHONY: registry
registry: $(STAMP) ## Write build/registry, a connector registry for a self-hosted Airbyte (OFFICIAL, IMAGES)
	@$(BIN)/python -m scripts.registry --official "$(OFFICIAL)" --images "$(IMAGES)"

.PHONY: bench
bench: bench-tokens ## All benchmarks that take less than two minutes

.PHONY: bench-tokens
bench-tokens: $(STAMP) ## Token cost of reading an account, per stream, compared with the lowest possible price
	@$(BIN)/python -m bench.tokens

.PHONY: bench-write
bench-write: $(STAMP) ## Memory and speed of a write of 1,000,000 records into 100,000 rows; takes minutes
	@$(BIN)/python -m bench.write

.PHONY: bench-read
bench-read: $(STAMP) ## Memory and speed of reading 10,000 and 100,000 deals
	@$(BIN)/python -m bench.read

.PHONY: bench-speed
bench-speed: $(STAMP) ## How fast a read is: per record, a whole account, starting, growing; draws docs/pictures/speed.svg; takes ten minutes
	@$(BIN)/python -m bench.commands
	@$(BIN)/python -m bench.chart
	@$(BIN)/python -m bench.upsert
	@$(BIN)/python -m bench.speed

.PHONY: bench-window
bench-window: $(STAMP) ## How much of the burst window a read uses, under real waiting; takes a minute
	@$(BIN)/python -m bench.window

.PHONY: bench-upsert
bench-upsert: $(STAMP) ## How much of the burst window a write uses, under real waiting; takes two minutes
	@$(BIN)/python -m bench.upsert

.PHONY: bench-unchanged
bench-unchanged: $(STAMP) ## Processor time per record when nothing changes, compared with a bare loop; takes a minute
	@$(BIN)/python -m bench.unchanged

.PHONY: bench-startup
bench-startup: $(STAMP) ## Size of the images, and how long their commands take to start; needs Docker or buildah
	@$(BIN)/python -m bench.startup

.PHONY: sandbox
sandbox: $(STAMP) ## Run the stand-in API on 127.0.0.1 (SANDBOX_PORT, SANDBOX_SCALE)
	$(BIN)/pipedrive-sandbox --port $(SANDBOX_PORT) --scale $(SANDBOX_SCALE)

.PHONY: install
install: $(STAMP) ## Set up .venv only

.PHONY: constraints
constraints: ## Pin newer versions of what .[dev] and sandbox/ need, from a clean environment
	@PYTHON="$(PYTHON)" ./scripts/constraints

.PHONY: audit
audit: ## Check the pinned packages for known vulnerabilities; says so if the advisories cannot be reached
	@PYTHON="$(PYTHON)" ./scripts/audit

.PHONY: clean
clean: ## Remove .venv, caches and what the demo left
	rm -rf $(VENV) $(DBT_VENV) $(RELEASE_VENV) $(DAGSTER_VENV) $(AIRFLOW_VENV) .cache .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info sandbox/build sandbox/*.egg-info conformance/build conformance/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Packages come from wherever pip is configured to get them.
$(STAMP): pyproject.toml sandbox/pyproject.toml conformance/pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed (found: $$("$(PYTHON)" --version 2>&1 || echo none)); name one with make PYTHON=…"; exit 1; }
	@echo "Setting up $(VENV) (only when a pyproject.toml or constraints.txt changed) …"
	@"$(PYTHON)" scripts/set_up.py $(VENV) -c constraints.txt -e '.[dev]' -e ./sandbox -e ./conformance
	@touch $@

# Environments whose pins would clash with those of airbyte-cdk.
$(DBT_VENV)/.installed: dbt/requirements.txt dbt/constraints.txt
$(RELEASE_VENV)/.installed: scripts/release_environment/requirements.txt scripts/release_environment/constraints.txt
$(DAGSTER_VENV)/.installed: scripts/dagster_environment/requirements.txt scripts/dagster_environment/constraints.txt
$(AIRFLOW_VENV)/.installed: scripts/airflow_environment/requirements.txt scripts/airflow_environment/constraints.txt
$(DBT_VENV)/.installed $(RELEASE_VENV)/.installed $(DAGSTER_VENV)/.installed $(AIRFLOW_VENV)/.installed:
	@echo "Setting up $(@D) …"
	@rm -rf $(@D)
	@"$(PYTHON)" -m venv $(@D)
	@$(@D)/bin/python -m pip install -qq --only-binary :all: -c $(<D)/constraints.txt -r $<
	@touch $@
