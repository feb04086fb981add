"""Scores every method on rewired truths: is an EPR about edges or about degrees?

    python -m deepsem_book.beeline.measure_rewired [--methods PIDC ...] [--data beeline/mDC-500 ...]

For each benchmark at hand, by `networks.rewiring_test`: the ensemble of DeepSEM and one training of
it (DeepSEM*), both with the preset of that kind of network, the correlations, and one seed of the
baselines. Members of the ensemble that the cache of the benchmark runner lacks are trained (hours
for all). Writes data/results/rewired.csv after each method and matrix; what is in the table is not
run again.
"""

import argparse
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from deepsem_minimal.networks import edge_table
from deepsem_minimal.result import mean_weight

from .. import benchmark_table, datasets
from ..datasets.problem import Problem
from ..provenance import versions
from ..results_table import ResultsTable
from .epr import rewiring_test
from .grid import Method, Run
from .run import has_weights, infer, read_weights, trained_before, write_weights

TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "rewired.csv",
    key=["data", "method"],
    columns=[
        "data", "metric", "observed", "null_mean", "null_sd", "z", "network", "method",
        "n_rewirings", "n_members", "seed", "preset", "input", "truth", "versions",
    ],
    text=["data", "metric", "network", "method", "preset", "input", "truth", "versions"],
    whole=["n_rewirings", "n_members", "seed"],
    order=(),
)  # fmt: skip
REWIRINGS, SEEDS = 50, 10
DEEPSEM = {"DeepSEM": SEEDS, "DeepSEM*": 1}  # members of the ensemble, as chapter 5 names them
METHODS = [
    *DEEPSEM, "Pearson", "Pearson-detection", "Pearson-APC", "Pearson2-APC", "ppcor", "SCODE",
    "PIDC", "SINCERITIES", "GRNBoost2", "GENIE3/n_trees=50", "LinearSEM", "RegDiffusion", "DAZZLE",
]  # fmt: skip


def ensemble(problem: Problem, preset: str, n_members: int) -> np.ndarray:
    """Mean |W| of the first members that the benchmark records."""
    [method] = Method.parse(f"DeepSEM-{preset}")
    members = Run(problem, method, 0, n_members).members()
    for member in members:
        if not has_weights(member):
            write_weights(member, infer(member))
    return mean_weight(map(read_weights, members))


def single(problem: Problem, name: str) -> tuple[np.ndarray, int]:
    """W and seed: the first that the cache of the benchmark's runner has, else seed 0."""
    [method] = Method.parse(name)
    for seed in range(SEEDS):
        if (known := trained_before(Run(problem, method, seed))) is not None:
            return known, seed
    return infer(Run(problem, method, 0)), 0


def tested(method: str, data: str) -> list[dict[str, Any]]:
    """Both metrics of one method on the networks of a matrix."""
    problem = Problem.load(data)
    n_members, W, seed, tables = DEEPSEM.get(method, 1), None, 0, []
    for kind, network in problem.networks.items():
        preset = benchmark_table.PRESET_OF[kind] if method in DEEPSEM else ""
        if preset:
            W = ensemble(problem, preset, n_members)
        elif W is None:
            W, seed = single(problem, method)
        edges = edge_table(W, problem.genes, problem.tfs)
        rows = rewiring_test(edges, network, problem.genes, REWIRINGS)
        tables.append(
            rows.assign(
                data=data, network=kind, method=method, n_rewirings=REWIRINGS,
                n_members=n_members, seed=seed, preset=preset,
                input=problem.input, truth=problem.truths[kind], versions=versions(),
            )
        )  # fmt: skip
    return pd.concat(tables).to_dict("records")


def main() -> None:
    parser = argparse.ArgumentParser(description="Score methods on rewired truths.")
    parser.add_argument("--methods", nargs="+", default=METHODS, help="as the benchmark names them")
    parser.add_argument("--data", nargs="+", help="matrices (default: all that are available)")
    options = parser.parse_args()
    runs = product(options.methods, options.data or datasets.mirrored_matrices())
    TABLE.fill(["method", "data"], runs, tested)


if __name__ == "__main__":
    main()
