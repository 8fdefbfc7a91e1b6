# What needs the AWS tools; they live in an environment of their own, since they pin half of the world.
AWS_VENV := .tools/aws
AWS_STAMP := $(AWS_VENV)/.ready
SAM = SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$(or $(AWS_DEFAULT_REGION),us-east-1) $(AWS_VENV)/bin/sam

.PHONY: validate checkov aws-tools lock-aws sam-build sam-build-host sam-engine sam-local deploy test-lambda

check: validate

aws-tools: $(AWS_STAMP)

$(AWS_STAMP): requirements/aws.txt | $(STAMP)
	@$(UV) venv --quiet --clear --relocatable --python $(BIN)/python $(AWS_VENV)
	@$(UV) pip sync --quiet --python $(AWS_VENV)/bin/python requirements/aws.txt
	@touch $@

# Only when it changed: the linter takes longer than everything else in `check`.
validate: $(AWS_VENV)/.valid

$(AWS_VENV)/.valid: template.yaml scripts/instances.py samconfig.toml $(AWS_STAMP)
	@$(SAM) validate --lint --template template.yaml
	@$(BIN)/python -m scripts.instances template.instances.yaml && $(SAM) validate --lint --template template.instances.yaml
	@touch $@

# The security linter, in an environment of its own for the same reason; its skip list gives reasons (.checkov.yaml).
CHECKOV_VENV := .tools/checkov

checkov: $(CHECKOV_VENV)/.passed

$(CHECKOV_VENV)/.ready: requirements/checkov.txt | $(STAMP)
	@$(UV) venv --quiet --clear --relocatable --python $(BIN)/python $(CHECKOV_VENV)
	@$(UV) pip sync --quiet --python $(CHECKOV_VENV)/bin/python requirements/checkov.txt
	@touch $@

$(CHECKOV_VENV)/.passed: template.yaml .checkov.yaml $(CHECKOV_VENV)/.ready
	@$(CHECKOV_VENV)/bin/checkov --config-file .checkov.yaml
	@touch $@

lock-aws: setup
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" requirements/aws.in -o requirements/aws.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" requirements/checkov.in -o requirements/checkov.txt

lock: lock-aws

# INSTANCES=1 has the streaming functions on Managed Instances (docs/cost.md says when that pays).
TEMPLATE = $(if $(INSTANCES),template.instances.yaml,template.yaml)

template.instances.yaml: template.yaml scripts/instances.py | $(STAMP)
	@$(BIN)/python -m scripts.instances $@

sam-build: setup aws-tools $(TEMPLATE)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(SAM) build --template $(TEMPLATE)
	@$(BIN)/python -m scripts.build sizes

# The same recipe with this machine's wheels: what the tests can run.
HOST_PLATFORM = $(shell uname -m)-manylinux_2_28
sam-build-host: setup aws-tools
	@PATH="$(CURDIR)/$(BIN):$$PATH" INTERCHANGE_BUILD_PLATFORM=$(HOST_PLATFORM) $(SAM) build --template template.yaml --build-dir .aws-sam/host

# The built functions in Lambda's image, on a table and vendors of this machine: a container engine is all that it needs
# (DOCKER_HOST may be podman's socket). `make sam-local STACK=interchange-dev` works on that stack's table and keys, with AWS
# credentials. Streams arrive whole there.
sam-local: sam-engine sam-build-host
	@$(BIN)/python -m local.sam --port $(or $(PORT),3000) $(if $(STACK),--stack $(STACK))

sam-engine: $(STAMP)
	@$(BIN)/python -m local.sam --engine

deploy: sam-build
	@$(SAM) deploy --config-env $(or $(ENV),default)
	@$(BIN)/python scripts/prune.py $(or $(STACK_NAME),$(if $(filter prod,$(ENV)),interchange,interchange-$(or $(ENV),dev)))

# The built artefacts: their sizes, and every event through their handlers.
test-lambda: checkov sam-build sam-build-host
	@INTERCHANGE_BUILT=1 $(BIN)/python -m pytest -n $(WORKERS) tests/replay tests/template $(wildcard tests/lambdas)
