"""What changes a list of edges more: another seed, other cells, another cell type?"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal.result import Result

from .advice import best_edges


def shared_by_halves(halves: Sequence[Result], top: int) -> pd.DataFrame:
    """Share of common edges among the `top`; each half of the cells has the same two seeds.

    One row per kind of pair, in the columns its two pairs of trainings.
    """
    (a, b), (c, d) = (best_edges(half, top) for half in halves)
    pairs = {
        "same cells, other seed": (a & b, c & d),
        "other cells, same seed": (a & c, b & d),
        "other cells, other seed": (a & d, b & c),
    }
    rows = {name: [len(edges) / top for edges in common] for name, common in pairs.items()}
    return pd.DataFrame(rows, index=["first pair", "second pair"]).T


def heavier(common: pd.DataFrame) -> str:
    """What changes the list more (`shared_by_halves`); both pairs of a kind have to say so."""
    by_seed, by_cells, _ = common.to_numpy()
    if by_cells.min() > by_seed.max():
        return "the start of the training"
    return "the sample of cells" if by_seed.min() > by_cells.max() else "undecided"


def two_largest(adata: AnnData, groupby: str) -> tuple[AnnData, pd.Series]:
    """The two largest groups with equally many random cells (seed 0), and their full sizes.

    Without the column, odd and even cells stand for two groups that do not differ.
    """
    if groupby not in adata.obs:
        adata = adata.copy()
        adata.obs[groupby] = np.where(np.arange(adata.n_obs) % 2, "odd", "even")
    sizes = adata.obs[groupby].value_counts().head(2)
    labels = adata.obs[groupby].to_numpy()
    rng = np.random.default_rng(0)
    rows = [
        rng.choice(np.flatnonzero(labels == name), sizes.min(), replace=False)
        for name in sizes.index
    ]
    return adata[np.concatenate(rows)].copy(), sizes


def shared_by_groups(groups: Mapping[str, Result], top: int, chance: float) -> pd.Series:
    """Common edges of the `top` within two groups of two seeds, and between the groups.

    `chance`: the share of the list that two random ones have in common.
    """
    tops = {name: best_edges(result, top) for name, result in groups.items()}
    (a, b), (c, d) = tops.values()
    common: dict[str, float] = {
        f"two seeds, {name}": len(first & second) for name, (first, second) in tops.items()
    }
    common["two seeds, one of each group"] = (len(a & d) + len(b & c)) / 2
    common["expected by chance"] = top * chance
    return pd.Series(common, name=f"common edges of {top}")


def differ(shared: pd.Series) -> str:
    """Whether two groups differ by more than seeds do (`shared_by_groups`)."""
    within, between, chance = shared.iloc[:2].mean(), shared.iloc[2], shared.iloc[3]
    if within <= max(2 * chance, 1):
        return "unknown: two seeds of a group share next to nothing"
    return "more than seeds do" if between < within else "no more than seeds do"


def by_agreement(edges: pd.DataFrame) -> pd.DataFrame:
    """Edges of `advice.edge_stability` by agreement of the members, then by importance."""
    return edges.sort_values(["in_top", "importance"], ascending=False, kind="stable")


def most_agreed_target(edges: pd.DataFrame) -> str:
    """The target with most edges that most members have; of all edges where there is none."""
    agreed = edges[edges["in_top"] > 0.5]
    return str((agreed if len(agreed) else edges)["target"].value_counts().index[0])
