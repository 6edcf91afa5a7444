PYTHON ?= python3
.PHONY: run lab test check refresh docs bench handouts site hub
run: ; @$(PYTHON) tasks.py run $(ARGS)
lab: ; @$(PYTHON) tasks.py lab $(ARGS)
test: ; @$(PYTHON) tasks.py test $(ARGS)
check: ; @$(PYTHON) tasks.py check $(ARGS)
refresh: ; @$(PYTHON) tasks.py refresh $(ARGS)
docs: ; @$(PYTHON) tasks.py docs $(ARGS)
bench: ; @$(PYTHON) tasks.py bench $(ARGS)
handouts: ; @$(PYTHON) tasks.py handouts $(ARGS)
site: ; @$(PYTHON) tasks.py site $(ARGS)
hub: ; @$(PYTHON) tasks.py hub $(ARGS)
