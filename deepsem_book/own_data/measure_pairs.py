"""Measures what two seeds share of their first edges on real cells: data/results/pairs.csv.

    nice python -m deepsem_book.own_data.measure_pairs [--seeds 3]

`Config.for_data` on cells as `deepsem infer --tfs human` prepares them, and on a matrix of BEELINE
as it is. A row is written for each pair as soon as its second member is trained; a data set with
all its pairs is not trained again.
"""

import argparse
from collections.abc import Sequence

import torch
from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit

from .. import datasets
from ..provenance import versions
from ..results_table import ResultsTable
from . import example, health, prepare

DATA = ("pbmc_facs", "beeline/mDC-500")
TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "pairs.csv",
    key=["data", "seed", "other"],
    columns=["data", "seed", "other", "shared", "chance", "top", "n_cells", "n_genes", "n_tfs",
             "seconds", "versions"],
    text=["data", "versions"],
    whole=["seed", "other", "top", "n_cells", "n_genes", "n_tfs"],
)  # fmt: skip


def cells(name: str) -> AnnData:
    """Log expression with var["tf"]: a matrix of BEELINE, or counts prepared as by the command."""
    adata = datasets.load(name)
    if example.is_simulated(adata):  # it has no counts: a matrix of log expression, as it is
        return adata
    tfs = prepare.transcription_factors("human")
    return prepare.prepare_cells(example.raw_counts(adata), tfs).adata


def measure(name: str, n_seeds: int, table: ResultsTable = TABLE) -> None:
    """Rows of all pairs of the seeds 0, 1, ..."""
    adata = cells(name)
    config = Config.for_data(*adata.shape)
    n_tfs = int(adata.var["tf"].sum()) if "tf" in adata.var else adata.n_vars
    about = {"data": name, "n_cells": adata.n_obs, "n_genes": adata.n_vars, "n_tfs": n_tfs}
    result = fit(adata, config, seeds=[0], n_jobs=1, progress=False)
    for seed in range(1, n_seeds):
        result.members += fit(adata, config, [seed], n_jobs=1, progress=False).members
        pairs = result.agreement(health.TOP)
        rows = pairs[pairs["other"] == seed].to_dict("records")
        more = {"top": health.TOP, "seconds": result.members[-1].seconds, "versions": versions()}
        table.put([about | row | more for row in rows])
        print(name, *(f"{row['shared']:.0%}" for row in rows), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="What two seeds share on real cells.")
    parser.add_argument("--data", nargs="+", default=DATA)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    TABLE.check_writable()
    for name in options.data:
        if not TABLE.has(data=name, other=options.seeds - 1):
            measure(name, options.seeds)


if __name__ == "__main__":
    main()
