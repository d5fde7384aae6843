# What learners and authors run. Each target first sets up .venv when it is missing or out of date.

# make lab PYTHON=/path/to/python3: the interpreter to make .venv with; without it, the first fit one.
PYTHON ?=
export PYTHON
# make lab ARGS=--port=9000, make test ARGS="-k momentum": handed on to the program.
ARGS ?=

python := .venv/bin/python

.PHONY: help lab update test test-quick test-processors test-oldest test-newest test-class margins notebooks pictures assignments site bench lint install install-lab clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile

lab: install-lab ## open JupyterLab on lesson 1
	$(python) -m jupyterlab --config=tools/jupyter_lab_config.py $(ARGS)

# make update ARGS=../downhill-old: in a freshly unpacked ZIP, take over the work from the old folder.
update: install-lab ## fetch the new lessons, keep what was written in exercises
	$(python) tools/update.py $(ARGS)
	@sh tools/venv.sh requirements.txt

test: install ## run all tests, the notebooks among them
	$(python) -m pytest --numprocesses=logical $(ARGS)

test-quick: install ## run in one or two minutes what an author runs after each change
	$(python) -m pytest --numprocesses=logical -m "not browser and not slow" --settings=3 tests $(ARGS)

test-processors: install ## run what computes as other processors do; ARGS=--few: as two of them
	$(python) -m tools.processors $(ARGS)

margins: install ## measure how far asserted numbers lie from their bounds, over processors
	$(python) -m tools.margins $(ARGS)

test-oldest: ## run the tests on the oldest supported versions
	@sh tools/versions.sh oldest $(ARGS)

test-newest: ## run the tests on the newest versions there are
	@sh tools/versions.sh newest $(ARGS)

# In an environment of its own: graders and hubs bring extensions of JupyterLab with them that lessons are not tried with.
test-class: ## try what a class needs: hub, graders, sweeps on a cluster; installs them into build/class
	@sh tools/venv.sh requirements-class.txt build/class
	@command -v npm >/dev/null || { echo "This needs npm, for the proxy of the hub." >&2; exit 1; }
	npm install --silent --no-save --prefix build/class configurable-http-proxy@4
	PATH="$(CURDIR)/build/class/node_modules/.bin:$$PATH" DOWNHILL_REQUIRE_CLASS=1 build/class/bin/python -m pytest -m classroom tests $(ARGS)

notebooks: install ## build what is made from lessons/: notebooks/, README's map, docs/teaching.md
	$(python) -m tools.build $(ARGS)

pictures: install ## make the pictures of README.md, the moving one too
	$(python) -m tools.pictures $(ARGS)

# make assignments ARGS="--to=/srv/course momentum": another folder, one lesson; docs/classroom.md says what comes then.
assignments: install ## make assignments of the lessons for nbgrader and Otter-Grader, in build/assignments
	$(python) -m tools.assignments $(ARGS)

site: install ## make pages to look at, with search, in build/site; ARGS=--slides: slides, in build/slides
	@sh tools/venv.sh requirements-site.txt build/site-env
	PATH="$(CURDIR)/build/site-env/bin:$$PATH" $(python) -m tools.publish $(ARGS)

bench: install ## measure everything: writes docs/benchmarks.md
	$(python) benchmarks/bench.py $(ARGS)

lint: install ## check style
	$(python) -m ruff check
	$(python) -m ruff format --check

install: ## set up .venv for authors; the targets above do it by themselves
	@sh tools/venv.sh requirements-dev.txt

install-lab:
	@sh tools/venv.sh requirements.txt

clean: ## remove .venv and all else that was made
	rm -rf data/mnist/cache .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
