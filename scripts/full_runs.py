"""The table of what the profile `full` takes, for two pages: set-up, status (measure_full.py)."""

from typing import Any

import pandas as pd

from deepsem_book.datasets import DATA_DIR
from deepsem_book.results_table import ResultsTable

TABLE = ResultsTable(
    DATA_DIR / "results" / "full_runs.csv",
    key=["page"],
    columns=[
        "page", "seconds", "cpu_seconds", "peak_mb", "cells_run", "cells", "threads", "versions",
        "error",
    ],
    text=["page", "versions", "error"],
    whole=["cells_run", "cells", "threads"],
)  # fmt: skip


def minutes(run: Any) -> str:
    """Minutes of one core; a run that was stopped says how far it came."""
    text = f"{run.cpu_seconds / 60:.0f}" if run.cpu_seconds >= 60 else "under 1"
    return f"{text}, then {run.error} (cell {run.cells_run} of {run.cells})" if run.error else text


def gigabytes(megabytes: float) -> str:
    return f"{megabytes / 1024:.1f}"


def of_page(page: str, runs: pd.DataFrame) -> tuple[str, str]:
    """Minutes and memory of a page's run, for a row of the status page."""
    rows = [run for run in runs.itertuples() if run.page == page]
    return (
        (minutes(rows[0]), gigabytes(rows[0].peak_mb)) if rows else ("not measured", "not measured")
    )


def markdown(runs: pd.DataFrame) -> str:
    """The rows of TABLE as a captioned table."""
    lines = [
        ":::{table} What the profile `full` takes: minutes of one core, and the largest memory. "
        "With several cores, seeds are trained side by side.",
        ":name: tab-full-runs",
        "",
        "| notebook | minutes | memory, GB |",
        "| --- | --- | --- |",
    ]
    for run in runs.itertuples():
        lines.append(f"| {{doc}}`/{run.page}` | {minutes(run)} | {gigabytes(run.peak_mb)} |")
    total = runs["cpu_seconds"].sum() / 60
    lines.append(f"| all {len(runs)} | {total:.0f} | {gigabytes(runs['peak_mb'].max())} |")
    return "\n".join([*lines, ":::"])
