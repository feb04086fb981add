"""The tables of the page's own cells: scores, the luck of Louvain, depth."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import ArrayLike

from ..clustering import clustered, louvain_aris
from .embedders import pca
from .scores import OLIGODENDROCYTES

LUCK = ["mean", "sd", "lowest", "highest"]  # of ARI over seeds of Louvain


def with_types(adata: AnnData) -> AnnData:
    """The cells; those without types (simulated ones) get the quarter of their first two PCs."""
    if "cell_type" not in adata.obs:
        adata.obs["cell_type"] = [f"group {2 * a + b}" for a, b in pca(adata.X, 2) > 0]
    return adata


def thinned(adata: AnnData, profile: str, most: int = 2000) -> AnnData:
    """Every third cell in the quick profile where there are more than `most`, else all."""
    step = 3 if profile == "quick" and adata.n_obs > most else 1
    return adata[::step].copy()


def on_path(
    pictures: Mapping[str, np.ndarray], adata: AnnData
) -> tuple[dict[str, np.ndarray], list[str]]:
    """The oligodendrocytes of each picture of Zeisel's cells, and their subtypes in words.

    Stages of OLIGODENDROCYTES are numbered in their order; where the cells have no subtypes (other
    data), all cells and their types.
    """
    if "cell_type_level2" not in adata.obs:
        return dict(pictures), adata.obs["cell_type"].astype(str).to_list()
    subtypes = adata.obs["cell_type_level2"].astype(str)
    stage = {name: f"{n}: {name}" for n, name in enumerate(OLIGODENDROCYTES, 1)}
    own = subtypes.isin(OLIGODENDROCYTES).to_numpy()
    return {name: E[own] for name, E in pictures.items()}, subtypes[own].map(stage).to_list()


def scored(
    embeddings: Mapping[str, np.ndarray], types: ArrayLike, n_seeds: int = 10
) -> pd.DataFrame:
    """One row per embedding: LUCK of ARI over `n_seeds` of Louvain, Leiden's ARI, silhouette.

    Highest mean first. "clusters" is the number that bisection reached with seed 0.
    """
    rows = {}
    for name, E in embeddings.items():
        aris, scores = louvain_aris(E, types, n_seeds), clustered(E, types)
        rows[name] = {
            **dict(zip(LUCK, (aris.mean(), aris.std(ddof=1), aris.min(), aris.max()), strict=True)),
            "ARI, Leiden": scores["leiden_ari"], "NMI": scores["nmi"],
            "silhouette": scores["silhouette"], "clusters": scores["n_clusters"],
        }  # fmt: skip
    table = pd.DataFrame(rows).T.sort_values("mean", ascending=False)
    return table.astype({"clusters": int}).rename_axis("ARI over seeds of Louvain:")


def depth(embeddings: Mapping[str, np.ndarray], X: np.ndarray) -> pd.Series:
    """`with_depth` of each embedding; X: log expression (cells x genes)."""
    detected = (np.asarray(X) > 0).sum(axis=1)
    by_name = {name: with_depth(E, detected) for name, E in embeddings.items()}
    return pd.Series(by_name, name="largest |r| with depth").sort_values()


def with_depth(E: np.ndarray, detected: np.ndarray) -> float:
    """Largest |r| of one of the first five components of E with the number of genes detected."""
    return max(abs(np.corrcoef(component, detected)[0, 1]) for component in pca(E, 5).T)
