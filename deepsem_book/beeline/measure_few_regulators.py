"""What a column for the TFs only costs: scores of `fit(..., regulators=, nuisance=k)` on BEELINE.

    python -m deepsem_book.beeline.measure_few_regulators [--data beeline/mDC-500] [--seeds 3]

A run is (matrix, preset, k, seed) and gives one row for each network. The full model's scores of
the same seeds stand in beeline.csv (the paper's presets) and own.csv ("own", scored by
`networks.centred` as a user gets it). What stands in the table is not run again; seed goes first,
so that a stop leaves whole rounds.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import centred, edge_table, tf_mask
from deepsem_minimal.preprocess import Array, Expression, columns_of
from deepsem_minimal.train import Member, TrainingError, train

from .. import datasets
from ..datasets.problem import Problem
from ..provenance import versions
from ..results_table import ResultsTable

NUISANCE = (0, 1, 5, 20, 50)
KEY = ["data", "preset", "nuisance", "seed", "network"]
METRICS = ["epr", "auprc_ratio", "auroc"]
TEXT = ("data", "preset", "network", "versions", "error")


def results() -> ResultsTable:
    columns = [*KEY, *METRICS, "n_genes", "n_regulators", "seconds", "versions", "error"]
    path = datasets.DATA_DIR / "results" / "few_regulators.csv"
    return ResultsTable(path, KEY, columns, TEXT, ("nuisance", "seed", "n_genes", "n_regulators"))


loaded = cache(Problem.load)


def config_of(preset: str, problem: Problem) -> Config:
    if preset == "own":
        return Config.for_data(*problem.X.shape)
    if preset == "nonspecific":
        return Config.nonspecific()
    return Config.cell_type_specific(problem.name)


def scores(data: str, preset: str, nuisance: int, seed: int) -> Iterator[dict[str, Any]]:
    """One row per network; an error of the training stands in the table."""
    problem = loaded(data)
    config, mask = config_of(preset, problem), tf_mask(problem.genes, problem.tfs)

    def training() -> Member:
        expression = Expression.of(problem.X, config)
        return train(expression.with_columns(columns_of(expression, mask, nuisance)), config, seed)

    def read(W: Array) -> Array:
        return centred(W, np.flatnonzero(mask)) if preset == "own" else W

    facts = {"data": data, "preset": preset, "nuisance": nuisance, "seed": seed}
    yield from rows_of(problem, facts, training, read)


def rows_of(
    problem: Problem, facts: dict[str, Any], training: Callable[[], Member],
    read: Callable[[Array], Array],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Score the columns of the TFs of a member's W, `read` as edges; `training` is timed."""
    genes, mask = list(problem.genes), tf_mask(problem.genes, problem.tfs)
    facts |= {"n_genes": len(genes), "n_regulators": int(mask.sum()), "versions": versions()}
    start = time.process_time()
    regulators = [gene for gene, is_tf in zip(genes, mask, strict=True) if is_tf]
    try:
        W = training().W[:, : len(regulators)]
    except TrainingError as error:
        for kind in problem.networks:
            yield facts | {"network": kind, "error": str(error)}
        return
    facts |= {"seconds": time.process_time() - start, "error": ""}
    edges = edge_table(read(W), genes, problem.tfs, regulators=regulators)
    for kind, network in problem.networks.items():
        metrics = evaluate(edges, network, genes)
        yield facts | {"network": kind} | {metric: metrics[metric] for metric in METRICS}


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores with a column of W per TF.")
    parser.add_argument("--data", nargs="+", help="matrices (default: all that are available)")
    parser.add_argument("--presets", nargs="+", default=["nonspecific", "specific", "own"])
    parser.add_argument("--nuisance", nargs="+", type=int, default=NUISANCE)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = options.data or datasets.mirrored_matrices()
    for name in names:
        loaded(name)  # one that cannot be had stops here, before anything is trained
    runs = product(range(options.seeds), names, options.presets, options.nuisance)
    results().fill(["seed", "data", "preset", "nuisance"], runs, scores)


if __name__ == "__main__":
    main()
