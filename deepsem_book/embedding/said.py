"""What the page's own cells say, in sentences; every function returns Markdown text."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from .tables import IGNORANT, PAPER_TYPES, mean_and_sd, with_depth

FILLED = 0.9  # of the cells in a ring


def about_cells(cells: AnnData, every: int) -> str:
    """Size and origin of the page's cells, every `every`th of the data set."""
    text = f"{cells.n_obs} cells, {cells.n_vars} genes, {cells.obs['cell_type'].nunique()} types."
    if every > 1:
        text += (
            f" In the quick profile these are every {every}rd cell of the data set; the recorded"
            " tables below use all of them."
        )
    if cells.uns["source"]["name"] == "zeisel":
        return (
            text
            + " This packaged copy of the data holds the 4000 genes that were found in most cells,"
            " without their names; the authors chose their 1000 from all genes."
        )
    return (
        text
        + " These simulated cells have no types: the groups are quarters of the first two principal"
        " components of log expression, so the scores of this page's own runs show how the code"
        " is used and nothing about cells."
    )


def about_luck(scores: pd.DataFrame, luck: Mapping[str, NDArray], n_types: int) -> str:
    """Which embedding is best over Louvain's seeds; `scores` of `clustered`, `luck` its ARIs."""
    mean = pd.Series({name: aris.mean() for name, aris in luck.items()})
    best, own = mean.idxmax(), scores.loc["DeepSEM"]
    missed = list(scores.index[scores["n_clusters"] != n_types])
    return (
        f"On these cells, one training: {best} has the highest mean ARI over Louvain's seeds,"
        f" {mean[best]:.3f}; DeepSEM has {mean_and_sd(luck['DeepSEM'])} (with seed 0, which the"
        f" first table has, {own['ari']:.3f}). DeepSEM's Leiden clusters, which were not told the"
        f" number of types, have {own['leiden_ari']:.3f}. "
        + (
            f"Bisection did not reach the number of types for {', '.join(missed)}."
            if missed
            else "Bisection reached the number of types for all."
        )
    )


def about_rings(rings: pd.DataFrame, circled: Sequence[str]) -> str:
    """For which embeddings both circled types are clear clusters, from `tables.rings`."""
    whole = (rings["in ring"] >= FILLED) & (rings["pieces"] == 1)
    clear = whole.groupby("embedding", sort=False).all()
    text = (
        f"Call a type a clear cluster if at least {FILLED:.0%} of the cells in its ring are of the"
        " type and Leiden leaves it in one piece. By this rule both types are clear clusters for"
        f" {', '.join(clear.index[clear]) or f'none of the {len(clear)}'}. "
    )
    if list(circled) == PAPER_TYPES:
        text += (
            "The paper sees clear clusters of both for DeepSEM, and not for ZIFA and factor"
            " analysis. Here: "
            + "; ".join(
                f"{name}: {of_rings(rings.loc[name])}" for name in ("DeepSEM", "ZIFA", "FA")
            )
            + ". scVI is not drawn on this page. "
        )
    return (
        text + "One training and one seed of UMAP and of Leiden: this describes these pictures and"
        " settles nothing about the methods."
    )


def of_rings(rings: pd.DataFrame) -> str:
    """Purity and pieces of the rings of one embedding, by type."""
    return " and ".join(
        f"{kind} {row['in ring']:.0%}, {row['pieces']} piece{'s' * (row['pieces'] != 1)}"
        for kind, row in rings.iterrows()
    )


def about_scale(weights: pd.DataFrame, n_types: int) -> str:
    """The range of membership weights at two sizes of the same pictures (the two columns)."""
    low, high = weights.min(), weights.max()
    drawn, larger = (f"from {low[c]:.3f} to {high[c]:.3f}" for c in weights)
    return (
        f"As drawn, the {len(weights)} pictures have weights {drawn}; ten times larger, {larger}."
        f" Chance is {1 / n_types:.3f}. No cell has moved with respect to the others, so the number"
        " measures the scale of a picture too. An order of methods cannot be read off it, the less"
        " so with one seed of UMAP."
    )


def about_depth(changed: Mapping[str, NDArray], luck: Mapping[str, NDArray], X: NDArray) -> str:
    """How much of each embedding is depth, and which networks that know nothing do as well."""
    detected = (np.asarray(X) > 0).sum(axis=1)
    depth = {name: with_depth(changed[name], detected) for name in ("no GRN", "start W", "DeepSEM")}
    shown, own = {name: mean_and_sd(aris) for name, aris in luck.items()}, luck["DeepSEM"]
    as_good = [
        name for name in IGNORANT[:3] if luck[name].mean() + luck[name].std(ddof=1) >= own.mean()
    ]
    return (
        "Largest correlation of a leading component with the number of genes found in a cell: "
        + ", ".join(f"{name} {value:.2f}" for name, value in depth.items())
        + ". On these cells, one training, mean ± sd over ten seeds of Louvain: the networks that"
        f" know nothing of regulation reach ARI {shown['start W']} (start W),"
        f" {shown['permuted W']} (permuted W) and {shown['renamed genes']} (renamed genes);"
        f" DeepSEM {shown['DeepSEM']}, no network {shown['no GRN']}, PCA of centred cells"
        f" {shown['PCA, centred cells']}. "
        + (
            f"Of the three, {', '.join(as_good)} {'is' if len(as_good) == 1 else 'are'} above"
            " DeepSEM or less than one sd below it."
            if as_good
            else "DeepSEM is above all three by more than one sd."
        )
        + f" One seed of Louvain decides less: DeepSEM's first one gives {own[0]:.3f}, the lowest"
        f" of the ten is {own.min():.3f}, the highest {own.max():.3f}."
    )


def about_links(links: pd.DataFrame, path: Sequence[str], tau: Mapping[str, float]) -> str:
    """Whether PAGA's links (stages x stages) follow the path, and the order of embeddings by τ."""
    joined = {(a, b): links.loc[a, b] for i, a in enumerate(links.index) for b in links.index[:i]}
    steps = [set(pair) for pair in pairwise(path)]
    on_path = {pair: w for pair, w in joined.items() if set(pair) in steps}
    off_path = {pair: w for pair, w in joined.items() if pair not in on_path}
    weakest, strongest = min(on_path.values()), max(off_path, key=lambda pair: off_path[pair])
    breaking = [
        f"{b}–{a} {w:.2f}"
        for (a, b), w in sorted(off_path.items(), key=lambda item: -item[1])
        if w >= weakest
    ]
    ranked = sorted(tau, key=lambda name: tau[name], reverse=True)
    return (
        "Links of neighbours on the path: "
        + ", ".join(f"{b}–{a} {links.loc[a, b]:.2f}" for b, a in pairwise(path))
        + ". "
        + (
            "The path is **not** visible in the links alone: the weakest of these is no stronger"
            f" than {len(breaking)} of {len(off_path)} others: {', '.join(breaking)}. "
            if breaking
            else (
                "The weakest of them is above the strongest other link"
                f" ({strongest[1]}–{strongest[0]}, {off_path[strongest]:.2f}): the path is visible"
                " in the links. "
            )
        )
        + "Order by τ, one seed: "
        + ", ".join(f"{name} {tau[name]:.2f}" for name in ranked)
        + f". DeepSEM is number {ranked.index('DeepSEM') + 1} of {len(ranked)}."
    )


def about_hubs(edges: pd.DataFrame, highest: Mapping[str, str]) -> str:
    """Whether edges join genes that are `highest` (gene -> type) in the same cell type."""
    genes = pd.unique(edges[["TF", "target"]].to_numpy().ravel())
    same = np.mean([highest[a] == highest[b] for a, b in zip(edges["TF"], edges["target"])])
    by_luck = float((pd.Series(highest).value_counts(normalize=True) ** 2).sum())
    return (
        f"The {len(edges)} edges join {len(genes)} of {len(highest)} genes; {same:.0%} of them join"
        f" genes that are highest in the same cell type (random pairs of genes: {by_luck:.0%}). "
        + (
            "The strongest edges follow the cell types: genes of one type rise and fall together"
            " over cells of many types, which need not be regulation."
            if same > 2 * by_luck
            else "The strongest edges do not follow the cell types."
        )
    )


def nearer_by_both(nearness: Mapping[str, Mapping[str, float]]) -> str:
    """Which part of W gives points nearer to DeepSEM's, from `preservation` of each part."""
    parts = list(nearness)
    nearest = {max(parts, key=lambda n: nearness[n][score]) for score in ("distance_r", "knn")}
    if len(nearest) > 1:
        return "The two scores disagree."
    return f"Nearer to the points of DeepSEM by both scores: {nearest.pop()}."
