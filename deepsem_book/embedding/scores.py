"""What an embedding keeps: distances, neighbours, the order of stages; gains seed by seed."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.spatial.distance import pdist
from sklearn.neighbors import NearestNeighbors

from ..clustering import N_NEIGHBORS, neighbourhood
from ..statistics import t_interval, t_test

OLIGODENDROCYTES = ["Oligo4", "Oligo2", "Oligo5", "Oligo6"]  # immature to mature (Zeisel 2015)


def nested(clusters: ArrayLike, types: ArrayLike) -> float:
    """Share of cells that are of the most frequent type of their cluster (0 to 1).

    For fine clusters and coarse types: 1 if no cluster crosses the border between two types.
    """
    table = pd.crosstab(np.asarray(clusters), np.asarray(types)).to_numpy()
    return float(table.max(axis=1).sum() / table.sum())


def preservation(X: np.ndarray, E: np.ndarray, k: int = N_NEIGHBORS) -> dict[str, float]:
    """How much of the geometry of X (cells x genes) is left in E (cells x dimensions).

    distance_r: Pearson's R of all pairwise Euclidean distances (higher is better). emd: earth
    mover's distance between the two sets of distances, each divided by its largest (lower is
    better). knn: share of each cell's k nearest neighbours in X that are so in E, from 0 to 1.
    After Heiser and Lau, Cell Reports 2020 (the paper's reference for its Supp. Table 7). Their own
    KNN score compares all entries of the two neighbour matrices, so that the many pairs that are
    neighbours in neither count as agreement: it is 1 - 2 k (1 - knn) / cells.
    """
    before, after = pdist(np.asarray(X, np.float64)), pdist(np.asarray(E, np.float64))
    a, b = neighbours(X, k), neighbours(E, k)
    common = [len(np.intersect1d(i, j)) for i, j in zip(a, b, strict=True)]
    return {
        "distance_r": float(stats.pearsonr(before, after)[0]),
        "emd": float(stats.wasserstein_distance(before / before.max(), after / after.max())),
        "knn": float(np.mean(common) / a.shape[1]),
    }


def neighbours(X: np.ndarray, k: int) -> NDArray[np.int64]:
    """The k nearest other cells of each cell (cells x k)."""
    return NearestNeighbors(n_neighbors=min(k, len(X) - 1)).fit(X).kneighbors()[1]


def paired(table: pd.DataFrame, metric: str, ours: str = "DeepSEM") -> pd.DataFrame:
    """`ours` minus each other method, seed by seed, for each data set.

    `table` has the columns data, method, seed and `metric`; seeds that one of the two lacks are
    left out. Columns: data, method, n, mean, low, high (95 % t interval over the seeds, NaN below
    two), p (of Student's t).
    """
    rows = []
    for (data, method), theirs in table.groupby(["data", "method"], sort=False):
        mine = table[(table["data"] == data) & (table["method"] == ours)].set_index("seed")[metric]
        values = theirs.set_index("seed")[metric]
        if method == ours or mine.dropna().empty or values.dropna().empty:
            continue
        gap = (mine - values).dropna()
        rows.append([data, method, len(gap), *t_interval(gap), t_test(gap)])
    return pd.DataFrame(rows, columns=["data", "method", "n", "mean", "low", "high", "p"])


# --- A path of cell states ------------------------------------------------------------------------


def path_order(E: np.ndarray, stages: ArrayLike, order: ArrayLike, seed: int = 0) -> float:
    """Kendall's τ between the published order of stages and diffusion pseudotime from the first.

    Pseudotime (Haghverdi et al., 2016) starts at the cell of the first stage that is farthest from
    the cells of the last one. Cells whose stage is not in `order` are left out; those that no path
    of neighbours reaches come last. 1: cells of later stages always come later.
    """
    import scanpy as sc

    rank = pd.Index(np.asarray(order)).get_indexer(np.asarray(stages))
    E, rank = np.asarray(E)[rank >= 0], rank[rank >= 0]
    cells = neighbourhood(E, seed=seed)
    points = cells.obsm["X"]
    away = np.linalg.norm(points - points[rank == rank.max()].mean(axis=0), axis=1)
    cells.uns["iroot"] = int(np.argmax(np.where(rank == 0, away, -1.0)))
    sc.tl.diffmap(cells, n_comps=min(15, cells.n_obs - 2), random_state=seed)
    sc.tl.dpt(cells)
    time = cells.obs["dpt_pseudotime"].to_numpy()
    return float(stats.kendalltau(rank, np.where(np.isfinite(time), time, 2.0))[0])  # time is ≤ 1
