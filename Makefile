# Two commands are all a newcomer needs: `make run` and `make test`. The rest is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo_project
# Processes that share the tests; each takes up to 3 GB.
WORKERS ?= 2
# Of each reader, in `make fuzz`.
CASES ?= 2000
SYSTEM_STAMP := $(VENV)/system-checked

# A PyTorch of your own, as one writes it after `pip install`; `system` for the one Python has (docs/install.md).
SET_UP := $(PYTHON) setup_packages.py --venv $(VENV) $(if $(filter undefined,$(origin TORCH)),,--torch '$(TORCH)')

.PHONY: run test fuzz setup lint docs clean

run: $(SYSTEM_STAMP)
	$(SET_UP)
	$(BIN)/python main.py demo $(DEMO)
	$(BIN)/python main.py open $(DEMO)

test: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# Damaged and forged files for every reader; the table goes to docs/measurements.md.
fuzz: setup
	$(BIN)/python tests/fuzz/run_readers.py --cases $(CASES)

# For developers: what running needs, tests and checks.
setup: $(SYSTEM_STAMP)
	$(SET_UP) --tests

# The same checks as in CI and before each commit.
lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The documentation site, in site/, which works offline. Warnings are errors; the variable keeps back
# a notice of the theme's makers about the future of mkdocs, which would look like one.
docs: $(SYSTEM_STAMP)
	$(SET_UP) --docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build

$(SYSTEM_STAMP): system_packages.txt system_check.sh
	sh system_check.sh $(PYTHON)
	mkdir -p $(VENV)
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build site
