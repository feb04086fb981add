# Everything a reader or CI runs. .venv is made and refreshed by itself.
PROFILE ?= quick
JOBS ?= 2
PY := .venv/bin/python
TEST_JOBS ?= 2
GRADED ?= 01

.PHONY: book access pdf course slides test test-colab test-grading lint notebooks results repository constraints clean

book: .venv/.installed
	$(PY) scripts/execute.py --profile $(PROFILE) --jobs $(JOBS)
	$(PY) scripts/stage.py
	@# After a failure the next build starts afresh: Sphinx repeats no warning of an unchanged page.
	.venv/bin/jupyter-book build _build/stage --path-output . -W --keep-going --quiet \
		|| { rm -rf _build/html _build/.doctrees; exit 1; }
	$(PY) scripts/finish.py
	$(PY) scripts/check_site.py
	@# What a browser finds: with ACCESS=--require, or afterwards by `make access`.
	[ -z "$(ACCESS)" ] || $(PY) scripts/check_access.py $(ACCESS)
	@echo "The book: _build/html/index.html"

# Every page in Chromium. ACCESS=--require fails where Chromium or axe-core is missing.
access: .venv/.installed
	$(PY) scripts/check_access.py $(ACCESS)

# One PDF of the built book, with Chromium: _build/book.pdf
pdf: .venv/.installed
	.venv/bin/jupyter-book build _build/stage --path-output . --builder singlehtml --quiet
	$(PY) scripts/pdf.py

# The course kit: notebooks for students, teachers and classes, a course for nbgrader, the data in one zip.
course: .venv/.installed
	$(PY) scripts/course.py

# Slides from the built book's figures: _build/slides/*.html, and PDFs with Chromium
slides: .venv/.installed
	$(PY) scripts/slides.py

test: .venv/.installed
	OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(PY) -m pytest -n $(TEST_JOBS) --dist loadfile

# The notebooks with Colab's packages, in an environment of its own (Python 3.13, 3 GB of downloads).
test-colab:
	python3 scripts/try_colab.py

# Adds nbgrader to .venv and lets it grade. GRADED="01 05": the chapters, each executed twice.
test-grading: .venv/.installed
	$(PY) -m pip install --quiet -c constraints.txt -r requirements-teaching.txt
	GRADED="$(GRADED)" $(PY) -m pytest tests/teaching/test_grading.py

lint: .venv/.installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

notebooks: .venv/.installed
	$(PY) scripts/sync_notebooks.py

results: .venv/.installed
	$(PY) -m deepsem_book.beeline.benchmark

# make repository URL=https://github.com/you/your-fork [SITE=https://where.the/book/is]
repository: .venv/.installed
	$(PY) scripts/set_repository.py $(URL) $(if $(SITE),--site $(SITE))
	$(PY) scripts/sync_notebooks.py

# Resolves requirements.txt anew; torch stays where it is told.
constraints: .venv/.installed
	$(PY) scripts/pin.py torch==2.13.0

clean:
	rm -rf _build

.venv/.installed: requirements.txt requirements-access.txt constraints.txt pyproject.toml scripts/venv.sh
	scripts/venv.sh
