# `make` lists what there is. Both environments are made from one lock file, by uv, which is put
# into .uv/ if this machine has none.

.DEFAULT_GOAL := help
SHELL := /bin/bash
export UV_PYTHON_PREFERENCE ?= managed
export OMP_NUM_THREADS ?= 1

PYTHON := .venv/bin/python
APP := .venv/.ready-app
TOOLS := .venv/.ready-tools
ASSISTANT := .venv-assistant/.ready
ASSISTANT_TOOLS := .venv-assistant/.ready-tools
LOCK := pyproject.toml uv.lock .python-version

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

run: $(APP) $(ASSISTANT) ## set up what is missing and run assistant, widget on the demo shop, and desk
	@$(PYTHON) -m bot run

setup: $(APP) $(ASSISTANT) ## make both environments

test: $(TOOLS) $(ASSISTANT_TOOLS) ## set up what is missing and run the whole suite
	@$(PYTHON) tools/browser.py > /dev/null
	@$(PYTHON) -m tools.test

lint: $(TOOLS) ## ruff and mypy
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

format: $(TOOLS) ## let ruff format and mend what it can
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

check-guards: $(TOOLS) $(ASSISTANT_TOOLS) ## remove each guard in a copy and see the tests fail
	@$(PYTHON) -m tools.check_guards

bench-speed: $(APP) $(ASSISTANT) ## how long an answer takes with 100 and with 10,000 articles, and why
	@$(PYTHON) -m tools.bench_speed

bench-desk: $(TOOLS) $(ASSISTANT) ## 200 customers and 20 agents at once: waits, estimates, and that nothing is lost
	@$(PYTHON) -m tools.bench_desk

check-ownership: $(TOOLS) ## 5,000 interleavings of customers, agents, timeouts and crashes on each database
	@$(PYTHON) -m tools.check_ownership

bench-turns: $(APP) $(ASSISTANT) ## what a turn costs early and late in a long conversation
	@$(PYTHON) -m tools.bench_turns

evaluate-shop: $(APP) $(ASSISTANT) ## ask the demo shop its 310 questions in five languages, and score the answers
	@$(PYTHON) -m tools.score_questions

evaluate-masking: $(APP) ## which sensitive numbers are masked, on 307 cases: FILE=cases.jsonl for your own
	@$(PYTHON) -m tools.evaluate_masking $(if $(FILE),--file "$(FILE)")

evaluate-mood: $(APP) ## how well the mood of customers is read, beside plain signs
	@$(PYTHON) -m tools.evaluate_mood

evaluate-reask: $(APP) ## how well an agent's requests for known facts are told, in five languages: FILE=cases.jsonl for your own
	@$(PYTHON) -m tools.evaluate_reask $(if $(FILE),--file "$(FILE)")

bench-quality: $(APP) $(ASSISTANT) ## intents and search on public data beside stock Rasa: DATA=DIR, SETS=a,b, EPOCHS=30
	@test -n "$(DATA)" || { echo "make bench-quality needs DATA=DIR; docs/benchmarks.md says what it holds." >&2; exit 2; }
	@$(PYTHON) -m tools.bench_quality --data "$(DATA)" $(if $(SETS),--sets "$(SETS)") $(if $(EPOCHS),--epochs "$(EPOCHS)")

pictures: $(TOOLS) $(ASSISTANT) ## take the pictures of README and docs again
	@$(PYTHON) -m tools.pictures

clean: ## remove environments, models and what running made (the database too)
	rm -rf .venv .venv-assistant .uv var models .rasa

$(APP): $(LOCK)
	@tools/sync .venv 3.12 app
	@touch $@

$(TOOLS): $(LOCK)
	@tools/sync .venv 3.12 app test lint
	@touch $(APP) $@

$(ASSISTANT): $(LOCK)
	@tools/sync .venv-assistant 3.10 assistant
	@touch $@

$(ASSISTANT_TOOLS): $(LOCK)
	@tools/sync .venv-assistant 3.10 assistant assistant-test
	@touch $(ASSISTANT) $@

.PHONY: help run setup test lint format check-guards check-ownership bench-desk bench-speed bench-turns bench-quality evaluate-shop evaluate-masking evaluate-mood evaluate-reask pictures clean
