"""Sentences of chapters 1 and 2 with computed numbers, as Markdown."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from anndata import AnnData

# --- Chapter 1 ------------------------------------------------------------------------------------


def size(adata: AnnData) -> str:
    """Cells, genes, zeros and candidate edges of a data set with `var["tf"]`."""
    n_cells, n_genes = adata.shape
    n_tfs = int(adata.var["tf"].sum())
    n_edges = n_tfs * (n_genes - 1)
    return (
        f"`{adata.uns['source']['name']}` has **{n_cells} cells and {n_genes} genes**, of which "
        f"{n_tfs} are TFs; {(np.asarray(adata.X) == 0).mean():.0%} of its entries are zero. An "
        f"unknown network of them has {n_tfs} × {n_genes - 1} = **{n_edges:,} candidate edges**: "
        f"{n_edges / n_cells:,.0f} for each cell that was measured."
    )


def depth(time_name: str, with_zeros: float, n_falling: int, n_genes: int, pc1: pd.Series) -> str:
    """What pseudotime and the main axis have to do with the number of zeros of a cell.

    `pc1`: the axis' `share` of all variance and its correlation `with_zeros`.
    """
    return (
        f"Along {time_name}, the number of zeros of a cell changes with r = **{with_zeros:.2f}**, "
        f"and {n_falling} of {n_genes} genes fall. The main axis of variation of the standardised "
        f"data (the first principal component) carries {pc1['share']:.0%} of all variance, and its "
        f"correlation with the number of zeros is {abs(pc1['with_zeros']):.2f}."
    )


def shared_by_all(panels: Mapping[str, np.ndarray]) -> str:
    """How many edges all networks have in common; panels: TF x gene, the same in each."""
    tables = list(panels.values())
    n_tfs, n_genes = tables[0].shape
    in_all, in_any = np.logical_and.reduce(tables).sum(), np.logical_or.reduce(tables).sum()
    return (
        f"Drawn side by side: on the {n_tfs} TFs and {n_genes} genes that all of them know, "
        f"{in_all} edges are in all of them and {in_any} in at least one: "
        f"**{in_all / in_any:.0%}**."
    )


def errors_of_correlation(r: np.ndarray, partial: np.ndarray) -> str:
    """The three errors on the four genes A, B, C, D; both matrices are 4 x 4."""
    return (
        "Correlation makes three kinds of errors here.\n\n"
        f"- **No direction.** r(A, B) = r(B, A) = {r[0, 1]:.2f}: the matrix is symmetric, whatever "
        "the cells say.\n"
        "- **A common cause.** B and C do not act on each other, but A acts on both: "
        f"r(B, C) = {r[1, 2]:.2f}.\n"
        "- **An indirect path.** A does not act on D, but on B, which does: "
        f"r(A, D) = {r[0, 3]:.2f}.\n\n"
        f"Partial correlation removes the second and third error ({partial[1, 2]:.2f} and "
        f"{partial[0, 3]:.2f}), and keeps the first."
    )


# --- Chapter 2 ------------------------------------------------------------------------------------


def colliders(of_edges: pd.DataFrame, of_all: pd.Series) -> str:
    """`of_edges`: by scale, share of edges and right way; `of_all`: right way by network, scale."""
    at, rule = "variance 1", "more neighbours"
    without, with_colliders = of_all["one regulator each"], of_all["two regulators each"]
    right = of_edges["right way"]
    return (
        f"Colliders hold {of_edges.loc[at, 'share of edges']:.0%} of the edges in the networks "
        "with two regulators. Their direction could all be known; at variance 1 the fit gets "
        f"{right[at]:.2f} of them right, and the rule that sees no cells {right[rule]:.2f}. Over "
        f"all edges, too, the fit does worse on these networks ({with_colliders[at]:.2f}) than on "
        f"those without colliders ({without[at]:.2f}), and worse than the rule "
        f"({with_colliders[rule]:.2f}). So colliders carry direction in principle, and this fit "
        "uses only part of it, if any."
    )


def more_cells(table: pd.DataFrame) -> str:
    """What changes from few to many cells; columns cells, scale, question, value."""
    ends = table[table["cells"].isin([table["cells"].min(), table["cells"].max()])]
    ends = ends.groupby(["question", "scale", "cells"])["value"].mean().unstack()
    few, many = ends.columns
    pairs = ends.loc[("which pairs are linked", "variance 1")]
    way = ends.loc[("which way", "variance 1")]
    return (
        f"From {few} to {many:,} cells, at variance 1, the AUPRC of linked pairs goes from "
        f"{pairs[few]:.2f} to **{pairs[many]:.2f}**, and the share of edges that point the right "
        f"way from {way[few]:.2f} to **{way[many]:.2f}**; on the scale of the simulation the "
        f"latter reaches {ends.loc[('which way', 'as simulated'), many]:.2f}."
    )


def race(table: pd.DataFrame) -> str:
    """Means and wins of DeepSEM; columns cells, seed, method, value (AUPRC)."""
    wide = table.pivot(index=["cells", "seed"], columns="method", values="value")
    lines = []
    for world in table["cells"].unique():
        part = wide.loc[world]
        spread = ", ".join(
            f"{name} {part[name].mean():.2f} ± {part[name].std():.2f}"
            for name in table["method"].unique()
        )
        wins = {name: int((part["DeepSEM"] > part[name]).sum()) for name in part}
        gap = part["DeepSEM"] - part["linear SEM"]
        lines.append(
            f"- **{world}**: {spread}. DeepSEM is above Pearson in {wins['Pearson |r|']} and above "
            f"the linear SEM in {wins['linear SEM']} of {len(part)} networks; its difference to "
            f"the linear SEM is {gap.mean():+.3f} ± {gap.std():.3f}."
        )
    note = "(mean ± standard deviation over networks; one training run each)"
    return "\n".join(lines) + f"\n\n{note}"


def distortion(table: pd.DataFrame, undone: pd.Series) -> str:
    """The gain on distorted values beside what the logarithm gives; `undone`: before, after."""
    wide = table.pivot(index=["cells", "seed"], columns="method", values="value")
    distorted = wide.loc["linear, logarithm forgotten"]
    gain = (distorted["DeepSEM"] - distorted["linear SEM"]).mean()
    seen, logged = undone
    return (
        f"Where values are distorted strongly DeepSEM gains over the linear SEM ({gain:+.2f} in "
        "AUPRC). But where a logarithm undoes the distortion, taking it helps far more: on the "
        f"network of the section before, it lifted the linear SEM from {seen:.2f} to {logged:.2f}."
    )
