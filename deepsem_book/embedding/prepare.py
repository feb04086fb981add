"""Counts or logs as the paper prepares them for an embedding."""

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.floating]


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
