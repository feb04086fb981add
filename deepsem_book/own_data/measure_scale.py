"""Measures `deepsem infer` on many cells: data/results/scale.csv, seconds and peak memory.

    python -m deepsem_book.own_data.measure_scale

Writes made-up sparse counts to a temporary .h5ad and runs the command in its own process, whose
peak memory (reading, selecting, training, embedding and writing) is what counts. Rows that are in
the table are kept. Linux only.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from .. import datasets
from ..results_table import ResultsTable

TABLE = datasets.DATA_DIR / "results" / "scale.csv"
KEY = ["n_cells", "n_genes", "cells_per_epoch", "n_epochs"]
WHOLE = ["peak_mb", "expected_seconds", "expected_megabytes"]
TEXT = ["torch", "machine"]
COLUMNS = [*KEY, "seconds", "cpu_seconds", *WHOLE, *TEXT]
SETTINGS = [  # cells, genes, cells per epoch (0: all), epochs
    (100_000, 2_000, 10_000, 2),
    (100_000, 2_000, 0, 2),
]


def table_at(path: Path) -> ResultsTable:
    """The table of the runs, one row per setting; of the same matrix the least memory first."""
    order = ["n_cells", "n_genes", "peak_mb"]
    return ResultsTable(path, KEY, COLUMNS, TEXT, [*KEY, *WHOLE], order)


def write_counts(path: Path, n_cells: int, n_genes: int, share: float = 0.07) -> None:
    """Counts with `share` of the entries above 0, written as CSR."""
    rng = np.random.default_rng(0)
    X = sparse.random(n_cells, n_genes, share, "csr", np.float32, rng=rng)
    X.data = rng.geometric(0.5, len(X.data)).astype(np.float32)
    names = [f"gene{i}" for i in range(n_genes)]
    AnnData(X, var=pd.DataFrame(index=names)).write_h5ad(path)


def measured(n_cells: int, n_genes: int, cells_per_epoch: int, n_epochs: int) -> dict[str, object]:
    """One run of the command: seconds, peak memory, and what the command had expected."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_counts(folder / "cells.h5ad", n_cells, n_genes)
        (folder / "tfs.txt").write_text("\n".join(f"gene{i}" for i in range(200)))
        words = f"infer cells.h5ad --tfs tfs.txt --genes {n_genes} --out e.csv".split()
        words += f"--scale counts --detected 0 --seeds 1 --jobs 1 --epochs {n_epochs}".split()
        words += ["--json", "--quiet"]
        words += ["--cells-per-epoch", str(cells_per_epoch)] if cells_per_epoch else []
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "deepsem_book", *words],
            cwd=folder, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status):
            raise RuntimeError(f"deepsem ended with status {status}")
        summary = json.loads(output)
    return {
        "n_cells": n_cells, "n_genes": summary["genes"], "cells_per_epoch": cells_per_epoch,
        "n_epochs": n_epochs, "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": round(usage.ru_maxrss * 1024 / 1e6), **{
            f"expected_{key}": round(value) for key, value in summary["expected"].items()
        },
        "torch": version("torch"), "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds and memory of many cells.")
    parser.add_argument("--out", type=Path, default=TABLE)
    options = parser.parse_args()
    table_at(options.out).fill(KEY, SETTINGS, lambda **setting: [measured(**setting)])


if __name__ == "__main__":
    main()
