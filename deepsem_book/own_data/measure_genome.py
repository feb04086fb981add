"""All genes of a real data set beside the most varying ones: data/results/whole_genome.csv.

    python -m deepsem_book.own_data.measure_genome

Baron's pancreas from raw counts, human TFs, three seeds: the command's default (TFs and the 1,000
most varying other genes, the paper's model) and all genes seen in 5 % of the cells (columns for
the TFs and 20 groups). One row per run and measure; runs that stand in the table are not repeated.
"""

import time
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.result import Result

from .. import datasets
from ..provenance import PeakMemory, machine, versions
from ..results_table import ResultsTable
from . import advice, control, health, prepare, training

TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "whole_genome.csv", ["run", "measure"],
    ["run", "measure", "value", "of", "versions", "machine"],
    ["run", "measure", "versions", "machine"], [], order=(),
)  # fmt: skip
SEEDS, TOP, DETECTED = 3, 1000, 0.05
RUNS: dict[str, int | None] = {"most varying": 1000, "all": None}  # other genes kept
# Regulators that textbooks name for what marks a cell type of the pancreas: insulin (Fu, Gilbert &
# Liu, Curr. Diabetes Rev. 2013), glucagon (Collombat et al., Genes Dev. 2003), somatostatin (Zhang
# et al., Genes Dev. 2014).
KNOWN = [("PDX1", "INS"), ("MAFA", "INS"), ("NEUROD1", "INS"), ("ARX", "GCG"), ("HHEX", "SST")]


def trained(other_genes: int | None) -> tuple[Any, Result, dict[str, float]]:
    """The prepared cells, the ensemble, and its cost in seconds and memory."""
    adata = datasets.load("baron", quiet=True)
    adata.X = adata.layers["counts"]
    tfs = prepare.transcription_factors("human")
    cells = prepare.prepare_cells(adata, tfs, other_genes, detected=DETECTED).adata
    few = cells.n_vars > training.MANY
    names = list(cells.var_names[cells.var["tf"]])
    start = time.process_time()
    with PeakMemory() as memory:
        result = fit(
            cells, Config.for_data(*cells.shape), SEEDS, "cpu", 1, False,
            regulators=names if few else None, nuisance=training.GROUPS if few else 0,
        )  # fmt: skip
    return (
        cells,
        result,
        {
            "CPU seconds of all seeds": time.process_time() - start,
            "peak memory, MB": memory.peak / 1e6,
        },
    )


def measures(cells: Any, result: Result) -> dict[str, tuple[float, float]]:
    """What is said of an ensemble by itself: value, and beside it what it is to be read against."""
    stable = advice.stability(result, TOP)
    names, genes = list(result.tfs or []), result.genes
    at = pd.Index(genes).get_indexer(names)
    r = control.correlations(cells.X, at)
    edges = result.edges()
    beside = control.beside(edges.head(TOP), r, genes, tfs=names)
    sick = sum(bool(judged.complaints) for judged in health.judged(result))
    rows = {
        "genes": (len(genes), np.nan), "TFs": (len(names), np.nan),
        "seeds that trained": (SEEDS - sick, SEEDS),
        "first edges that two seeds share": (stable["shared"], stable["chance"]),
        "first edges that the corrected correlation has too": (beside["shared"], beside["chance"]),
    }  # fmt: skip
    places = edges[["TF", "target"]].assign(
        place=edges.groupby("target")["importance"].rank(ascending=False)
    )
    places = places.set_index(["TF", "target"])["place"]
    for pair in KNOWN:
        if pair in places.index:
            rows[f"place of {pair[0]} among the TFs of {pair[1]}"] = (places[pair], len(names))
    return rows


def compared(first: Result, other: Result) -> dict[str, tuple[float, float]]:
    """Agreement of two ensembles over the pairs of genes that both have."""
    tables = [result.edges().set_index(["TF", "target"])["importance"] for result in (first, other)]
    a, b = pd.concat(tables, axis=1, join="inner").to_numpy().T
    heads = [set(np.argsort(-values, kind="stable")[:TOP].tolist()) for values in (a, b)]
    return {
        "rank correlation with the other run": (float(stats.spearmanr(a, b)[0]), 0.0),
        "first edges in common with the other run": (len(heads[0] & heads[1]) / TOP, TOP / len(a)),
    }


def main() -> None:
    torch.set_num_threads(1)
    TABLE.check_writable()
    about = {"versions": versions(), "machine": machine()}
    if TABLE.has(run="all", measure="genes"):
        return
    results = []
    for run, other_genes in RUNS.items():
        cells, result, cost = trained(other_genes)
        rows = measures(cells, result) | {name: (value, np.nan) for name, value in cost.items()}
        results.append(result)
        if len(results) == len(RUNS):
            rows |= compared(*results)
        TABLE.put([
            {"run": run, "measure": name, "value": value, "of": of} | about
            for name, (value, of) in rows.items()
        ])  # fmt: skip
        print(run, rows, flush=True)


if __name__ == "__main__":
    main()
