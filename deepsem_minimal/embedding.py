"""Cells as points: the paper's preprocessing, its clustering, and scores of an embedding.

Everything here takes an embedding as an array (cells x dimensions), whichever method made it
(`embedders.py`), so that all methods go through the same steps (Methods, "Latent representation
visualization and clustering").
"""

import random
from typing import Any

import igraph
import leidenalg
import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, stats
from scipy.spatial.distance import pdist
from scipy.special import softmax
from sklearn import metrics
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from .ensemble import Result
from .fast import kept_threads
from .intervals import t_interval
from .model import DeepSEM
from .preprocess import scale, standardise
from .train import Config, initial_W

Array = NDArray[np.floating]

N_PCS = 50  # wider embeddings are reduced to so many components (Methods; ledger 16)
N_NEIGHBORS = 30
MAX_RESOLUTION = 30.0  # of the bisection; finer graphs than that are not needed for 50 types


# --- From a data set to the paper's matrix --------------------------------------------------------


def prepared(
    adata: AnnData,
    labels: str = "cell_type",
    n_genes: int = 1000,
    min_cells: int = 10,
    min_share: float = 0.01,
    by: str = "sd",
) -> AnnData:
    """The cells and genes that the paper's evaluation keeps (Methods, "Datasets used to evaluate").

    Without unlabelled cells and types of fewer than `min_cells` cells, then without genes found in
    less than `min_share` of the cells, then the `n_genes` most variable genes of log expression
    `adata.X`. The paper does not say how variability is measured: `by` is "sd" (standard deviation
    of log expression), "counts" (of `adata.layers["counts"]`, before the logarithm, as in the
    authors' preprocessing notebook) or "dispersion" (scanpy's default, variance over mean in bins
    of the mean). Raises ValueError if there is no such column or layer, no label is left, or `by`
    is none of these.
    """
    if labels not in adata.obs:
        raise ValueError(f"adata.obs has no column {labels!r}; it has {list(adata.obs)}.")
    named = adata.obs[labels].astype(object)
    sizes = named.value_counts()
    kept = adata[named.isin(sizes.index[sizes >= min_cells])]
    if kept.n_obs == 0:
        raise ValueError(f"no label of {labels!r} has {min_cells} cells.")
    X = kept.X.toarray() if sparse.issparse(kept.X) else np.asarray(kept.X)
    found = (X > 0).mean(axis=0) >= min_share
    if by == "sd":
        spread = np.where(found, X.std(axis=0, dtype=np.float64), -1.0)
    elif by == "counts":
        if "counts" not in kept.layers:
            raise ValueError('by="counts" needs adata.layers["counts"].')
        counts = kept.layers["counts"]
        counts = counts.toarray() if sparse.issparse(counts) else np.asarray(counts)
        spread = np.where(found, counts.std(axis=0, dtype=np.float64), -1.0)
    elif by == "dispersion":
        spread = _dispersion(X, found)
    else:
        raise ValueError(f'by is "sd", "counts" or "dispersion"; got {by!r}.')
    top = np.sort(np.argsort(-spread, kind="stable")[: min(n_genes, int(found.sum()))])
    result = kept[:, top].copy()
    result.X = np.ascontiguousarray(X[:, top])
    result.obs[labels] = pd.Categorical(named[kept.obs_names].astype(str))
    return result


def _dispersion(X: Array, found: NDArray[np.bool_]) -> Array:
    """scanpy's normalised dispersion ("seurat"); -inf for genes that are not `found`."""
    import scanpy as sc

    part = AnnData(np.ascontiguousarray(X[:, found]))
    sc.pp.highly_variable_genes(part, flavor="seurat", n_top_genes=min(1000, part.n_vars))
    spread = np.full(X.shape[1], -np.inf)
    spread[found] = part.var["dispersions_norm"].fillna(-np.inf)
    return spread


# --- Clustering -----------------------------------------------------------------------------------


def reduced(E: Array, seed: int = 0) -> Array:
    """E itself, or its first 50 principal components where it is wider (cells x at most 50)."""
    E = np.asarray(E, dtype=np.float64)
    n = min(N_PCS, len(E) - 1)
    return PCA(n, random_state=seed).fit_transform(E) if E.shape[1] > N_PCS else E


@kept_threads()
def neighbourhood(E: Array, k: int = N_NEIGHBORS, seed: int = 0) -> AnnData:
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
        found = graph.community_multilevel(weights="weight", resolution=resolution)
    finally:
        igraph.set_random_number_generator(random)
    return np.asarray(found.membership)


def leiden(graph: igraph.Graph, resolution: float = 1.0, seed: int = 0) -> NDArray[np.int64]:
    """Leiden clusters (cells,) at a fixed resolution: nobody tells it the number of types."""
    kind = leidenalg.RBConfigurationVertexPartition
    found = leidenalg.find_partition(
        graph, kind, weights="weight", resolution_parameter=resolution, seed=seed
    )
    return np.asarray(found.membership)


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


def clustered(E: Array, labels: ArrayLike, seed: int = 0) -> dict[str, Any]:
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


def louvain_aris(E: Array, labels: ArrayLike, n: int = 10) -> Array:
    """ARI (n,) of an embedding's Louvain clusters, as in `clustered`, for Louvain seeds 0 to n - 1.

    The graph is the same for all, so their scatter is the luck of the clustering alone.
    """
    graph, n_types = as_igraph(neighbourhood(E)), len(np.unique(np.asarray(labels)))
    found = [louvain_with(graph, n_types, seed)[0] for seed in range(n)]
    return np.array([agreement(labels, clusters)["ari"] for clusters in found])


def nested(clusters: ArrayLike, types: ArrayLike) -> float:
    """Share of cells that are of the most frequent type of their cluster (0 to 1).

    For fine clusters and coarse types: 1 if no cluster crosses the border between two types.
    """
    table = pd.crosstab(np.asarray(clusters), np.asarray(types)).to_numpy()
    return float(table.max(axis=1).sum() / table.sum())


def umap(E: Array, seed: int = 0) -> Array:
    """UMAP of the neighbourhood graph with scanpy's defaults (cells x 2)."""
    import scanpy as sc

    cells = neighbourhood(E, seed=seed)
    sc.tl.umap(cells, random_state=seed)
    return cells.obsm["X_umap"]


# --- Scores of the picture itself -----------------------------------------------------------------


def membership_weights(points: Array, labels: ArrayLike) -> Array:
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


def preservation(X: Array, E: Array, k: int = N_NEIGHBORS) -> dict[str, float]:
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


def neighbours(X: Array, k: int) -> NDArray[np.int64]:
    """The k nearest other cells of each cell (cells x k)."""
    return NearestNeighbors(n_neighbors=min(k, len(X) - 1)).fit(X).kneighbors()[1]


def own_neighbours(points: Array, labels: ArrayLike, k: int = N_NEIGHBORS) -> Array:
    """Share of each cell's k nearest other cells (cells,) that have its own label, 0 to 1."""
    types = np.asarray(labels)
    return (types[neighbours(points, k)] == types[:, None]).mean(axis=1)


def ring(points: Array, own: NDArray[np.bool_], share: float = 0.8) -> tuple[Array, float]:
    """Centre and radius of the circle around the median of cells that holds `share` of them.

    `points` is the two-dimensional picture (cells x 2), `own` says which cells
    are meant (cells,).
    """
    middle = np.median(points[own], axis=0)
    return middle, float(np.quantile(np.linalg.norm(points[own] - middle, axis=1), share))


def ring_purity(points: Array, own: NDArray[np.bool_], share: float = 0.8) -> float:
    """Share of the cells inside the `ring` of `own` that are of `own` (0 to 1)."""
    middle, radius = ring(points, own, share)
    return float(own[np.linalg.norm(points - middle, axis=1) <= radius].mean())


def pieces(clusters: ArrayLike, own: NDArray[np.bool_], least: float = 0.1) -> Array:
    """Share of the cells `own` in each cluster with more than `least` of them, largest first."""
    shares = pd.Series(np.asarray(clusters)[own]).value_counts(normalize=True).to_numpy()
    return shares[shares > least]


# --- Is it the GRN? -------------------------------------------------------------------------------


def before_grn(result: Result, X: Array, member: int = 0) -> Array:
    """h of Eq. 6 (cells x genes): the encoder's mean before the GRN layer. μ = h (I - Wᵀ)."""
    model = result.members[member].model
    x = torch.as_tensor(scale(X, result.mean, result.sd, result.config.clip))
    with torch.no_grad():
        return model.scan(x, x.new_ones(1, 1)).mu.numpy()


def centred(X: Array) -> Array:
    """X (cells x genes) without each cell's mean over the genes.

    This is what `h (I - Wᵀ)` does with the W that training starts from, whose entries are all
    near 1 / (m - 1). A cell's mean follows its sequencing depth where that was not normalised.
    """
    return X - X.mean(axis=1, keepdims=True)


def untrained(X: Array, config: Config, seed: int = 0) -> Array:
    """h (cells x genes) of the encoder as `train` draws it for this seed, before any step."""
    generator = torch.Generator().manual_seed(seed)
    model = DeepSEM(
        initial_W(X.shape[1], config.W_init, generator),
        config.n_hidden, config.n_components, config.encoder_bias, config.n_knots, generator,
    )  # fmt: skip
    x = torch.as_tensor(standardise(X, config.standardise, config.clip).X)
    with torch.no_grad():
        return model.scan(x, x.new_ones(1, 1)).mu.numpy()


def ablations(h: Array, W: Array, other: Array | None = None, seed: int = 0) -> dict[str, Array]:
    """μ = h (I - Wᵀ) with other networks in place of W (all cells x genes).

    "no GRN": W = 0. "start W": as before training, all weights near 1 / (m - 1), which takes the
    mean over genes from each cell. "permuted W": the trained weights at random places off the
    diagonal. "renamed genes": the trained network with its genes in random order. "other seed":
    `other`, the W of another training, if given.
    """
    rng, m = np.random.default_rng(seed), len(W)
    off = ~np.eye(m, dtype=bool)
    permuted = np.zeros_like(W)
    permuted[off] = rng.permutation(W[off])
    order = rng.permutation(m)
    start = initial_W(m, "authors", torch.Generator().manual_seed(seed)).numpy()
    networks = {"no GRN": np.zeros_like(W), "start W": start, "permuted W": permuted}
    networks["renamed genes"] = W[np.ix_(order, order)]
    if other is not None:
        networks["other seed"] = other
    return {name: h - h @ V.T for name, V in networks.items()}


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


def path_order(E: Array, stages: ArrayLike, order: ArrayLike, seed: int = 0) -> float:
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


def stage_links(E: Array, stages: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """PAGA's connectivity between stages (stages x stages, 0 to 1); Wolf et al., 2019."""
    import scanpy as sc

    cells = neighbourhood(E, seed=seed)
    cells.obs["stage"] = pd.Categorical(np.asarray(stages).astype(str))
    sc.tl.paga(cells, groups="stage")
    names = cells.obs["stage"].cat.categories
    return pd.DataFrame(cells.uns["paga"]["connectivities"].toarray(), names, names)
