# Two commands do all the set-up: `make demo` and `make test`. `make check` is what a change must pass.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check format clean

demo: ## environment, system libraries, then the application with a sample project
	@$(PYTHON) tools/bootstrap.py demo
	@$(BIN)/blasto-annotator demo $(DEMO)

test: ## environment, system libraries, then every test
	@$(PYTHON) tools/bootstrap.py test
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(TESTS)

check: ## format, lint, types, import rules, tests
	@$(PYTHON) tools/bootstrap.py test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(TESTS)

format: ## put the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove the environment and caches, never a project
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
