"""The preset for one's own data on BEELINE's benchmarks, beside the paper's in `beeline.csv`.

    python -m deepsem_book.beeline.measure_own [--data beeline/mDC-500 ...] [--seeds 2]

Trains `Config.for_data` and scores W as a user gets it (`networks.centred`) and as the paper ranks
it (|W|), each member and their mean. Writes data/results/own.csv after each training; what is in
the table is not run again. The preset was chosen on simulated cells (`deepsem_book.truth`).
"""

import argparse
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import centred, edge_table
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression

from .. import benchmark_table, datasets
from ..datasets.problem import Problem
from ..provenance import versions
from ..results_table import ResultsTable

SCORES = ("epr", "auprc_ratio")
TOP = 200  # edges that two members are asked to share
TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "own.csv",
    key=["data", "seed", "n_members"],
    columns=[
        "data", "network", "seed", "n_members", *SCORES, *(f"{score}_paper" for score in SCORES),
        "shared", "seconds", "input", "truth", "versions",
    ],
    text=["data", "network", "input", "truth", "versions"],
    whole=["seed", "n_members"],
)  # fmt: skip


def rows_of(
    problem: Problem, Ws: Sequence[np.ndarray], seed: int, seconds: float
) -> list[dict[str, Any]]:
    """One row per network: scores of the centred mean of W, and of the mean of |W|."""
    scored = {"": centred(np.mean(Ws, axis=0)), "_paper": np.mean(np.abs(Ws), axis=0)}
    tables = {end: edge_table(W, problem.genes, problem.tfs) for end, W in scored.items()}
    run = {"data": problem.name, "seed": seed, "n_members": len(Ws), "seconds": seconds}
    run["shared"] = shared(problem, Ws)
    about = {"input": problem.input, "versions": versions()}
    rows = []
    for kind, network in problem.networks.items():
        row = run | about | {"network": kind, "truth": problem.truths[kind]}
        for end, edges in tables.items():
            scores = evaluate(edges, network, problem.genes)
            row |= {f"{score}{end}": scores[score] for score in SCORES}
        rows.append(row)
    return rows


def shared(problem: Problem, Ws: Sequence[np.ndarray]) -> float:
    """Mean share of the first TOP edges that two members have in common; NaN of one member."""
    tables = (edge_table(centred(W), problem.genes, problem.tfs).head(TOP) for W in Ws)
    first = [set(zip(table["TF"], table["target"])) for table in tables]
    pairs = [len(a & b) / TOP for a, b in combinations(first, 2)]
    return float(np.mean(pairs)) if pairs else float("nan")


def measure(problem: Problem, n_seeds: int) -> None:
    """Rows of each seed, and of all together where there are several."""
    config = Config.for_data(*problem.X.shape)
    given = Expression.of(problem.X, config)
    members = []
    for seed in range(n_seeds):
        [member] = train_ensemble(given, config, [seed], n_jobs=1)
        members.append(member)
        TABLE.put(rows_of(problem, [member.W], seed, member.seconds))
    if n_seeds > 1:
        seconds = sum(member.seconds for member in members)
        TABLE.put(rows_of(problem, [member.W for member in members], 0, seconds))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The preset for own data on BEELINE.")
    parser.add_argument("--data", nargs="+", help="matrices (default: all that are available)")
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    TABLE.check_writable()
    for name in options.data or datasets.mirrored_matrices():
        if not TABLE.has(data=name, n_members=options.seeds):
            measure(Problem.load(name), options.seeds)
            print(name, flush=True)
    for score in SCORES:
        print(benchmark_table.against_the_paper(TABLE.read(), benchmark_table.recorded(), score))


if __name__ == "__main__":
    main()
