# The two commands of a fresh machine are `make demo` and `make test`; both find or install what they need.

BUILD ?= build
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
CONFIGURE = cmake -S . -B $(BUILD) -G Ninja -C $(BUILD)/bootstrap.cmake

.PHONY: help build demo test test-long bench format lint clean

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

build:  ## the command at build/cleave, and the library
	@tools/bootstrap --build $(BUILD)
	@$(CONFIGURE) -DCLEAVE_TESTS=OFF > $(BUILD)/configure.log 2>&1 || { cat $(BUILD)/configure.log; exit 1; }
	@cmake --build $(BUILD) --parallel $(JOBS)

demo: build  ## VaDE on drawn digits: an accuracy table and a report, in a few minutes
	@$(BUILD)/cleave train vade glyphs --preset glyphs-demo --seed 0 --out $(BUILD)/demo/$$(date +%Y%m%d-%H%M%S)

test: build-tests  ## all that CI runs
	@tools/check_layers
	@tools/check_format
	@tools/tabulate_claims --check
	@cd $(BUILD) && ctest --output-on-failure --no-tests=error -LE long

test-long: build-tests  ## also the soak, kill and full-data cases
	@cd $(BUILD) && CLEAVE_KILLS=200 CLEAVE_MUTATIONS=1000000 ctest --output-on-failure --no-tests=error

.PHONY: build-tests
build-tests:
	@tools/bootstrap --build $(BUILD) --for-tests
	@$(CONFIGURE) -DCLEAVE_TESTS=ON -DCLEAVE_WERROR=ON > $(BUILD)/configure.log 2>&1 || { cat $(BUILD)/configure.log; exit 1; }
	@cmake --build $(BUILD) --parallel $(JOBS)

bench:  ## speed beside PyTorch, as ratios
	@tools/bootstrap --build $(BUILD)
	@$(CONFIGURE) -DCLEAVE_TESTS=OFF -DCLEAVE_BENCHMARKS=ON > $(BUILD)/configure.log 2>&1 || { cat $(BUILD)/configure.log; exit 1; }
	@cmake --build $(BUILD) --parallel $(JOBS)
	@BUILD=$(BUILD) benchmarks/run

format:  ## clang-format on every source
	@tools/check_format --fix

lint:  ## clang-tidy on every source of the library and the command; takes a while
	@tools/bootstrap --build $(BUILD)
	@cmake -S . -B $(BUILD)/lint -G Ninja -C $(BUILD)/bootstrap.cmake -DCLEAVE_TESTS=OFF \
		-DCMAKE_CXX_COMPILER=clang++ -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON > $(BUILD)/configure.log 2>&1
	@run-clang-tidy -quiet -p $(BUILD)/lint '/(cleave|apps)/.*\.cpp$$' 2> /dev/null

clean:  ## removes the build folder
	rm -rf $(BUILD)
