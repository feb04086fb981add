"""The methods that are judged on known truths, each a function of simulated cells to a signed W.

Every method takes (data, seed) and returns [target, regulator] (genes x genes); what it says of
genes that are no TF is not judged.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepsem_minimal.config import Config
from deepsem_minimal.networks import centred
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression, columns_of
from deepsem_minimal.train import Member

from ..baselines import apc, grnboost2, linear_sem, pearson, regdiffusion, ridge
from ..baselines.common import standardise
from ..truth_table import FEW, OWN, PAPER
from .simulator import Simulated

Array = NDArray[np.floating]
Method = Callable[[Simulated, int], Array]


def of_baseline(infer: Callable[..., Array], signed: bool = True, **settings: Any) -> Method:
    """A baseline as a method; one without signs takes those of the correlation."""

    def method(data: Simulated, seed: int = 0) -> Array:
        genes = [f"G{i}" for i in range(data.X.shape[1])]
        W = infer(data.X, genes, genes[: data.n_tfs], seed, **settings)
        return W if signed else W * np.sign(correlation(data, seed))

    return method


correlation = of_baseline(pearson.infer)


def degrees(data: Simulated, seed: int = 0) -> Array:
    """Knows the degrees of the truth and no edge."""
    edge = (data.W != 0).astype(float)
    return np.outer(edge.sum(axis=1), edge.sum(axis=0))


def oracle(data: Simulated, seed: int = 0) -> Array:
    """A bound: is a pair an edge, given depth, cell types and all other edges of the target?

    The log likelihood ratio of two Gaussian regressions of the target, with the candidate and
    without, on its true other regulators, log depth and cell types; signed as the coefficient.
    """
    Z, tfs = standardise(data.X), np.arange(data.n_tfs)
    types = (data.types[:, None] == np.unique(data.types)).astype(float)
    nuisance = np.c_[types, standardise(np.log(data.depth)[:, None])]
    r = np.zeros_like(data.W)
    for target in range(len(data.W)):
        regulators = np.flatnonzero(data.W[target])
        others = np.setdiff1d(tfs, [*regulators, target])
        r[target, others] = partial(Z, target, others, np.c_[nuisance, Z[:, regulators]])
        for tf in regulators:
            rest = np.setdiff1d(regulators, tf)
            r[target, tf] = partial(Z, target, [int(tf)], np.c_[nuisance, Z[:, rest]])[0]
    return -0.5 * len(Z) * np.log1p(-np.minimum(r**2, 1 - 1e-12)) * np.sign(r)


def partial(Z: Array, target: int, tfs: Sequence[int] | Array, known: Array) -> Array:
    """Correlations of the target with each TF, given the columns of `known`."""
    Q = np.linalg.qr(known)[0]
    y, x = (Z[:, genes] - Q @ (Q.T @ Z[:, genes]) for genes in ([target], tfs))
    products = (x * y).sum(axis=0)
    return np.asarray(products / np.maximum(np.sqrt((x**2).sum(axis=0) * (y**2).sum()), 1e-12))


METHODS: dict[str, Method] = {
    "correlation": correlation,
    "corrected": of_baseline(apc.infer, signed=False),
    "ridge": of_baseline(ridge.infer),
    "linear SEM": of_baseline(linear_sem.infer, n_steps=100),
    "GRNBoost2": of_baseline(grnboost2.infer, signed=False, max_trees=500),
    "RegDiffusion": of_baseline(regdiffusion.infer),
    "degrees": degrees,
    "oracle": oracle,
}

# --- DeepSEM --------------------------------------------------------------------------------------

GROUPS = 20  # of genes that are no TF, which share a column each in FEW
CONFIGS: dict[str, Callable[[int, int], Config]] = {
    OWN: Config.for_data,
    FEW: Config.for_data,
    PAPER: lambda n_cells, n_genes: Config.nonspecific(),
}


def deepsem(data: Simulated, config: Config, n_members: int, method: str) -> list[Member]:
    given = Expression.of(data.X, config)
    if method == FEW:
        is_tf = np.arange(data.X.shape[1]) < data.n_tfs
        given = given.with_columns(columns_of(given, is_tf, GROUPS))
    return train_ensemble(given, config, range(n_members), n_jobs=1)


def read_out(Ws: Iterable[Array], method: str, n_tfs: int) -> Array:
    """Signed scores of members: mean |W| with the sign of mean W for the paper, else `centred`."""
    listed = np.stack(list(Ws))
    mean = listed.mean(axis=0)
    if method == FEW:
        scores = np.zeros((len(mean), len(mean)))
        scores[:, :n_tfs] = centred(mean[:, :n_tfs], np.arange(n_tfs))
        return scores
    if method == PAPER:
        return np.abs(listed).mean(axis=0) * np.where(mean < 0, -1, 1)
    return centred(mean)
