"""Sentences of chapter 13 with computed numbers, as Markdown."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import stats

from ..datasets import NOT_TFS
from . import advice


def exit_code(code: int) -> str:
    return (
        f"Exit code {code}. The first list holds what the command noticed about the file; without "
        "`--quiet` it says so while it works. The input may be an AnnData, a loom, a 10x file or "
        "folder, or a table. The table of edges has the columns TF, target, importance and "
        "sign; pySCENIC reads the first three."
    )


def missing_tfs(adata: AnnData, tfs: Sequence[str]) -> str:
    """How many TFs of the list are not among the genes."""
    listed = pd.Index([tf.upper() for tf in tfs])
    missing = len(listed.difference(adata.var_names.str.upper()))
    return (
        f"{adata.n_obs} cells and {adata.n_vars} genes are left; {missing} of the {len(tfs)} TFs "
        "on the list are not among them. A TF that was not detected, or was filtered away before "
        "you got the file, cannot be found as a regulator. In a mixture of cell types the share of "
        "cells also cuts TFs of rare types: for those, take the cells of the type alone."
    )


def not_tfs(adata: AnnData, tfs: Sequence[str]) -> str:
    """Genes of the page that are TFs for BEELINE's list alone and known for other things."""
    genes, listed = set(adata.var_names.str.upper()), {tf.upper() for tf in tfs}
    other = [f"{name} ({what})" for name, what in NOT_TFS.items() if name in genes - listed]
    return (
        "`--tfs human` is the curated list of Lambert and others (2018), `--tfs mouse` that of "
        "SCENIC. BEELINE's are broader (`--tfs beeline-human`): they also hold splicing factors, "
        "kinases and a non-coding RNA"
        + (f", and of the genes of this page {', '.join(other)}." if other else ".")
    )


def cost(cost: dict[str, float], warned: Sequence[str], n_seeds: int) -> str:
    """Expected seconds and MB (`advice.expected_cost`), and the warnings."""
    warnings = f"Warnings: {'; '.join(warned)}." if warned else "No warning."
    return (
        f"Expected for {n_seeds} seeds: {cost['seconds']:.0f} seconds and "
        f"{cost['megabytes']:.0f} MB. {warnings}"
    )


def few_cells(table: pd.DataFrame) -> str:
    """How the EPR changes from the fewest to the most cells (`compare.samples_of_cells`)."""
    low, high = table["cells"].min(), table["cells"].max()
    ends = table.groupby(["network", "matrix", "cells"])["epr"].agg(["mean", "var"])
    ends = ends.unstack("cells")
    rise = ends["mean"][high] - ends["mean"][low]
    clear = rise > 2 * np.sqrt((ends["var"][high] + ends["var"][low]) / 2)
    lines = []
    for network, of_matrix in rise.groupby("network"):
        several = len(of_matrix) > 1
        span = f"{of_matrix.min():+.2f}" + (f" to {of_matrix.max():+.2f}" if several else "")
        lines.append(
            f"- **{network.replace('Lofgof', 'LOF/GOF')}**: {span}; clear on "
            f"{clear[network].sum()} of {len(of_matrix)} {'matrices' if several else 'matrix'}"
        )
    return (
        f"Change of the EPR from {low} to {high} cells, matrix by matrix, mean over the seeds "
        "(chance is 1); *clear*: a rise of more than two sd between seeds.\n\n"
        + "\n".join(lines)
        + "\n\nThe number of epochs stays, so fewer cells also mean fewer steps: how much of a "
        "rise is the cells', and how much the steps', this table does not say. (Chapter 14 asks "
        "another question: whether the ensembles' change has the same sign over matrices, by an "
        "interval over these few.)"
    )


def agreement(
    edges: pd.DataFrame, stable: dict[str, float], n_seeds: int, seconds: float, expected: float
) -> str:
    """How many of all pairs (`advice.edge_stability`) most and all members have, beside chance."""
    n_pairs = len(edges)
    in_list = min(200 / n_pairs, 1)  # of one pair, by chance
    by_most, by_all = (
        n_pairs * stats.binom.sf(least, n_seeds, in_list) for least in (n_seeds // 2, n_seeds - 1)
    )
    return (
        f"In words, as the command reports it: {advice.stability_verdict(stable)}. Of all "
        f"{n_pairs} pairs, {(edges['in_top'] > 0.5).sum()} are among the first 200 of at least "
        f"{n_seeds // 2 + 1} of the {n_seeds} members, and {(edges['in_top'] == 1).sum()} of every "
        f"member. Independent lists would give {by_most:.1f} and {by_all:.1g} (binomial). Training "
        f"took {seconds:.0f} seconds, where {expected:.0f} had been expected."
    )


def what_weighs(common: pd.DataFrame) -> str:
    """Seed or cells (`compare.shared_by_halves` of 200 edges): which changes the list more?"""
    by_seed, by_cells, _ = common.to_numpy()
    endings = {
        "start": ": the start of the training weighs more than the sample of cells.",
        "cells": ": the sample of cells weighs more than the start of the training.",
        "": ": which of the two weighs more is undecided.",
    }
    return (
        f"on halves of the cells, two trainings share {by_cells.mean():.0%} of 200 edges with the "
        f"same seed and other cells, {by_seed.mean():.0%} with the same cells and another seed"
        f"{endings[heavier(common)]}"
    )


def heavier(common: pd.DataFrame) -> str:
    """ "start" or "cells" where both pairs of one kind share less than both of the other."""
    by_seed, by_cells, _ = common.to_numpy()
    if by_cells.min() > by_seed.max():
        return "start"
    return "cells" if by_seed.min() > by_cells.max() else ""


def other_cells(common: pd.DataFrame, shared: float, chance: float) -> str:
    """The same with advice; `shared`: what two seeds have in common on all cells."""
    advice_on = {
        "start": "What one training lists is then largely its start: more seeds or epochs come "
        "before more cells.",
        "cells": "Agreement of seeds then makes the network look surer than it is: for a new "
        "experiment other cells count.",
        "": "",
    }
    return (
        f"In the mean {what_weighs(common)} With both changed they share "
        f"{common.iloc[2].mean():.0%}; chance is {chance:.1%}. Half of the cells are also half of "
        f"the steps, so do not hold these numbers against the {shared:.0%} that two seeds share on "
        f"all cells. {advice_on[heavier(common)]}"
    )


def hubs(shown: pd.DataFrame, edges: pd.DataFrame, n_seeds: int) -> str:
    """The TFs of the forty edges shown, and how many of the forty most important one member has."""
    counts = shown["TF"].value_counts()
    by_one = (edges.head(40)["in_top"] <= 1 / n_seeds).sum()
    return (
        f"These edges come from {len(counts)} TFs; the first, {counts.index[0]}, has "
        f"{counts.iloc[0]} of them. Of the forty edges of largest importance, {by_one} are among "
        "the first 200 of one member at most. A few TFs that fill the list can mean master "
        "regulators, or TFs that are detected often or that mark a cell type: in a mixture, genes "
        "of the same cell type go up and down together without any regulation."
    )


def groups(shared: pd.Series, n_cells: int, n_epochs: int) -> str:
    """Whether two groups differ by more than seeds do (`compare.shared_by_groups`)."""
    within, between = shared.iloc[:2].mean(), shared.iloc[2]
    start = f"At {n_cells} cells per group and {n_epochs} epochs, "
    if nothing_in_common(shared):
        return start + (
            "even two seeds of the same group share next to nothing, so these networks cannot be "
            "compared."
        )
    more = "more" if between < within else "no more"
    return start + (
        f"two seeds share {within:.0f} of 200 edges within a group and {between:.0f} between the "
        f"groups: the groups differ by {more} than seeds do."
    )


def nothing_in_common(shared: pd.Series) -> bool:
    """Whether two seeds of a group agree no better than chance; one common edge is no agreement."""
    return bool(shared.iloc[:2].mean() <= max(2 * shared.iloc[3], 1))


def group_sizes(
    sizes: pd.Series, shared: pd.Series, n_epochs: int, n_all: int, of_all: float
) -> str:
    """`groups` with the sizes; `of_all`: what two seeds share on all `n_all` cells."""
    listed = ", ".join(f"{name} has {size}" for name, size in sizes.items())
    n_cells = sizes.min()
    note = (
        f" On all {n_all} cells two seeds share {of_all:.0%}, but that is another number of cells "
        "and a mixture of types, and no measure for the groups."
    )
    return (
        f"{listed} cells; both were cut to {n_cells}. {groups(shared, n_cells, n_epochs)}"
        f"{note if nothing_in_common(shared) else ''}"
    )


def scale(table: pd.DataFrame) -> str:
    """The most memory of the recorded runs, beside a laptop's and beside what was expected."""
    most = table.loc[table["peak_mb"].idxmax()]
    gib = most["peak_mb"] * 1e6 / 2**30
    ratio = (table["peak_mb"] / table["expected_megabytes"]).max()
    margin = ": the estimate can be too low, so leave a margin." if ratio > 1.05 else "."
    return (
        f"The most memory, {gib:.1f} GiB, was taken by {most['n_cells']:,.0f} cells and "
        f"{most['n_genes']:,.0f} genes: {'less' if gib < 4 else 'more'} than the 4 GiB of a small "
        f"laptop. It was at most {ratio:.2f} times what the command had expected "
        f"(*expected_megabytes*){margin} CPU seconds hold everything, also reading and the "
        "estimate."
    )


def summary(
    shape: tuple[int, int], n_edges: int, stable: dict[str, float], weighs: str, compared: str
) -> str:
    """From cells and genes (`shape`) to what may be believed."""
    return (
        f"From {shape[0]} cells and {shape[1]} genes to {n_edges} ranked edges; two seeds share "
        f"{stable['shared']:.0%} of the best {stable['top']:.0f} (chance {stable['chance']:.1%}). "
        "Believe: agreement of seeds says only that training again gives the same edges. Do not "
        "believe from this alone: direction, sign, or cause. Those need another kind of data. "
        f"Other cells: {weighs} Cell types: {compared[0].lower()}{compared[1:]}"
    )
