"""How real are simulated cells? Scores that copying wins, and scores that find it out.

Everything is log expression, cells x genes. The membership weights of Eq. 8 are
`clustering.membership_weights`.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.model_selection import StratifiedKFold

from deepsem_minimal.networks import edge_table

PERCENT = (0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 2.5)  # K of Eq. 9


N_PCS, N_FOLDS = 50, 5


N_CORRELATED = 50  # genes of the correlation error in `scores`


def components(
    X: np.ndarray, *others: np.ndarray, n: int = N_PCS, seed: int = 0
) -> list[np.ndarray]:
    """First n principal components of X (cells x genes), and the others in the same axes."""
    pca = PCA(min(n, *X.shape), random_state=seed, svd_solver="randomized").fit(X)
    return [pca.transform(part) for part in (X, *others)]


def forest_auc(
    real: np.ndarray, simulated: np.ndarray, n_trees: int = 1000, seed: int = 0
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """AUC of each of five folds, and its ROC curve, of a random forest on 50 PCs (ledger 18).

    The forest has to tell simulated from real cells; the PCs are those of both together, as in
    the authors' code. 0.5: it cannot. A copy of a real cell in another fold would help it, so give
    real cells that the simulator has not seen. Raises ValueError for fewer than 5 cells of a kind.
    """
    if min(len(real), len(simulated)) < N_FOLDS:
        raise ValueError(f"{N_FOLDS} folds need at least {N_FOLDS} cells of each kind.")
    X = components(np.concatenate([real, simulated]), seed=seed)[0]
    y = np.repeat([0, 1], [len(real), len(simulated)])
    aucs, curves = [], []
    for train, test in StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed).split(X, y):
        forest = RandomForestClassifier(n_trees, random_state=seed, n_jobs=1).fit(
            X[train], y[train]
        )
        p = forest.predict_proba(X[test])[:, 1]
        aucs.append(roc_auc_score(y[test], p))
        curves.append(roc_curve(y[test], p)[:2])
    return np.array(aucs), curves


def mmd(A: np.ndarray, B: np.ndarray, bandwidth: float | None = None) -> float:
    """Unbiased squared maximum mean discrepancy with a Gaussian kernel; 0 in expectation if equal.

    `bandwidth` defaults to the median distance between cells of A (Gretton et al. 2012, Eq. 3).
    """
    aa, bb, ab = cdist(A, A), cdist(B, B), cdist(A, B)
    h = np.median(aa[np.triu_indices(len(A), 1)]) if bandwidth is None else bandwidth
    k_aa, k_bb, k_ab = (np.exp(-(d**2) / (2 * h**2)) for d in (aa, bb, ab))
    n, m = len(A), len(B)
    within = (k_aa.sum() - n) / (n * (n - 1)) + (k_bb.sum() - m) / (m * (m - 1))
    return float(within - 2 * k_ab.mean())


def gene_table(X: np.ndarray) -> pd.DataFrame:
    """mean, variance and share of zeros of each gene."""
    X = np.asarray(X, dtype=np.float64)
    return pd.DataFrame({"mean": X.mean(0), "variance": X.var(0), "zeros": (X == 0).mean(0)})


def marginal_error(real: np.ndarray, simulated: np.ndarray) -> float:
    """Mean over genes of the Wasserstein-1 distance of their values, in units of log expression."""
    grid = np.linspace(0, 1, 201)
    a, b = (np.quantile(np.asarray(X, np.float64), grid, axis=0) for X in (real, simulated))
    return float(np.abs(a - b).mean())


def correlation_error(real: np.ndarray, simulated: np.ndarray) -> float:
    """Root mean square difference of Pearson's r over gene pairs; constant genes have r = 0."""
    above = np.triu_indices(real.shape[1], 1)
    r = [correlations(X)[above] for X in (real, simulated)]
    return float(np.sqrt(np.mean((r[0] - r[1]) ** 2)))


def correlations(X: np.ndarray) -> np.ndarray:
    """Pearson's r (genes x genes), 0 for genes that are constant."""
    Z = np.asarray(X, dtype=np.float64) - np.mean(X, axis=0, dtype=np.float64)
    norm = np.linalg.norm(Z, axis=0)
    Z = Z / np.where(norm > 1e-12, norm, np.inf)
    return Z.T @ Z


def memorisation(simulated: np.ndarray, train: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Are simulated cells nearer to training cells than unseen real cells are?

    ratio: median distance to the nearest training cell, simulated over test; far below 1 is
    copying. copied: share of simulated cells that are nearer to a training cell than 99 % of the
    test cells are; 0.01 is expected of new cells. Distances are Euclidean in log expression.
    """
    d_sim, d_test = (cdist(X, train).min(1) for X in (simulated, test))
    return {
        "ratio": float(np.median(d_sim) / np.median(d_test)),
        "copied": float((d_sim < np.quantile(d_test, 0.01)).mean()),
    }


def scores(
    simulated: np.ndarray, train: np.ndarray, test: np.ndarray, n_trees: int = 1000, seed: int = 0
) -> dict[str, float]:
    """All scores of one simulator against test cells, in one row.

    The correlation error is that of the 50 most variable genes: over all pairs, which are mostly
    near 0, sampling noise would hide it.
    """
    aucs, _ = forest_auc(test, simulated, n_trees, seed)
    pcs = components(train, test, simulated, seed=seed)
    top = np.argsort(-np.var(train, axis=0))[:N_CORRELATED]
    return {
        "auc": float(aucs.mean()),
        "auc_sd": float(aucs.std(ddof=1)),
        "mmd": mmd(pcs[1], pcs[2]),
        "marginal": marginal_error(test, simulated),
        "correlation": correlation_error(test[:, top], simulated[:, top]),
        **memorisation(simulated, train, test),
    }


def consistency(
    real: np.ndarray,
    simulated: np.ndarray,
    genes: Sequence[str],
    tfs: Iterable[str],
    percent: Sequence[float] = PERCENT,
) -> pd.Series:
    """Eq. 9: overlap of the top K % of edges of two networks W (genes x genes), by K.

    Edges out of TFs, without self edges. K % are of the edges that the real cells predict, that
    is of importance above 0; at least one edge.
    """
    tfs = list(tfs)
    tables = [edge_table(W, genes, tfs) for W in (real, simulated)]
    tables = [table[table["importance"].abs() > 0] for table in tables]
    ranked = [list(zip(table["TF"], table["target"], strict=True)) for table in tables]
    overlap = {}
    for k in percent:
        n = max(1, round(k / 100 * len(ranked[0])))
        overlap[k] = len(set(ranked[0][:n]) & set(ranked[1][:n])) / n
    return pd.Series(overlap, name="consistency")


def rare_type_aupr(
    train: np.ndarray,
    labels: ArrayLike,
    test: np.ndarray,
    test_labels: ArrayLike,
    extra: np.ndarray | None = None,
    n_trees: int = 100,
    seed: int = 0,
) -> float:
    """AUPR of a random forest on 50 PCs that has to find the cells with label True in `test`.

    `extra` are further cells of the rare type for the training (Supp. Fig. 15).
    """
    n_extra = 0 if extra is None else len(extra)
    X = train if extra is None else np.concatenate([train, extra])
    y = np.concatenate([np.asarray(labels, bool), np.ones(n_extra, bool)])
    pcs, test_pcs = components(X, test, seed=seed)
    forest = RandomForestClassifier(n_trees, random_state=seed, n_jobs=1).fit(pcs, y)
    return float(
        average_precision_score(np.asarray(test_labels, bool), forest.predict_proba(test_pcs)[:, 1])
    )
