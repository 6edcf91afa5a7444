PYTHON ?= python3
.PHONY: run lab test bench
run: ; @$(PYTHON) tasks.py run $(ARGS)
lab: ; @$(PYTHON) tasks.py lab $(ARGS)
test: ; @$(PYTHON) tasks.py test $(ARGS)
bench: ; @$(PYTHON) tasks.py bench $(ARGS)
