"""PBMC 68k as in the paper's Methods: filters, library size, clusters of Zheng et al. 2017."""

import warnings

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from deepsem_minimal.parallel import kept_threads

from .. import clustering, datasets

LIBRARY = 2e4  # the paper's; the log expression of a study has this library size over its genes
LEAST = 0.01  # share of the cells in which a gene must be found
LEAST_GENES = 10  # that must be found in a cell
N_TOP_GENES, RESOLUTION = 1000, 0.15  # of the recipe of Zheng et al. and of Louvain


def cells_of(name: str) -> AnnData:
    """Data set `name`, or of "name/type" the cells of one type (not for "sim/...").

    PBMC 68k comes as `prepared_pbmc` leaves it; there "pbmc68k_donor_a/louvain 2" is a cluster.
    """
    dataset, _, kind = name.partition("/") if not name.startswith("sim/") else (name, "", "")
    adata = datasets.load(dataset, quiet=True)
    if dataset == "pbmc68k_donor_a":
        adata = prepared_pbmc(adata)
    if not kind:
        return adata
    column = "louvain" if kind.startswith("louvain ") else "cell_type"
    own = (adata.obs[column] == kind).to_numpy()
    if not own.any():
        raise ValueError(f"{dataset} has no cells of {kind!r}: {sorted(set(adata.obs[column]))}.")
    return adata[own].copy()


@kept_threads()
def prepared_pbmc(adata: AnnData, n_genes: int = 1000) -> AnnData:
    """Cells as in the paper's Methods, "Datasets used to evaluate the performance of simulation".

    `layers["counts"]` are those of all cells and genes. Genes in less than 1 % of the cells and
    then cells with fewer than 10 genes are dropped; each cell is brought to LIBRARY counts; the
    `n_genes` most variable genes of the logs are kept; cells are brought to LIBRARY once more.
    Beside obs["cell_type"] stands the second annotation, obs["louvain"] ("louvain 0", ...), of all
    counts (see `zheng17_clusters`). `.X` is sparse; layers["counts"] are those of the genes kept.
    """
    import scanpy as sc

    counts = sparse.csr_matrix(adata.layers["counts"])
    cells = AnnData(counts, obs=adata.obs.copy(), var=adata.var.copy(), uns=dict(adata.uns))
    cells = cells[counts.getnnz(axis=1) > 0].copy()
    cells.obs["louvain"] = louvain_names(cells)
    cells = cells[:, cells.X.getnnz(axis=0) >= LEAST * cells.n_obs]
    cells = cells[cells.X.getnnz(axis=1) >= LEAST_GENES].copy()
    cells.layers["counts"] = cells.X.copy()
    sc.pp.normalize_total(cells, target_sum=LIBRARY)
    sc.pp.log1p(cells)
    sc.pp.highly_variable_genes(cells, n_top_genes=min(n_genes, cells.n_vars))
    cells = cells[:, cells.var["highly_variable"]].copy()
    cells.X = cells.layers["counts"].copy()
    sc.pp.normalize_total(cells, target_sum=LIBRARY)
    cells.X = cells.X.log1p()
    return cells


@kept_threads()
def zheng17_clusters(adata: AnnData) -> NDArray[np.int64]:
    """Louvain clusters (cells,) of counts after the recipe of Zheng et al. 2017, as Marouf et al.

    As in their code: the recipe, 50 principal components, scanpy's graph of 15 neighbours.
    `layers["counts"]` or X: counts; they are left as they are. The recipe drops cells or genes with
    no count, so cells with none must have been removed: ValueError otherwise.
    """
    import scanpy as sc

    cells = AnnData(adata.layers["counts"].copy() if "counts" in adata.layers else adata.X.copy())
    total = np.asarray(cells.X.sum(1)).ravel()
    if not total.all():
        raise ValueError(f"{(total == 0).sum()} cells have no counts: remove them first.")
    n_detected = int((np.asarray(cells.X.sum(0)) > 0).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scanpy's own views
        sc.pp.recipe_zheng17(cells, n_top_genes=min(N_TOP_GENES, n_detected))
    graph = clustering.as_igraph(clustering.neighbourhood(np.asarray(cells.X), k=15))
    return clustering.louvain(graph, RESOLUTION)


def louvain_names(adata: AnnData) -> pd.Categorical:
    """`zheng17_clusters` by name: "louvain 0", ..."""
    return pd.Categorical([f"louvain {i}" for i in zheng17_clusters(adata)])
