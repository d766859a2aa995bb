# Everything a developer does. Needs make and Python >= 3.11, nothing else: the rest is installed in .venv,
# from the locked requirements.

# What would make pip or Python install or look somewhere else than in .venv; without the last, each of the tests'
# processes would translate every file again.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT PIP_NO_BINARY PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

PYTHON ?=
PORT ?= 8000
HOST ?= 127.0.0.1
PY := .venv/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes
# Where the demo is reached: links in its mails start with it.
PUBLIC_URL ?= http://localhost:$(PORT)
DEMO_ENV := MARELLE_DEMO=1 PUBLIC_URL=$(PUBLIC_URL) HOST=$(HOST) PORT=$(PORT)
DEMO := $(DEMO_ENV) $(PY) -m marelle
LOCK := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
WORKERS ?= 2
PKG ?=
HOMES ?= 2500

.PHONY: help demo test prove install-test validator issuer quick lint lint-types lint-all-else fix audit release bench bench-rush pictures routes lock clean

help:
	@echo "make demo    the portal with invented families, at $(PUBLIC_URL)/ (PORT=… for another)"
	@echo "make test    all tests, on SQLite, and on PostgreSQL when one answers"
	@echo "make prove   what is long and nearly the same as a test that always runs"
	@echo "make install-test  docs/installation.md on a bare Debian, as root, with debootstrap; SUITE=bookworm for one"
	@echo "make quick   what the working tree touches, without browser; PKG=bookings for one package"
	@echo "make validator  fetches the HTML validator for the tests, with npm; it runs on Java 17"
	@echo "make issuer  fetches the OpenID Provider for the tests, with npm; it runs on node 20"
	@echo "make lint    style, types, floors, security, migrations;  make fix  mends what a machine can"
	@echo "make audit   known weaknesses of the locked packages, where pypi.org is reached"
	@echo "make release a wheel and an archive of this version, in dist/, tried in an environment of their own"
	@echo "make bench   the speed table of docs/performance.md"
	@echo "make bench-rush the morning when bookings open: HOMES=2500 arrive in a minute (RUSH=… for its options)"
	@echo "make pictures the pictures of docs/, taken again from a running demo"
	@echo "make routes   docs/routes.md, from the table of tests/roles"
	@echo "make lock    writes requirements/*.txt again from pyproject.toml and requirements/dev.in"

.venv/base.stamp: requirements/base.txt
	@PYTHON="$(PYTHON)" sh requirements/venv.sh
	@$(PIP_INSTALL) -r requirements/base.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/base.stamp
	@$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@

demo: .venv/base.stamp
	@$(DEMO) demo
	@$(DEMO) collectstatic --no-input --verbosity 0
	@echo "Marelle: $(PUBLIC_URL)/  (Ctrl-C stops it)"
	@$(DEMO_ENV) EMBEDDED_WORKER=1 $(PY) -m marelle serve

test: .venv/dev.stamp
	@WORKERS=$(WORKERS) $(PY) -m tests.run

prove: .venv/dev.stamp
	@WORKERS=$(WORKERS) $(PY) -m tests.run prove

install-test: .venv/dev.stamp
	@$(PY) -m tests.install $(SUITE)

issuer: .venv/dev.stamp
	@$(PY) -m tests.provider

quick: .venv/dev.stamp
	@WORKERS=$(WORKERS) $(PY) -m tests.quick $(PKG)

validator: .venv/dev.stamp
	@$(PY) -m tests.validator

lint: .venv/dev.stamp
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint-types lint-all-else

# On one processor, while the other does all else.
lint-types:
	$(PY) -m mypy

lint-all-else:
	$(PY) -m ruff check
	$(PY) -m ruff format --check --quiet
	git ls-files -z -- '*.html' | xargs -0 --no-run-if-empty .venv/bin/djade --check --target-version 5.2
	.venv/bin/lint-imports --no-logo
	$(PY) -m bandit --quiet --recursive --configfile pyproject.toml marelle docs requirements manage.py
	MARELLE_DEMO=1 $(PY) -m marelle makemigrations --check --dry-run

fix: .venv/dev.stamp
	$(PY) -m ruff check --fix
	$(PY) -m ruff format
	git ls-files -z -- '*.html' | xargs -0 --no-run-if-empty .venv/bin/djade --target-version 5.2

audit: .venv/dev.stamp
	@$(PY) requirements/audit.py

release: .venv/dev.stamp
	@$(PY) requirements/release.py

bench: .venv/dev.stamp
	@MARELLE_DEMO=1 $(PY) -m marelle bench $(BENCH)

bench-rush: .venv/dev.stamp
	@MARELLE_DEMO=1 $(PY) -m marelle bench_rush --homes $(HOMES) $(RUSH)

pictures: .venv/dev.stamp
	@$(PY) -m docs.pictures $(PUBLIC_URL)

routes: .venv/dev.stamp
	@$(PY) -m docs.routes

lock: .venv/dev.stamp
	$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements/base.txt
	$(LOCK) $(UPGRADE) --extra s3 pyproject.toml --output-file requirements/s3.txt
	$(LOCK) $(UPGRADE) --extra s3 pyproject.toml requirements/dev.in --output-file requirements/dev.txt

clean:
	rm -rf .venv var
