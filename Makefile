# Every target sets up what it needs in .venv; nothing has to be installed by hand but Python ≥ 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
CMAKE := $(BIN)/cmake
CMAKE_PATHS = -DPython_EXECUTABLE=$(abspath $(BIN)/python) -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN)/ninja)
IN_PLACE := src/otimes/kernels/_native
KERNEL_TESTS := tests/test_kernel.py tests/kernels
COMPILED := "not numpy and not test_compiled"  # without the tests on NumPy, and of what PyTorch compiles

.DEFAULT_GOAL := help
.PHONY: help demo native test test-kernels sanitize thread-sanitizer no-compiler lint docs bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 28

demo: $(VENV)/demo.stamp $(VENV)/kernel.stamp ## factor the covariance of real temperatures; pictures and factors under demo/
	$(BIN)/otimes demo --out demo

native: $(VENV)/native.stamp ## build the compiled kernel in place, in src/
	$(CMAKE) -S . -B build/native -G Ninja $(CMAKE_PATHS) $(CMAKE_OPTIONS) --log-level=WARNING
	$(CMAKE) --build build/native
	@$(CMAKE) --install build/native --prefix src >/dev/null

test: $(VENV)/test.stamp $(VENV)/kernel.stamp ## run the whole test suite
	$(BIN)/python -m pytest -n auto

test-kernels: $(VENV)/test.stamp native ## run the kernel's tests on the machine's lesser instruction sets, and with NumPy
	for set in $$($(BIN)/python -c "from otimes.kernels import native; print(*native.module.instruction_sets()[1:])"); do \
		OTIMES_INSTRUCTION_SET=$$set $(BIN)/python -m pytest -n auto -k $(COMPILED) $(KERNEL_TESTS) || exit 1; \
	done
	OTIMES_KERNEL=numpy $(BIN)/python -m pytest -n auto tests/test_kernel.py

sanitize: $(VENV)/test.stamp $(VENV)/native.stamp ## run the kernel's tests on a build that checks addresses and undefined behaviour
	.ci/sanitize address,undefined $(BIN)/python -n auto -k $(COMPILED) $(KERNEL_TESTS)

thread-sanitizer: $(VENV)/test.stamp $(VENV)/native.stamp ## run the tests of threads on a build that looks for data races
	@# it does not support threads in a child that was forked beside other threads
	.ci/sanitize thread $(BIN)/python tests/kernels/test_threads.py -k "not fork_while_other_threads"

no-compiler: $(VENV)/pip.stamp ## install into a fresh environment where nothing compiles, and multiply
	.ci/no-compiler $(BIN)/python

lint: $(VENV)/lint.stamp ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/demo.stamp $(VENV)/kernel.stamp ## write the generated pages of docs/
	$(BIN)/python docs/generate.py

bench: $(VENV)/bench.stamp $(VENV)/kernel.stamp ## measure against the peers; results and tables under benchmarks/results and docs/
	$(BIN)/python -m benchmarks

clean: ## remove the environment and everything generated that is not kept
	rm -rf $(VENV) $(IN_PLACE)*.so demo build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/pip.stamp:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install "pip>=25.1"
	@touch $@

$(VENV)/native.stamp: $(VENV)/pip.stamp pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt --group native
	@touch $@

# Without a compiler everything works, only slower: a kernel that was not built stops nothing but `make native`.
$(VENV)/kernel.stamp: $(VENV)/native.stamp CMakeLists.txt $(wildcard native/*)
	@rm -f $(IN_PLACE)*.so
	@$(MAKE) --no-print-directory native || echo "No compiled kernel was built: NumPy does the work, slower."
	@touch $@

$(VENV)/demo.stamp: $(VENV)/pip.stamp pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e ".[cli,plot]"
	@touch $@

$(VENV)/test.stamp $(VENV)/lint.stamp $(VENV)/bench.stamp: $(VENV)/%.stamp: $(VENV)/demo.stamp
	$(PIP) install -c constraints.txt --group $*
	@touch $@
