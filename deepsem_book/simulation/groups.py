"""Cells by sorted type and by cluster: how many there are, and real and simulated cells of each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData

from ..clustering import umap
from . import realism
from .pbmc import louvain_names
from .study import Study

REAL = "test"  # the key of real cells among simulators
SIMULATORS = ("DeepSEM, posterior", "DeepSEM, prior", "shuffle")


def annotations(adata: AnnData) -> pd.DataFrame:
    """Columns type and cluster (cells): the sorted type, and the Louvain cluster of the counts.

    "all" in place of what the data lack, as simulated ones do.
    """
    counted = "counts" in adata.layers
    columns = {
        "type": adata.obs["cell_type"].astype(str) if "cell_type" in adata.obs else "all",
        "cluster": np.asarray(louvain_names(adata)) if counted else "all",
    }
    return pd.DataFrame(columns, index=adata.obs_names)


def sizes(of_cell: pd.DataFrame) -> pd.DataFrame:
    """Types and clusters of `annotations` (index: annotation, group), the largest first.

    Columns: cells; % of all; the group of the other annotation that holds most of them; and how
    many per cent of them it holds.
    """
    tables = []
    for own, other in (("type", "cluster"), ("cluster", "type")):
        cells = pd.crosstab(of_cell[own], of_cell[other])
        total = cells.sum(axis=1)
        table = pd.DataFrame({
            "cells": total,
            "% of all": 100 * total / len(of_cell),
            "most of them are in": cells.idxmax(axis=1),
            "% of them": 100 * cells.max(axis=1) / total,
        })  # fmt: skip
        tables.append(table.sort_values("cells", ascending=False))
    whole = pd.concat(tables, keys=["type", "cluster"], names=["by", "group"])
    return whole.round(1)


def clusters_by_type(of_cell: pd.DataFrame) -> pd.DataFrame:
    """Share of each type in each cluster of `annotations` (types x clusters)."""
    return pd.crosstab(of_cell["type"], of_cell["cluster"], normalize="index").round(2)


def embedded(
    adata: AnnData,
    labels: pd.Series,
    n_least: int,
    n_most: int | None = None,
    n_genes: int = 120,
    names: Sequence[str] = SIMULATORS,
) -> dict[str, dict[str, np.ndarray]]:
    """UMAP (cells x 2) of the test cells (REAL) and of as many simulated ones, by group and name.

    As in the paper's Methods each group of `labels` (cells,) with at least `n_least` cells has a
    model of its own, trained on four fifths of its cells; of at most `n_most` cells, drawn at
    random. Raises ValueError when no group is large enough.
    """
    sizes_of = labels.value_counts()
    large = sizes_of[sizes_of >= n_least].index
    if not len(large):
        raise ValueError(f"No group has {n_least} cells; the largest has {sizes_of.max()}.")
    points = {}
    for group in large:
        rows = np.random.default_rng(0).permutation(np.flatnonzero(labels == group))[:n_most]
        study = Study.of(adata[rows].copy(), n_genes=n_genes, n_tfs=n_genes // 5)
        parts = [study.test, *(study.sample(name, len(study.test)) for name in names)]
        together = umap(realism.components(np.concatenate(parts))[0])
        by_name = np.array_split(together, len(parts))
        points[str(group)] = dict(zip([REAL, *names], by_name, strict=True))
    return points
