# The commands for people; what they do is in dev/bench.
BENCH := python3 -m dev.bench

.DEFAULT_GOAL := help
.PHONY: help demo test bench down reset logs shell lock

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## Set up a site with TrackFlow, start it and tell the demo story
	@$(BENCH) demo

test: ## Run lint, unit, site and browser tests; ARGS="tests/site -k word" for some, KEEP=1 to leave the site running
	@$(BENCH) test -- $(ARGS)

bench: ## Run the benchmarks; ARGS=long for a million clicks, which takes minutes
	@$(BENCH) bench -- $(ARGS)

down: ## Stop everything that was started
	@$(BENCH) down

reset: ## Stop everything and remove .bench
	@$(BENCH) reset

logs: ## Follow the logs of the demo
	@$(BENCH) logs demo

shell: ## Open a Python console on the demo's site
	@$(BENCH) cli demo -- console

lock: ## Bring the lock of the Python packages up to date
	@$(BENCH) lock
