"""The table of what the profile `full` takes, for the set-up page (measure_full.py)."""

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


def markdown(runs: pd.DataFrame) -> str:
    """The rows of TABLE as a captioned table; one that was stopped says how far it came."""
    lines = [
        ":::{table} What the profile `full` takes: minutes of one core, and the largest memory. "
        "With several cores, seeds are trained side by side.",
        ":name: tab-full-runs",
        "",
        "| notebook | minutes | memory, GB |",
        "| --- | --- | --- |",
    ]
    for run in runs.itertuples():
        minutes = f"{run.cpu_seconds / 60:.0f}" if run.cpu_seconds >= 60 else "under 1"
        if run.error:
            minutes = f"{minutes}, then {run.error} (cell {run.cells_run} of {run.cells})"
        lines.append(f"| {{doc}}`/{run.page}` | {minutes} | {run.peak_mb / 1024:.1f} |")
    total = runs["cpu_seconds"].sum() / 60
    lines.append(f"| all {len(runs)} | {total:.0f} | {runs['peak_mb'].max() / 1024:.1f} |")
    return "\n".join([*lines, ":::"])
