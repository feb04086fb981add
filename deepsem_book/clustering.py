"""Clusters of cells: principal components, neighbours, Louvain, agreement with labels."""

import random
from typing import Any

import igraph
import leidenalg
import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import softmax
from sklearn import metrics
from sklearn.decomposition import PCA

from deepsem_minimal.parallel import kept_threads

N_PCS = 50  # wider embeddings are reduced to so many components (Methods; ledger 16)
N_NEIGHBORS = 30
MAX_RESOLUTION = 30.0  # of the bisection; finer graphs than that are not needed for 50 types


# --- Clustering -----------------------------------------------------------------------------------


def reduced(E: np.ndarray, seed: int = 0) -> np.ndarray:
    """E itself, or its first 50 principal components where it is wider (cells x at most 50)."""
    E = np.asarray(E, dtype=np.float64)
    n = min(N_PCS, len(E) - 1)
    return PCA(n, random_state=seed).fit_transform(E) if E.shape[1] > N_PCS else E


@kept_threads()
def neighbourhood(E: np.ndarray, k: int = N_NEIGHBORS, seed: int = 0) -> AnnData:
    """AnnData with `obsm["X"]` = `reduced(E)` and scanpy's graph of k neighbours in `obsp`."""
    import scanpy as sc

    cells = AnnData(obs=pd.DataFrame(index=[str(i) for i in range(len(E))]))
    cells.obsm["X"] = reduced(E, seed)
    k = min(k, len(E) - 1)
    sc.pp.neighbors(cells, n_neighbors=k, use_rep="X", random_state=seed)
    return cells


def as_igraph(cells: AnnData, weighted: bool = True) -> igraph.Graph:
    """The graph of `neighbourhood`, undirected; without `weighted` all its edges weigh 1.

    `sc.tl.louvain`, which the authors call, ignores the weights unless it is told not to.
    """
    upper = sparse.triu(cells.obsp["connectivities"], k=1).tocoo()
    edges = np.column_stack([upper.row, upper.col])
    graph = igraph.Graph(n=cells.n_obs, edges=edges)
    graph.es["weight"] = upper.data if weighted else np.ones(len(edges))
    return graph


def louvain(graph: igraph.Graph, resolution: float, seed: int = 0) -> NDArray[np.int64]:
    """Louvain clusters (cells,) by igraph's `community_multilevel` (Blondel et al., 2008).

    The authors use the package `louvain` through scanpy, which is no longer maintained; both
    maximise modularity with a resolution.
    """
    igraph.set_random_number_generator(random.Random(seed))
    try:
        partition = graph.community_multilevel(weights="weight", resolution=resolution)
    finally:
        igraph.set_random_number_generator(random)
    return np.asarray(partition.membership)


def leiden(graph: igraph.Graph, resolution: float = 1.0, seed: int = 0) -> NDArray[np.int64]:
    """Leiden clusters (cells,) at a fixed resolution: it is not told the number of types."""
    kind = leidenalg.RBConfigurationVertexPartition
    partition = leidenalg.find_partition(
        graph, kind, weights="weight", resolution_parameter=resolution, seed=seed
    )
    return np.asarray(partition.membership)


def louvain_with(
    graph: igraph.Graph, n_clusters: int, seed: int = 0, steps: int = 30
) -> tuple[NDArray[np.int64], float]:
    """Louvain clusters at a resolution, found by bisection, that gives `n_clusters` of them.

    Returns (clusters, resolution). Where no resolution on the way gives that number, the clusters
    nearest to it are returned: compare their number with `n_clusters`.
    """
    low, high, best = 0.0, 2.0, None
    while high < MAX_RESOLUTION and np.ptp(louvain(graph, high, seed)) + 1 < n_clusters:
        high *= 2
    for _ in range(steps):
        middle = (low + high) / 2
        clusters = louvain(graph, middle, seed)
        n = int(clusters.max()) + 1
        if best is None or abs(n - n_clusters) < abs(best[0].max() + 1 - n_clusters):
            best = clusters, middle
        if n == n_clusters:
            break
        low, high = (middle, high) if n < n_clusters else (low, middle)
    assert best is not None
    return best


def clustered(E: np.ndarray, labels: ArrayLike, seed: int = 0) -> dict[str, Any]:
    """An embedding through the paper's pipeline, and its scores against the true labels.

    `ari`, `nmi`, `ami`: Louvain with as many clusters as labels (`n_clusters` says how many were
    found, at which `resolution`); `unweighted_*`: the same on the graph without weights, as the
    authors have it; `leiden_*`: Leiden at resolution 1; `silhouette`: of the true labels in the
    (reduced) embedding, no clustering involved; `clusters`, `leiden_clusters`.
    """
    cells = neighbourhood(E, seed=seed)
    graph = as_igraph(cells)
    n_types = len(np.unique(np.asarray(labels)))
    clusters, resolution = louvain_with(graph, n_types, seed)
    plain, _ = louvain_with(as_igraph(cells, weighted=False), n_types, seed)
    free = leiden(graph, seed=seed)
    unasked = {f"leiden_{name}": value for name, value in agreement(labels, free).items()}
    unasked |= {f"unweighted_{name}": value for name, value in agreement(labels, plain).items()}
    return {
        **agreement(labels, clusters),
        "n_clusters": int(clusters.max()) + 1,
        "resolution": resolution,
        **unasked,
        "leiden_n_clusters": int(free.max()) + 1,
        "unweighted_n_clusters": int(plain.max()) + 1,
        "silhouette": float(metrics.silhouette_score(cells.obsm["X"], np.asarray(labels))),
        "clusters": clusters,
        "leiden_clusters": free,
    }


def agreement(labels: ArrayLike, clusters: ArrayLike) -> dict[str, float]:
    """ARI, NMI (arithmetic mean) and AMI of two partitions; ARI and AMI are 0 by chance."""
    return {
        "ari": float(metrics.adjusted_rand_score(labels, clusters)),
        "nmi": float(metrics.normalized_mutual_info_score(labels, clusters)),
        "ami": float(metrics.adjusted_mutual_info_score(labels, clusters)),
    }


def louvain_aris(E: np.ndarray, labels: ArrayLike, n: int = 10) -> np.ndarray:
    """ARI (n,) of an embedding's Louvain clusters, as in `clustered`, for Louvain seeds 0 to n - 1.

    The graph is the same for all, so their scatter is the luck of the clustering alone.
    """
    graph, n_types = as_igraph(neighbourhood(E)), len(np.unique(np.asarray(labels)))
    partitions = [louvain_with(graph, n_types, seed)[0] for seed in range(n)]
    return np.array([agreement(labels, clusters)["ari"] for clusters in partitions])


def umap(E: np.ndarray, seed: int = 0) -> np.ndarray:
    """UMAP of the neighbourhood graph with scanpy's defaults (cells x 2)."""
    import scanpy as sc

    cells = neighbourhood(E, seed=seed)
    sc.tl.umap(cells, random_state=seed)
    return cells.obsm["X_umap"]


# --- Scores of the picture itself -----------------------------------------------------------------


def membership_weights(points: np.ndarray, labels: ArrayLike) -> np.ndarray:
    """Weight of each cell's own type (cells,), Eq. 8: softmax over types of 1 / distance to centre.

    `points` is the two-dimensional picture. Between 0 and 1, high where a cell is nearer to the
    centre of its type than to the others. Not free of units: a picture drawn ten times larger
    has weights nearer to 1 / number of types.
    """
    points = np.asarray(points, dtype=np.float64)
    types, own = np.unique(np.asarray(labels), return_inverse=True)
    centres = np.stack([points[own == i].mean(axis=0) for i in range(len(types))])
    distance = np.linalg.norm(points[:, None] - centres[None], axis=2)
    weights = softmax(1 / np.maximum(distance, 1e-12), axis=1)
    return weights[np.arange(len(points)), own]
