"""Measuring the profile `full`: a notebook that ends, one that fails, one that is stopped."""

import time

import nbformat
import pandas as pd
import pytest

import execute
import full_runs
import measure_full


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A page whose execution is a function of ours; each of its cells says that it ran."""
    monkeypatch.setattr(measure_full, "SCRATCH", tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def page(after: str) -> None:
        def run(name: str, profile: str, target) -> None:
            cells = [
                nbformat.v4.new_code_cell("x", metadata={"papermill": {"status": "completed"}})
            ]
            cells += [nbformat.v4.new_code_cell("y")] if after else []
            written = nbformat.v4.new_notebook(cells=cells)
            nbformat.write(written, tmp_path / f"{target.stem}.ipynb")
            if after == "fails":
                raise ValueError("no such gene")
            while after == "goes on":
                time.sleep(0.1)
            nbformat.write(written, target)

        monkeypatch.setattr(measure_full, "run", run)

    return page


@pytest.mark.parametrize(
    ("after", "error", "cells"),
    [("", "", (1, 1)), ("fails", "no such gene", (1, 2)), ("goes on", "stopped after 1 s", (1, 2))],
)
def test_a_run_says_how_long_how_large_and_how_far(notebook, after, error, cells) -> None:
    notebook(after)
    # What ends by itself has the time that a busy machine needs to start a process.
    row = measure_full.measured("notebooks/01_a", limit=1 if after == "goes on" else 60)
    assert (row["cells_run"], row["cells"]) == cells and row["error"] == error
    assert row["seconds"] > 0 and row["peak_mb"] > 1


def test_the_table_names_what_was_stopped() -> None:
    runs = pd.DataFrame(
        {"page": ["a", "b"], "cpu_seconds": [30.0, 630.0], "peak_mb": [512.0, 2048.0],
         "cells_run": [3, 4], "cells": [3, 9], "error": ["", "stopped after 600 s"]}
    )  # fmt: skip
    text = full_runs.markdown(runs)
    assert text.startswith(":::{table}") and text.endswith("\n:::"), "a caption with backticks"
    assert "| {doc}`/a` | under 1 | 0.5 |" in text
    assert "10, then stopped after 600 s (cell 4 of 9)" in text and "| all 2 | 11 | 2.0 |" in text


def test_every_page_of_the_recorded_table_is_in_the_book() -> None:
    pages = set(full_runs.TABLE.read()["page"])
    assert pages <= set(execute.notebooks())


def test_the_status_page_says_what_was_not_measured() -> None:
    row = {"page": "a", "cpu_seconds": 90.0, "peak_mb": 1536.0, "error": ""}
    runs = pd.DataFrame([row])
    assert full_runs.of_page("a", runs) == ("2", "1.5")
    assert full_runs.of_page("b", runs) == ("not measured", "not measured")
