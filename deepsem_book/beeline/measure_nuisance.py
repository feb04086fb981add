"""Kinds of nuisance: what may stand for the columns that nobody looks at, on BEELINE.

    python -m deepsem_book.beeline.measure_nuisance [--data beeline/mDC-500] [--seeds 3]

The groups of `columns_of` are k-means of expression; its scores are in few_regulators.csv. Here as
many groups are made in other ways, or there are none and depth is taken off before the training,
or hubs are corrected after it. Resumable as `measure_few_regulators`.
"""

import argparse
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from deepsem_minimal.config import Config
from deepsem_minimal.networks import product_corrected, tf_mask
from deepsem_minimal.preprocess import Expression, columns_of
from deepsem_minimal.train import Member, train

from .. import datasets
from ..results_table import ResultsTable
from . import measure_few_regulators as few

GROUPS = 20
KEY = ["data", "kind", "seed", "network"]
TEXT = ("data", "kind", "network", "versions", "error")


def results() -> ResultsTable:
    columns = [*KEY, *few.METRICS, "n_genes", "n_regulators", "seconds", "versions", "error"]
    path = datasets.DATA_DIR / "results" / "nuisance.csv"
    return ResultsTable(path, KEY, columns, TEXT, ("seed", "n_genes", "n_regulators"))


def by_detection(X: np.ndarray) -> np.ndarray:
    """Groups of equal size (genes,), by the share of cells in which a gene of X is seen."""
    order = np.argsort(np.argsort((X != 0).mean(axis=0), kind="stable"))
    return order * GROUPS // len(order)


def at_random(X: np.ndarray) -> np.ndarray:
    """Groups of equal size (genes,) of genes that have nothing in common."""
    order = np.random.default_rng(0).permutation(X.shape[1])
    return order * GROUPS // len(order)


def without_depth(X: np.ndarray) -> np.ndarray:
    """X (cells x genes) less each gene's regression on the cells' mean; zeros are kept as zeros."""
    depth = X.mean(axis=1, keepdims=True) - X.mean()
    residuals = X - depth * (depth * (X - X.mean(axis=0))).sum(axis=0) / np.square(depth).sum()
    return np.where(X == 0, 0, residuals)


def hubs_corrected(W: np.ndarray) -> np.ndarray:
    """|W| (genes x TFs) after the average product correction."""
    return product_corrected(np.abs(W))


class Kind(NamedTuple):
    """What is done to the cells before, to the genes that are no TFs, and to W after it."""

    prepare: Callable[[np.ndarray], np.ndarray] = np.asarray
    group: Callable[[np.ndarray], np.ndarray] | None = None
    read: Callable[[np.ndarray], np.ndarray] = np.asarray


KINDS = {
    "detection": Kind(group=by_detection),
    "at random": Kind(group=at_random),
    "depth taken off": Kind(prepare=without_depth),
    "hubs corrected": Kind(read=hubs_corrected),
}


def part_of(kind: Kind, expression: Expression, X: np.ndarray, is_tf: np.ndarray) -> Tensor:
    """The column of each gene (genes,): one for each TF, and one for each group of the others."""
    part = columns_of(expression, is_tf)
    if kind.group:
        part[torch.as_tensor(~is_tf)] = torch.as_tensor(kind.group(X[:, ~is_tf])) + part.max() + 1
    return part


def scores(data: str, kind: str, seed: int) -> Iterator[dict[str, Any]]:
    """One row per network."""
    problem, chosen, config = few.loaded(data), KINDS[kind], Config.nonspecific()
    mask = tf_mask(problem.genes, problem.tfs)

    def training() -> Member:
        X = chosen.prepare(np.asarray(problem.X))
        expression = Expression.of(X, config)
        return train(expression.with_columns(part_of(chosen, expression, X, mask)), config, seed)

    facts = {"data": data, "kind": kind, "seed": seed}
    yield from few.rows_of(problem, facts, training, chosen.read)


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores with other kinds of nuisance.")
    parser.add_argument("--data", nargs="+", help="matrices (default: all that are available)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = options.data or datasets.mirrored_matrices()
    for name in names:
        few.loaded(name)  # one that cannot be had stops here, before anything is trained
    runs = product(range(options.seeds), names, options.kinds)
    results().fill(["seed", "data", "kind"], runs, scores)


if __name__ == "__main__":
    main()
