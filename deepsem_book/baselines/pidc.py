"""PIDC: what one gene alone tells about another (and no third gene does), set in context.

Chan, Stumpf and Babtie, Cell Syst. 2017, doi 10.1016/j.cels.2017.08.014, with the defaults of
NetworkInference.jl: Bayesian-blocks bins, maximum-likelihood probabilities, Gamma context.

For a target z and sources x, y the redundancy (Williams and Beer) is
sum_b p(z_b) min(I(z_b; x), I(z_b; y)) with the specific information I(z_b; x) =
sum_a p(x_a | z_b) log p(x_a, z_b) / (p(x_a) p(z_b)). As MI(x; z) = sum_b p(z_b) I(z_b; x), what
x alone tells is sum_b p(z_b) max(I(z_b; x) - I(z_b; y), 0). Summed over all y this needs only the
sorted column I(z_b; .): all triplets exactly, in O(genes^2 log genes) per bin, not O(genes^3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.special import gammainc
from scipy.stats import gamma

from .common import matrix_and_tfs, only_tfs, spread, varying


def infer(X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0) -> np.ndarray:
    """W[target, regulator] in [0, 2], symmetric among TFs. Deterministic: `seed` has no effect.

    Needs at least 3 genes that vary (ValueError otherwise). All genes, TFs or not, are context.
    """
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    kept = varying(X)
    if kept.sum() < 3:
        raise ValueError("PIDC compares triplets of genes: fewer than 3 genes vary over the cells")
    bins = np.column_stack([discretise(column) for column in X[:, kept].T])
    return only_tfs(spread(context(proportional_unique_contribution(bins)), kept), is_tf)


def discretise(x: np.ndarray) -> np.ndarray:
    """Bin number of each value, bins by Bayesian blocks."""
    return np.searchsorted(bayesian_blocks(x)[1:-1], x, side="right")


def bayesian_blocks(x: np.ndarray) -> np.ndarray:
    """Edges of the piecewise constant density of highest posterior (Scargle et al. 2013).

    doi 10.1088/0004-637X/764/2/167; fitness Eq. 19, prior Eq. 21 with p0 = 0.05 and N = number of
    distinct values up to the block's end, as Discretizers.jl has it.
    """
    values, counts = np.unique(x, return_counts=True)
    n = len(values)
    if n == 1:
        return np.array([values[0], values[0]])
    edges = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2, values[-1:]])
    total = np.concatenate([[0], np.cumsum(counts)])
    end = np.arange(1, n + 1)
    prior = 4 - np.log(73.53 * 0.05 * end**-0.478)
    best, last = np.zeros(n + 1), np.zeros(n + 1, dtype=int)
    for k in end:  # the best blocks of the first k values; the last block starts at each i < k
        inside = total[k] - total[:k]
        fitness = best[:k] + inside * np.log(inside / (edges[k] - edges[:k])) - prior[k - 1]
        last[k] = np.argmax(fitness)
        best[k] = fitness[last[k]]
    cuts = [n]
    while cuts[-1] > 0:
        cuts.append(int(last[cuts[-1]]))
    return edges[cuts[::-1]]


def proportional_unique_contribution(bins: np.ndarray) -> np.ndarray:
    """PUC (genes x genes, symmetric, zero diagonal) from bin numbers (cells x genes).

    PUC[x, z] = sum over y of unique(x -> z given y) / MI(x; z) + unique(z -> x given y) / MI(x; z).
    """
    n_cells, n_genes = bins.shape
    n_bins = bins.max(axis=0) + 1
    starts = np.concatenate([[0], np.cumsum(n_bins)[:-1]])
    one_hot = np.zeros((n_cells, n_bins.sum()))
    one_hot[np.arange(n_cells)[:, None], starts + bins] = 1
    p = one_hot.mean(axis=0)

    unique = np.zeros((n_genes, n_genes))  # [source, target], summed over the third gene
    mutual = np.zeros((n_genes, n_genes))
    for z in range(n_genes):
        columns = slice(starts[z], starts[z] + n_bins[z])
        joint = one_hot.T @ one_hot[:, columns] / n_cells  # (all bins, bins of z)
        ratio = joint / (p[:, None] * p[None, columns])
        terms = joint / p[None, columns] * np.log(np.where(ratio > 0, ratio, 1.0))
        specific = np.add.reduceat(terms, starts, axis=0)  # (source, bin of z)
        mutual[:, z] = specific @ p[columns]
        # z itself among the third genes adds nothing: nothing tells more about z than z does.
        unique[:, z] = summed_excess(specific) @ p[columns]
    mutual = (mutual + mutual.T) / 2  # equal up to rounding
    off = ~np.eye(n_genes, dtype=bool) & (mutual > 1e-12)  # independent genes share nothing
    return np.divide(unique + unique.T, mutual, out=np.zeros_like(mutual), where=off)


def summed_excess(values: np.ndarray) -> np.ndarray:
    """For each entry, the sum over its column of max(entry - other, 0); values: (n, columns)."""
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0)
    rank = np.arange(len(values))[:, None]
    excess = rank * ranked - (np.cumsum(ranked, axis=0) - ranked)
    result = np.empty_like(values)
    np.put_along_axis(result, order, excess, axis=0)
    return result


def context(scores: np.ndarray) -> np.ndarray:
    """Gamma CDF of each score among its row's scores plus the same for its column, in [0, 2].

    scores: symmetric, genes x genes. The Gamma of a gene is fitted by maximum likelihood to its
    positive scores (NetworkInference.jl falls back to z-scores, another scale, if one is 0).
    """
    cdf = np.zeros_like(scores)
    for i, row in enumerate(scores):
        positive = row[row > 0]
        if len(positive) and np.ptp(positive) > 0:
            shape, _, scale = gamma.fit(positive, floc=0)
            cdf[i] = gammainc(shape, row / scale)
    return cdf + cdf.T
