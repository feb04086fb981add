"""What the baselines share: one input check, lineages, loops over targets, and TF columns only.

Every method is `infer(X, genes, tfs, seed=0, **settings) -> W` with X = log expression
(cells x genes) and W[target, regulator] (genes x genes, float64, finite). Columns of genes that
are not TFs and the diagonal are 0. Genes that are constant over the cells used carry no
information: their rows and columns are 0.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

import numpy as np
from joblib import Parallel, delayed

from deepsem_minimal.networks import tf_mask
from deepsem_minimal.preprocess import dense

from ..errors import check_matrix


def matrix_and_tfs(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Checked float64 copy of X (cells x genes) and the boolean TF mask (genes,).

    Accepts a dense or SciPy sparse X. Raises ValueError for a wrong shape, NaN or infinite values,
    gene names that repeat up to case, fewer than 3 cells, or when no TF is among the genes.
    """
    values = np.array(dense(X), dtype=np.float64)
    check_matrix(values, genes)
    return values, tf_mask(genes, tfs)


def optional(module: str, requirement: str) -> ModuleType:
    """Import a package that is not a dependency of this one; ImportError says how to install it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{requirement} is not installed or does not import ({error}); "
            "run: pip install -r requirements-baselines.txt"
        ) from error


@contextmanager
def untouched_generators() -> Iterator[None]:
    """Restore NumPy's, torch's and Python's global random generators afterwards.

    For packages that seed or draw from the global generators.
    """
    import torch

    numpy_state = np.random.get_state()  # noqa: NPY002
    python_state = random.getstate()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


def varying(X: np.ndarray) -> np.ndarray:
    """Mask (genes,) of the genes that are not constant over the cells."""
    return np.ptp(X, axis=0) > 0


def standardise(X: np.ndarray) -> np.ndarray:
    """Columns to mean 0 and (population) variance 1; constant columns to 0."""
    centred = X - X.mean(axis=0)
    sd = X.std(axis=0)
    return np.divide(centred, sd, out=np.zeros_like(centred), where=(sd > 0) & varying(X))


def only_tfs(W: np.ndarray, is_tf: np.ndarray) -> np.ndarray:
    """Zero the columns of genes that are not TFs, and the diagonal, of W[target, regulator]."""
    kept = np.where(is_tf[None, :], W, 0.0)
    np.fill_diagonal(kept, 0.0)
    return kept


def spread(scores: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Scores among the kept genes (k x k) -> genes x genes with zeros elsewhere."""
    W = np.zeros((len(kept), len(kept)))
    W[np.ix_(kept, kept)] = scores
    return W


def from_all_genes(
    fit: Callable[[np.ndarray], np.ndarray], X: np.ndarray, genes: Sequence[str], tfs: Iterable[str]
) -> np.ndarray:
    """W of a method that models all genes together: `fit` maps standardised genes to W (k x k).

    Constant genes are left out, every other gene is a regulator in the fit; columns of genes that
    are not TFs are dropped afterwards.
    """
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    kept = varying(X)
    return only_tfs(spread(fit(standardise(X[:, kept])), kept), is_tf)


def per_target(
    score: Callable[[np.ndarray, int, int], np.ndarray], X: np.ndarray, is_tf: np.ndarray, seed:
    int, n_jobs: int,
) -> np.ndarray:  # fmt: skip
    """W from one regression per target: `score(regulators, target, random_state)`.

    regulators: gene numbers of the TFs without the target itself, one score is returned for each;
    target: a gene number. Each target has its own random state, so W does not depend on `n_jobs`.
    """
    usable = varying(X)
    tfs = np.flatnonzero(is_tf & usable)

    def row_of(target: int) -> np.ndarray:
        state = int(np.random.SeedSequence([seed, target]).generate_state(1)[0] >> 1)
        return score(tfs[tfs != target], target, state)

    targets = [int(target) for target in np.flatnonzero(usable) if np.any(tfs != target)]
    # Threads: the compiled tree builders release the GIL and share the expression matrix.
    rows = Parallel(n_jobs=n_jobs, prefer="threads")(delayed(row_of)(target) for target in targets)
    W = np.zeros((X.shape[1], X.shape[1]))
    for target, row in zip(targets, rows, strict=True):
        W[target, tfs[tfs != target]] = row
    return W


def lineages(
    pseudotime: np.ndarray | None, n_cells: int, method: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    """(cells, their times) of each lineage, cells in the order of time (ties: in given order).

    pseudotime: (cells,) or cells x lineages; NaN means that a cell is not in the lineage.
    Raises ValueError when it is missing, has a wrong length, or a lineage has fewer than 3 cells
    or a single time.
    """
    if pseudotime is None:
        raise ValueError(f"{method} needs pseudotime= (cells x lineages, NaN = not in the lineage)")
    times = np.asarray(pseudotime, dtype=np.float64)
    times = times[:, None] if times.ndim == 1 else times
    if times.ndim != 2 or len(times) != n_cells:
        raise ValueError(f"pseudotime has shape {times.shape}; {n_cells} cells need that many rows")
    cells_and_times = []
    for column in times.T:
        cells = np.flatnonzero(np.isfinite(column))
        if len(cells) < 3 or np.ptp(column[cells]) == 0:
            raise ValueError(f"{method}: a lineage has fewer than 3 cells or a single pseudotime")
        cells = cells[np.argsort(column[cells], kind="stable")]
        cells_and_times.append((cells, column[cells]))
    return cells_and_times


def strongest(per_lineage: Sequence[np.ndarray]) -> np.ndarray:
    """The entry of largest absolute value over the lineages, as BEELINE merges them (signed)."""
    stack = np.stack(per_lineage)
    best = np.abs(stack).argmax(axis=0)
    return np.take_along_axis(stack, best[None], axis=0)[0]
