"""What an embedding keeps: neighbours, rings, pieces, the order of stages."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.spatial.distance import pdist
from sklearn.neighbors import NearestNeighbors

from ..clustering import N_NEIGHBORS, neighbourhood
from ..statistics import t_interval


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


def own_neighbours(points: np.ndarray, labels: ArrayLike, k: int = N_NEIGHBORS) -> np.ndarray:
    """Share of each cell's k nearest other cells (cells,) that have its own label, 0 to 1."""
    types = np.asarray(labels)
    return (types[neighbours(points, k)] == types[:, None]).mean(axis=1)


def ring(
    points: np.ndarray, own: NDArray[np.bool_], share: float = 0.8
) -> tuple[np.ndarray, float]:
    """Centre and radius of the circle around the median of cells that holds `share` of them.

    `points` is the two-dimensional picture (cells x 2), `own` says which cells
    are meant (cells,).
    """
    middle = np.median(points[own], axis=0)
    return middle, float(np.quantile(np.linalg.norm(points[own] - middle, axis=1), share))


def ring_purity(points: np.ndarray, own: NDArray[np.bool_], share: float = 0.8) -> float:
    """Share of the cells inside the `ring` of `own` that are of `own` (0 to 1)."""
    middle, radius = ring(points, own, share)
    return float(own[np.linalg.norm(points - middle, axis=1) <= radius].mean())


def pieces(clusters: ArrayLike, own: NDArray[np.bool_], least: float = 0.1) -> np.ndarray:
    """Share of the cells `own` in each cluster with more than `least` of them, largest first."""
    shares = pd.Series(np.asarray(clusters)[own]).value_counts(normalize=True).to_numpy()
    return shares[shares > least]


def paired(table: pd.DataFrame, metric: str, ours: str = "DeepSEM") -> pd.DataFrame:
    """`ours` minus each other method, seed by seed, for each data set.

    `table` has the columns data, method, seed and `metric`; seeds that one of the two lacks are
    left out. Columns: data, method, n, mean, low, high (95 % t interval over the seeds, NaN below
    two).
    """
    rows = []
    for (data, method), theirs in table.groupby(["data", "method"], sort=False):
        mine = table[(table["data"] == data) & (table["method"] == ours)].set_index("seed")[metric]
        values = theirs.set_index("seed")[metric]
        if method == ours or mine.dropna().empty or values.dropna().empty:
            continue
        gap = (mine - values).dropna()
        rows.append([data, method, len(gap), *t_interval(gap)])
    return pd.DataFrame(rows, columns=["data", "method", "n", "mean", "low", "high"])


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


def stage_links(E: np.ndarray, stages: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """PAGA's connectivity between stages (stages x stages, 0 to 1); Wolf et al., 2019."""
    import scanpy as sc

    cells = neighbourhood(E, seed=seed)
    cells.obs["stage"] = pd.Categorical(np.asarray(stages).astype(str))
    sc.tl.paga(cells, groups="stage")
    names = cells.obs["stage"].cat.categories
    return pd.DataFrame(cells.uns["paga"]["connectivities"].toarray(), names, names)
