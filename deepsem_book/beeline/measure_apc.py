"""Does the average product correction help a method, and what does the method know beyond it?

    python -m deepsem_book.beeline.measure_apc [--methods PIDC ...] [--data beeline/mDC-500 ...]

Scores W of seed 0 of each method (DeepSEM with both presets), and of DeepSEM's ensemble of ten
where the cache of the benchmark runner has all its members: before and after `baselines.apc.after`,
and beside the corrected correlation (`beyond_control`). Writes data/results/apc.csv after each
method and matrix; what is in the table is not run again. Methods that take minutes run only when
they are named.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from deepsem_minimal.metrics import early_precision, evaluate, ranking_areas
from deepsem_minimal.networks import candidates, edge_table, tf_mask
from deepsem_minimal.result import mean_weight

from .. import datasets
from ..baselines import apc
from ..datasets.problem import Problem
from ..provenance import versions
from ..results_table import ResultsTable
from .grid import DEEPSEM, Method, Run
from .run import has_weights, infer, read_weights, trained_before, write_weights

SCORES = ("epr", "auprc_ratio")
TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "apc.csv",
    key=["data", "method", "preset", "seed", "n_members"],
    columns=[
        "data", "network", "method", "preset", "seed", "n_members",
        *SCORES, *(f"{score}_after" for score in SCORES), *(f"{score}_average" for score in SCORES),
        "partial", "input", "truth", "versions",
    ],
    text=["data", "network", "method", "preset", "input", "truth", "versions"],
    whole=["seed", "n_members"],
)  # fmt: skip
METHODS = ("Pearson", "Pearson-detection", "ppcor", "PIDC", "LinearSEM", "DeepSEM")
SEEDS = 10


def weights(run: Run) -> np.ndarray:
    """W of a single inference, from the cache where it is there."""
    if (known := trained_before(run)) is not None:
        return known
    W = infer(run)
    if run.method.base == DEEPSEM:
        write_weights(run, W)
    return W


def runs(problem: Problem, method: Method) -> Iterator[tuple[Run, np.ndarray]]:
    """Seed 0, and the ensemble of SEEDS if the cache has it."""
    single = Run(problem, method, 0)
    yield single, weights(single)
    ensemble = Run(problem, method, 0, SEEDS)
    if method.base == DEEPSEM and all(map(has_weights, ensemble.members())):
        yield ensemble, mean_weight(map(read_weights, ensemble.members()))


def beyond_control(
    edges: pd.DataFrame, control: pd.DataFrame, network: pd.DataFrame, genes: Sequence[str]
) -> dict[str, float]:
    """What a ranking of the candidate edges knows that the control's does not.

    epr_average, auprc_ratio_average: scores of the mean of the two ranks. partial: Spearman's
    correlation of the ranking with the truth, given the control's.
    """
    truth, scores = candidates(edges, network, genes).flat
    own, other = rankdata(scores), rankdata(candidates(control, network, genes).flat[1])
    r = np.corrcoef([own, other, truth])
    both = own + other
    return {
        "epr_average": early_precision(truth, both) / truth.mean(),
        "auprc_ratio_average": ranking_areas(truth, both)[0] / truth.mean(),
        "partial": (r[0, 2] - r[0, 1] * r[1, 2]) / np.sqrt((1 - r[0, 1] ** 2) * (1 - r[1, 2] ** 2)),
    }


def before_and_after(run: Run, W: np.ndarray) -> list[dict[str, Any]]:
    """One row per network of the matrix: scores of W, after the correction, with the control."""
    problem, rows = run.problem, []
    genes, tfs = problem.genes, problem.tfs
    matrices = W, apc.after(W, tf_mask(genes, tfs)), apc.infer(problem.X, genes, tfs)
    edges, corrected, control = (edge_table(weight, genes, tfs) for weight in matrices)
    for kind, network in problem.networks.items():
        plain, after = (evaluate(table, network, genes) for table in (edges, corrected))
        row = dict(zip(TABLE.key, run.key, strict=True)) | {"network": kind}
        row |= {score: plain[score] for score in SCORES}
        row |= {f"{score}_after": after[score] for score in SCORES}
        row |= beyond_control(edges, control, network, genes)
        row |= {"input": problem.input, "truth": problem.truths[kind], "versions": versions()}
        rows.append(row)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Correct the hubs of finished matrices.")
    parser.add_argument("--methods", nargs="+", default=METHODS, help="as the benchmark names them")
    parser.add_argument("--data", nargs="+", help="matrices (default: all that are available)")
    options = parser.parse_args(arguments)
    TABLE.check_writable()
    for name in options.data or datasets.mirrored_matrices():
        problem = Problem.load(name)
        for method in [method for text in options.methods for method in Method.parse(text)]:
            if TABLE.has(data=name, method=method.name, preset=method.preset, n_members=1):
                continue
            for run, W in runs(problem, method):
                TABLE.put(before_and_after(run, W))
            print(f"{name}, {method.name} {method.preset}: measured", flush=True)


if __name__ == "__main__":
    main()
