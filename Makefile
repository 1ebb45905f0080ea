# `make demo` shows what the library does; `make test` checks that it does it.
# Both create .venv on first use and reuse it afterwards.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DOCS := $(VENV)/.installed-docs
# The layers on Keras's other backends, each in an environment without TensorFlow.
VENV_JAX := .venv-jax
VENV_TORCH := .venv-torch
TORCH ?= torch==2.13.0
# What npm installs for the browser test.
BROWSER := build/browser
GPU_PYTHON ?= $(PYTHON)
OTHER_BACKENDS := keras numpy pytest pytest-xdist hypothesis
LAYER_TESTS := tests/cells tests/sequence tests/layers tests/conformance tests/test_upstream.py \
	tests/streaming tests/generation tests/inspection tests/benchmarking/test_on_jax.py

# With the long ones: other backends run every test of the layers.
ALL := -m "long or not long"

.PHONY: help install demo test test-long lint format test-wheel test-browser test-gpu test-jax test-torch mutants \
	bench bench-tflite bench-gpu bench-generation zoo-exports dna-folds docs recipe clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED) ## create .venv and install kerasrnn with its test tools

$(INSTALLED): setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info[:2] <= (3, 13), "kerasrnn needs Python 3.11 to 3.13; this is %d.%d. Try: make PYTHON=python3.12" % sys.version_info[:2]'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test,lint,build]'
	touch $@

demo: $(INSTALLED) ## train, evaluate and export a tagger, then tag a sentence from the TFLite file
	$(BIN)/kerasrnn train ner_bilstm --output runs/demo
	$(BIN)/kerasrnn predict runs/demo/ner_bilstm.tflite \
		"Harry Potter and Hermione Granger invented a new spell"

test: $(INSTALLED) ## run the tests (under 10 minutes on two cores)
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-long: $(INSTALLED) ## run the long ones: one check of many layers, sizes or policies
	$(BIN)/python -m pytest -n 2 --dist load -m long

test-wheel: $(INSTALLED) ## build the wheel and use it in an empty environment
	$(BIN)/python -m pytest -m wheel tests/test_wheel.py

test-browser: $(INSTALLED) $(BROWSER)/.installed ## run TFLite files in headless Chromium, by LiteRT.js
	$(BIN)/python -m pytest -m browser tests/browser

test-gpu: $(INSTALLED) ## run TFLite files in LiteRT's GPU delegate, on a Vulkan driver
	$(BIN)/python -m pytest -m gpu tests/gpu

$(BROWSER)/.installed: tests/browser/package.json tests/browser/package-lock.json
	@command -v npm > /dev/null || { \
		echo "The browser test needs npm and Chromium. On Debian: apt-get install npm chromium." >&2; \
		echo "Elsewhere: docs/deploy.md, 'In a browser'." >&2; exit 1; }
	mkdir -p $(BROWSER)
	cp $^ $(BROWSER)
	cd $(BROWSER) && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

test-jax: $(VENV_JAX)/.installed ## run the tests of cells and layers on JAX, without TensorFlow
	KERAS_BACKEND=jax $(VENV_JAX)/bin/python -m pytest -n 2 $(ALL) $(LAYER_TESTS)

test-torch: $(VENV_TORCH)/.installed ## run them on PyTorch, and import its weights
	KERAS_BACKEND=torch $(VENV_TORCH)/bin/python -m pytest -n 2 $(ALL) $(LAYER_TESTS)

$(VENV_JAX)/.installed: setup.cfg
	$(PYTHON) -m venv $(VENV_JAX)
	$(VENV_JAX)/bin/python -m pip install --quiet jax $(OTHER_BACKENDS)
	touch $@

$(VENV_TORCH)/.installed: setup.cfg
	$(PYTHON) -m venv $(VENV_TORCH)
	$(VENV_TORCH)/bin/python -m pip install --quiet $(TORCH) $(OTHER_BACKENDS)
	touch $@

mutants: $(INSTALLED) ## break one equation at a time and see that a test notices
	$(BIN)/python tests/mutations.py

lint: $(INSTALLED) ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(INSTALLED) ## mend style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED) ## measure speed beside Keras and PyTorch, and write the tables (some hours)
	$(BIN)/python -m pip install --quiet $(TORCH) matplotlib
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/stacks.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python docs/tables.py

bench-tflite: $(INSTALLED) ## measure TFLite files beside those of others, and write the tables (an hour)
	$(BIN)/python -m pip install --quiet matplotlib
	$(BIN)/python benchmarks/tflite.py
	$(BIN)/python docs/tables.py

bench-gpu: ## check and measure on a GPU; GPU_PYTHON is a Python that has JAX for it, Keras and pytest
	PYTHONPATH=.:$$PYTHONPATH KERAS_BACKEND=jax JAX_DEFAULT_MATMUL_PRECISION=highest \
		$(GPU_PYTHON) -m pytest -W default -k on_a_gpu tests/sequence/test_jax_cudnn.py
	PYTHONPATH=.:$$PYTHONPATH $(GPU_PYTHON) benchmarks/gpu.py

bench-generation: $(INSTALLED) ## measure what a generated token costs, early and late (minutes)
	$(BIN)/python -m benchmarks.generation
	$(BIN)/python docs/tables.py

zoo-exports: $(INSTALLED) ## export the zoo in every target, and measure what whole numbers lose (minutes)
	$(BIN)/python -m benchmarks.zoo_exports
	$(BIN)/python docs/tables.py

docs: $(INSTALLED_DOCS) ## build the documentation into build/site; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --config-file docs/mkdocs.yml

$(INSTALLED_DOCS): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	touch $@

MODEL ?= ner_bilstm
recipe: $(INSTALLED) ## remake a shipped artefact: make recipe MODEL=sentiment_gru
	$(BIN)/python -m pip install --quiet --requirement zoo/$(MODEL)/requirements.txt
	$(BIN)/kerasrnn train $(MODEL) --format tflite --output saved_models/$(MODEL)
	$(BIN)/python docs/tables.py

dna-folds: $(INSTALLED) ## measure dna_bigru and its baselines over ten folds (an hour)
	$(BIN)/python -m benchmarks.dna_folds
	$(BIN)/python docs/tables.py

clean: ## remove what the commands above made
	rm -rf $(VENV) $(VENV_JAX) $(VENV_TORCH) runs build dist *.egg-info .hypothesis .pytest_cache .ruff_cache
