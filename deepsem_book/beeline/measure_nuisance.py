"""Kinds of nuisance: what may stand for the columns that nobody looks at, on BEELINE.

    python -m deepsem_book.beeline.measure_nuisance [--data beeline/mDC-500] [--seeds 3]

The groups of `columns_of` are k-means of expression; its scores are in few_regulators.csv. Here as
many groups are made in other ways, or there are none and depth is taken off before the training,
or hubs are corrected after it. Resumable as `measure_few_regulators`.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepsem_minimal.config import Config
from deepsem_minimal.networks import product_corrected, tf_mask
from deepsem_minimal.preprocess import Expression, columns_of
from deepsem_minimal.train import train

from .. import datasets
from ..datasets.problem import Problem
from ..results_table import ResultsTable
from . import measure_few_regulators as few

GROUPS = 20
KEY = ["data", "kind", "seed", "network"]
TEXT = ("data", "kind", "network", "versions", "error")


def results() -> ResultsTable:
    columns = [*KEY, *few.METRICS, "n_genes", "n_regulators", "seconds", "versions", "error"]
    path = datasets.DATA_DIR / "results" / "nuisance.csv"
    return ResultsTable(path, KEY, columns, TEXT, ("seed", "n_genes", "n_regulators"))


def grouped(X: np.ndarray, is_tf: np.ndarray, group: np.ndarray) -> Tensor:
    """`part` with a column for each TF and one for each of `group` (other genes,), from 0."""
    part = columns_of(Expression.of(X, Config()), is_tf)
    part[torch.as_tensor(~is_tf)] = torch.as_tensor(group) + int(is_tf.sum()) + 1
    return part


def by_detection(X: np.ndarray, is_tf: np.ndarray) -> Tensor:
    """Groups of equal size, by the share of cells in which a gene is seen."""
    order = np.argsort(np.argsort((X[:, ~is_tf] != 0).mean(axis=0), kind="stable"))
    return grouped(X, is_tf, order * GROUPS // len(order))


def at_random(X: np.ndarray, is_tf: np.ndarray) -> Tensor:
    """Groups of equal size of genes that have nothing in common."""
    order = np.random.default_rng(0).permutation(int((~is_tf).sum()))
    return grouped(X, is_tf, order * GROUPS // len(order))


def without_depth(X: np.ndarray) -> np.ndarray:
    """X (cells x genes) less each gene's regression on the cells' mean; zeros are kept as zeros."""
    depth = X.mean(axis=1, keepdims=True) - X.mean()
    residuals = X - depth * (depth * (X - X.mean(axis=0))).sum(axis=0) / np.square(depth).sum()
    return np.where(X == 0, 0, residuals)


def hubs_corrected(W: np.ndarray) -> np.ndarray:
    """|W| (genes x TFs) after the average product correction."""
    return product_corrected(np.abs(W))


# kind: (cells for the training, the column of each gene, how W is read)
Kind = tuple[
    Callable[[np.ndarray], np.ndarray],
    Callable[[np.ndarray, np.ndarray], Tensor],
    Callable[[np.ndarray], np.ndarray],
]


def no_groups(X: np.ndarray, is_tf: np.ndarray) -> Tensor:
    return columns_of(Expression.of(X, Config()), is_tf)


KINDS: dict[str, Kind] = {
    "detection": (few.identity, by_detection, few.identity),
    "at random": (few.identity, at_random, few.identity),
    "depth taken off": (without_depth, no_groups, few.identity),
    "hubs corrected": (few.identity, no_groups, hubs_corrected),
}


def scores(problem: Problem, name: str, seed: int) -> Iterator[dict[str, Any]]:
    """One row per network."""
    prepare, column_of, read = KINDS[name]
    X, config = prepare(np.asarray(problem.X)), Config.nonspecific()
    part = column_of(X, tf_mask(problem.genes, problem.tfs))
    facts = {"data": problem.name, "kind": name, "seed": seed}
    training = partial(train, Expression.of(X, config).with_columns(part), config)
    yield from few.rows_of(problem, facts, training, read)


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores with other kinds of nuisance.")
    parser.add_argument("--data", nargs="+", help="matrices (default: all that are available)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = results()
    table.check_writable()
    problems = {n: Problem.load(n) for n in options.data or datasets.mirrored_matrices()}
    for seed in range(options.seeds):
        for name, problem in problems.items():
            for kind in options.kinds:
                if not table.has(data=name, kind=kind, seed=seed):
                    rows = list(scores(problem, kind, seed))
                    table.put(rows)
                    for row in rows:
                        print(name, kind, seed, row["network"], row.get("epr"), flush=True)


if __name__ == "__main__":
    main()
