# What learners and authors run. Each target first sets up .venv when it is missing or out of date.

PYTHON ?=
export PYTHON # make lab PYTHON=/path/to/python3: what to make .venv with
ARGS ?=       # make lab ARGS=--port=9000, make test ARGS="-k momentum"

python := .venv/bin/python

.PHONY: help lab test notebooks bench lint clean venv venv-dev

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

lab: venv ## open JupyterLab on lesson 1
	$(python) -m jupyterlab --config=tools/jupyter_lab_config.py $(ARGS)

test: venv-dev ## run all tests and re-execute all notebooks
	$(python) -m pytest $(ARGS)

notebooks: venv-dev ## build notebooks/ from lessons/
	$(python) tools/build.py $(ARGS)

bench: venv-dev ## measure what a slider step costs
	$(python) benchmarks/latency.py $(ARGS)

lint: venv-dev ## check style
	$(python) -m ruff check
	$(python) -m ruff format --check

clean: ## remove .venv and everything else that was made
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

venv:
	@sh tools/venv.sh requirements.txt

venv-dev:
	@sh tools/venv.sh requirements-dev.txt
