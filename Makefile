# make run: everything up to a served page. make test: everything that says it works.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# what is installed; with torch as well (likeness, NISQA, EnCodec, Mimi, FocalCodec's weights): make setup EXTRAS=media,text,dev,bench,torch
EXTRAS ?= media,text,dev,bench

# tests that keep a clock of their own with two browsers, or name network devices
ALONE := tests/test_end_to_end tests/test_app/emulator tests/test_app/transports

.PHONY: run test lint fuzz bench bench-codecs bench-focal bench-link bench-text samples train-tiny setup page clean

run: setup page
	$(BIN)/sotto serve

test: setup page lint
	cd frontend && npm test
	$(BIN)/pytest --numprocesses 2 --dist loadfile $(ALONE:%=--ignore=%)
	$(BIN)/pytest $(ALONE)

lint: setup $(STAMPS)/node
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd frontend && npm run check

# bad input of all kinds; five minutes, or make fuzz SECONDS=60
fuzz: setup
	$(BIN)/python -m tests.test_app.link.fuzzing $(SECONDS)

bench: setup page
	$(BIN)/python -m benchmarks.bench_call

# the judge: ARGS='--limit 10 --metrics pesq,stoi' and the like
bench-codecs: setup
	$(BIN)/python -m benchmarks.codecs $(ARGS)

# a page to listen to: our modes beside Lyra v2; the evaluation's sentences, or generated speech
samples: setup
	$(BIN)/python -m benchmarks.codecs --hear 4 --limit 12 --conditions clean --metrics pesq,stoi --speed-rounds 0 \
		--systems 'tiny-*,focal*,codec2-700c,codec2-1300,codec2-3200,opus-*,text,lyra-3200' \
		--out samples/samples.json --page samples/index.html $(ARGS)

# Tiny's network, on a folder of speech or a manifest; stop it at any time, the same line goes on
train-tiny: setup
	test -e training-cache/speech/clips.tsv || \
		$(BIN)/python -m training.tiny prepare $(SPEECH) training-cache/speech
	$(BIN)/python -m training.tiny train training-cache/speech training-cache/run $(ARGS)

# the thin wire: what it costs, with and without loss, and its work per packet
bench-link: setup
	$(BIN)/python -m benchmarks.bench_link $(ARGS)

# text mode: MANIFEST is a table of sentences with transcripts; ARGS='--limit 20 --parts call'
bench-text: setup
	$(BIN)/python -m benchmarks.bench_text $(MANIFEST) $(ARGS)

# FocalCodec-Stream at its full size on this CPU; needs torch
bench-focal: setup
	$(BIN)/python -m benchmarks.bench_focal $(ARGS)

setup: $(STAMPS)/system $(STAMPS)/python

page: $(STAMPS)/node
	cd frontend && npm run build

$(STAMPS)/system: scripts/install-system-packages
	scripts/install-system-packages
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/node: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund
	@mkdir -p $(STAMPS) && touch $@

clean:
	rm -rf $(VENV) $(STAMPS) frontend/node_modules frontend/dist
