PYTHON ?= python3
.PHONY: run lab test
run: ; @$(PYTHON) tasks.py run $(ARGS)
lab: ; @$(PYTHON) tasks.py lab $(ARGS)
test: ; @$(PYTHON) tasks.py test $(ARGS)
