"""What moved when a gene was removed: cells with it cut beside control cells, gene by gene."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.floating]

DETECTED = 0.05  # share of the control cells in which a gene must be seen to be judged
FDR = 0.05
CONTROL = ""  # of obs["removed"]


@dataclass(frozen=True)
class Screen:
    """A screen: its control cells, and what each removal did to the other genes.

    Matrices are [gene, removed gene], in the order of `genes` and `removed`; the entry of a removed
    gene itself is NaN in `change`, `distance` and `q`, and never in `judged`.
    """

    name: str
    control: Array  # log expression (cells x genes) of cells with no gene removed
    genes: list[str]
    removed: list[str]  # those of the removed genes that are among `genes`
    n_cells: Array  # (removed,) cells with the gene removed
    change: Array  # mean log expression less that of the control cells
    distance: Array  # Wasserstein distance between the two groups' expression
    q: Array  # false discovery rate of a Mann-Whitney test (Benjamini & Hochberg over the screen)
    own: Array  # (removed,) change of the removed gene itself
    least: float = 0.0  # change, in sd of the control cells, below which a gene has not moved

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Pairs that are judged: a removed gene does not count as its own target."""
        return ~np.isnan(self.q)

    @property
    def moved(self) -> NDArray[np.bool_]:
        sd = self.control.std(axis=0)[:, None]
        return (np.nan_to_num(self.q, nan=1.0) <= FDR) & (
            np.abs(np.nan_to_num(self.change)) >= self.least * sd
        )

    def strict(self, least: float) -> "Screen":
        """The screen in which only changes of at least `least` sd count as moved."""
        return replace(self, least=least)


def screen_of(adata: AnnData, detected: float = DETECTED) -> Screen:
    """The screen in `adata`: log expression, `obs["removed"]`, and `obs["replicate"]` if there.

    Genes seen in fewer than `detected` of the control cells are left out, and removals of genes
    that are then not measured. Each replicate is shifted so that its control cells have the mean of
    all, since guides are not spread evenly over replicates. Raises ValueError without control
    cells, without a removed gene that is measured, or for a replicate without control cells.
    """
    labels = adata.obs["removed"].astype(str).to_numpy()
    is_control = labels == CONTROL
    if not is_control.any():
        raise ValueError('no control cells: obs["removed"] is "" where no gene was removed')
    X = np.asarray(adata.X, dtype=float)
    seen = (X[is_control] > 0).mean(axis=0) >= detected
    genes = adata.var_names[seen].tolist()
    removed = [gene for gene in genes if (labels == gene).any()]
    if not removed:
        raise ValueError("no removed gene is among the genes that are measured")
    control = X[np.ix_(is_control, seen)]
    X = without_replicates(X[:, seen], is_control, adata.obs.get("replicate"))
    groups = [X[labels == gene] for gene in removed]
    change = np.stack([group.mean(0) for group in groups], axis=1) - X[is_control].mean(0)[:, None]
    distance, p = (np.stack(c, axis=1) for c in zip(*(compared(g, X[is_control]) for g in groups)))
    itself = np.array(genes)[:, None] == np.array(removed)
    own = change[itself.nonzero()[0], itself.nonzero()[1]]
    own = own[np.argsort(itself.nonzero()[1])]
    q = np.full(p.shape, np.nan)
    q[~itself] = stats.false_discovery_control(p[~itself])
    change, distance = (np.where(itself, np.nan, values) for values in (change, distance))
    n_cells, name = np.array([len(group) for group in groups]), adata.uns["source"]["name"]
    return Screen(name, control, genes, removed, n_cells, change, distance, q, own)


def without_replicates(
    X: Array, is_control: NDArray[np.bool_], replicate: pd.Series | None
) -> Array:
    """X (cells x genes) with every replicate's control cells at the mean of all control cells."""
    if replicate is None:
        return X
    shifted, names = X.copy(), replicate.astype(str).to_numpy()
    for name in np.unique(names):
        own = names == name
        if not (own & is_control).any():
            raise ValueError(f"replicate {name} has no control cells")
        shifted[own] += X[is_control].mean(axis=0) - X[own & is_control].mean(axis=0)
    return shifted


def compared(group: Array, control: Array) -> tuple[Array, Array]:
    """Wasserstein distance and p of a Mann-Whitney test for each gene, (genes,) both."""
    pairs = zip(group.T, control.T, strict=True)
    distance = np.array([stats.wasserstein_distance(a, b) for a, b in pairs])
    return distance, stats.mannwhitneyu(group, control, axis=0).pvalue


def summary(screen: Screen) -> pd.DataFrame:
    """One row per removed gene: cells, its own change, genes that moved, up and down."""
    moved = screen.moved
    table = pd.DataFrame({
        "cells": screen.n_cells, "own change": screen.own, "genes judged": screen.judged.sum(0),
        "moved": moved.sum(0), "up": (moved & (screen.change > 0)).sum(0),
        "down": (moved & (screen.change < 0)).sum(0),
    }, index=pd.Index(screen.removed, name="removed"))  # fmt: skip
    return table.sort_values("moved", ascending=False)
