"""The cells and genes that the paper keeps for an embedding, and the matrix that DeepSEM reads."""

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import standardise

MIN_CELLS = 10  # of a type
MIN_SHARE = 0.01  # of the cells, in which a gene must be detected


def prepared(
    adata: AnnData,
    labels: str = "cell_type",
    n_genes: int = 1000,
    by: str = "sd",
) -> AnnData:
    """The cells and genes that the paper's evaluation keeps (Methods, "Datasets used to evaluate").

    Without unlabelled cells and types of fewer than MIN_CELLS cells, then without genes found in
    less than MIN_SHARE of the cells, then the `n_genes` most variable genes of log expression
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
    kept = adata[named.isin(sizes.index[sizes >= MIN_CELLS])]
    if kept.n_obs == 0:
        raise ValueError(f"no label of {labels!r} has {MIN_CELLS} cells.")
    X = kept.X.toarray() if sparse.issparse(kept.X) else np.asarray(kept.X)
    detected = (X > 0).mean(axis=0) >= MIN_SHARE
    if by == "sd":
        spread = np.where(detected, X.std(axis=0, dtype=np.float64), -1.0)
    elif by == "counts":
        if "counts" not in kept.layers:
            raise ValueError('by="counts" needs adata.layers["counts"].')
        counts = kept.layers["counts"]
        counts = counts.toarray() if sparse.issparse(counts) else np.asarray(counts)
        spread = np.where(detected, counts.std(axis=0, dtype=np.float64), -1.0)
    elif by == "dispersion":
        spread = _dispersion(X, detected)
    else:
        raise ValueError(f'by is "sd", "counts" or "dispersion"; got {by!r}.')
    top = np.sort(np.argsort(-spread, kind="stable")[: min(n_genes, int(detected.sum()))])
    result = kept[:, top].copy()
    result.X = np.ascontiguousarray(X[:, top])
    result.obs[labels] = pd.Categorical(named[kept.obs_names].astype(str))
    return result


def _dispersion(X: np.ndarray, detected: NDArray[np.bool_]) -> np.ndarray:
    """scanpy's normalised dispersion ("seurat"); -inf for genes that are not `detected`."""
    import scanpy as sc

    part = AnnData(np.ascontiguousarray(X[:, detected]))
    sc.pp.highly_variable_genes(part, flavor="seurat", n_top_genes=min(1000, part.n_vars))
    spread = np.full(X.shape[1], -np.inf)
    spread[detected] = part.var["dispersions_norm"].fillna(-np.inf)
    return spread


def input_of(X: np.ndarray, config: Config) -> np.ndarray:
    """What DeepSEM reads of log expression X: standardised as `config` says (cells x genes)."""
    return standardise(np.asarray(X), config.standardise, config.clip).X
