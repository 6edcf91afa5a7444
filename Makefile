PYTHON ?= python3
.PHONY: run lab test bench handouts
run: ; @$(PYTHON) tasks.py run $(ARGS)
lab: ; @$(PYTHON) tasks.py lab $(ARGS)
test: ; @$(PYTHON) tasks.py test $(ARGS)
bench: ; @$(PYTHON) tasks.py bench $(ARGS)
handouts: ; @$(PYTHON) tasks.py handouts $(ARGS)
