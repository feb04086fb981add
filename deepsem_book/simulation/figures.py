"""Figures of the chapter on simulating cells."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, canvas, label

BROWN = "#9c6644"
# Two models' ways, two GANs, and controls: copies green, genes alone brown (real cells are grey).
LOOKS = {
    "DeepSEM, posterior": (BLUE, "o"),
    "DeepSEM, prior": (SKY, "o"),
    "scGAN": (ORANGE, "s"),
    "cscGAN": (RED, "s"),
    "copy": (GREEN, "^"),
    "bootstrap": (GREEN, "v"),
    "two halves": (GREEN, "D"),
    "copula": ("black", "P"),
    "Gaussian": (PURPLE, "X"),
    "negative binomial": (BROWN, "P"),
    "shuffle": (BROWN, "X"),
    "shuffle, our zeros": (BROWN, "D"),
}
# What a network score is read between: copies and real cells above, genes without relations below.
REFERENCES = (
    "copy", "bootstrap", "two halves", "shuffle", "shuffle, our zeros", "negative binomial",
)  # fmt: skip


def look(name: str) -> tuple[str, str]:
    """Colour and marker of a simulator."""
    return LOOKS.get(name, ("black", "o"))


def within_unit(rows: pd.DataFrame) -> list[pd.Series]:
    """Lengths of the error bars of columns mean and half, down and up, that end at 0 and 1."""
    half = rows["half"].fillna(0)
    return [np.minimum(half, rows["mean"]), np.minimum(half, 1 - rows["mean"])]


def answer(recorded: pd.DataFrame, percent: float) -> Figure:
    """Left: is it new, and can it be told? Right: how much of the network is left (Eq. 9)?

    Means over repeats of one data set, with every repeat; columns simulator, auc, ratio, top_K.
    """
    figure, (left, right) = canvas(1, 2, 8.2, 3.3)
    for name, rows in recorded.dropna(subset="auc").groupby("simulator", sort=False):
        colour, marker = look(str(name))
        left.plot(rows["auc"].mean(), rows["ratio"].mean(), marker, color=colour, ms=8)
    left.axhline(1, color="black", ls=":", lw=1)
    left.axvline(0.5, color="black", ls=":", lw=1)
    label(left, "AUC of the forest (0.5: not told from real)", "", "new (1) or copied (0)?")
    order = recorded.groupby("simulator")[f"top_{percent:g}"].mean().sort_values()
    for y, name in enumerate(order.index):
        colour, marker = look(str(name))
        values = recorded.loc[recorded["simulator"] == name, f"top_{percent:g}"]
        right.plot(values, np.full(len(values), y), ".", color=colour, ms=4, alpha=0.5)
        right.plot(order[name], y, marker, color=colour, ms=8)
    right.set_yticks(range(len(order)), order.index)
    label(right, f"share of the first {percent:g} % of edges", "", "is the network kept (Eq. 9)?")
    return figure


def pictures(real: np.ndarray, simulated: Mapping[str, np.ndarray]) -> Figure:
    """UMAP of real cells (grey, the same in each panel) and of the cells of one simulator each."""
    n_cols = min(2, len(simulated))
    n_rows = -(-len(simulated) // n_cols)
    figure, axes = canvas(n_rows, n_cols, 3.0 * n_cols, 2.8 * n_rows, squeeze=False)
    for ax, (name, points) in zip(axes.flat, simulated.items(), strict=False):
        picture(ax, real, points, name)
        label(ax, "UMAP 1", "UMAP 2", name)
    for ax in axes.flat[len(simulated) :]:
        ax.set_visible(False)
    return figure


def picture(ax: Axes, real: np.ndarray, points: np.ndarray, name: str) -> None:
    """Real cells in grey below those of the simulator `name` (both cells x 2), without ticks."""
    ax.plot(*real.T, "o", color=GREY, ms=3, mew=0, alpha=0.7)
    ax.plot(*points.T, "o", color=look(name)[0], ms=3, mew=0, alpha=0.8)
    ax.set(xticks=[], yticks=[])


def pictures_of_groups(points: Mapping[str, Mapping[str, np.ndarray]], real: str) -> Figure:
    """As `pictures`, a row per group and a column per simulator; `real` names the real cells."""
    names = [name for name in next(iter(points.values())) if name != real]
    figure, axes = canvas(
        len(points), len(names), 2.3 * len(names), 1.9 * len(points) + 0.3, squeeze=False
    )
    for row, (group, by_name) in zip(axes, points.items(), strict=True):
        for ax, name in zip(row, names, strict=True):
            picture(ax, by_name[real], by_name[name], name)
        row[0].set_ylabel(group, fontsize=9)
    for ax, name in zip(axes[0], names, strict=True):
        ax.set_title(name, loc="left", fontsize=10)
    return figure


def rows_of_dots(ax: Axes, table: pd.DataFrame, names: list[str], errorbar: str | None) -> None:
    """One row per simulator: its values of "auc" as dots, their mean as a bar."""
    palette = {name: look(name)[0] for name in names}
    shared = dict(data=table, x="auc", y="simulator", hue="simulator", order=names, ax=ax)
    sns.stripplot(**shared, palette=palette, jitter=False, size=4, alpha=0.5, legend=False)
    sns.pointplot(
        **shared, palette=palette, errorbar=errorbar, marker="|", markersize=16,
        markeredgewidth=3, linestyle="none", legend=False,
    )  # fmt: skip
    ax.axvline(0.5, color="black", ls=":", lw=1)
    ax.tick_params(axis="y", labelsize=9)


def curves_of_genes(real: pd.DataFrame, simulated: Mapping[str, pd.DataFrame]) -> Figure:
    """Mean against variance (top) and share of zeros (bottom), a dot per gene; grey: real cells."""
    figure, axes = canvas(
        2, len(simulated), 2.3 * len(simulated), 4.4, squeeze=False, sharex=True, sharey="row"
    )
    for column, (name, table) in zip(axes.T, simulated.items(), strict=True):
        for ax, value in zip(column, ("variance", "zeros"), strict=True):
            ax.plot(real["mean"], real[value], "o", color=GREY, ms=2.5, mew=0, alpha=0.7)
            ax.plot(table["mean"], table[value], "o", color=look(name)[0], ms=2.5, mew=0, alpha=0.7)
            label(ax, "mean" if value == "zeros" else "", value if ax in axes[:, 0] else "")
        column[0].set_title(name, loc="left", fontsize=9)
    return figure


def consistency_lines(table: pd.DataFrame, paper: Mapping[str, float] | None = None) -> Figure:
    """Mean and 95 % interval of Eq. 9 against K; columns simulator, percent, mean, half.

    `REFERENCES` are thin dashed lines, named at their right end. Bars end at 0 and 1. `paper`:
    values of the paper at its smallest K, 0.1 %, drawn as stars.
    """
    figure, ax = canvas(1, 1, 8, 4.4)
    if table.empty:
        ax.text(0.5, 0.5, "no TF is known among these genes", transform=ax.transAxes, ha="center")
        return figure
    ends: dict[str, float] = {}
    simulators = [name for name in dict.fromkeys(table["simulator"]) if name not in REFERENCES]
    for name, rows in table.groupby("simulator", sort=False):
        mean = rows["mean"]
        if name in REFERENCES:
            ax.plot(rows["percent"], mean, color=GREY, ls="--", lw=1, zorder=1)
            ends[str(name)] = mean.iloc[-1]
            continue
        colour, marker = look(str(name))
        aside = 1 + 0.025 * (simulators.index(name) - (len(simulators) - 1) / 2)
        ax.errorbar(
            rows["percent"] * aside, mean, within_unit(rows), color=colour, marker=marker, ms=6,
            lw=1.5, elinewidth=0.8, label=name,
        )  # fmt: skip
    for name, value in (paper or {}).items():
        ax.plot(0.085, value, "*", color=look(name)[0], ms=12, mec="black", mew=0.7, ls="")
    if paper:
        ax.plot([], [], "*", color="white", ms=12, mec="black", mew=0.7, label="the paper")
    ax.set_xscale("log")
    percents = sorted(table["percent"].unique())
    ax.set_xticks(percents, [f"{k:g}" for k in percents])
    ax.minorticks_off()
    shown = [*table["mean"], *(paper or {}).values()]
    whole = table[~table["simulator"].isin(REFERENCES)]
    shown += [*np.minimum(whole["mean"] + whole["half"].fillna(0), 1)]
    ax.set_ylim(min(shown) - 0.04, max(shown) + 0.04)
    at = -np.inf
    for name, value in sorted(ends.items(), key=lambda end: end[1]):
        at = max(value, at + 0.05)  # labels that would touch move up
        ax.annotate(
            name, (percents[-1] * 1.1, at), color=GREY, fontsize=8, va="center",
            annotation_clip=False,
        )  # fmt: skip
    ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.16, 0.5))
    label(ax, "K, % of edges", "GRN consistency (Eq. 9)")
    return figure


def realism_of_data_sets(table: pd.DataFrame) -> Figure:
    """AUC by simulator, one panel per data set: repeats (dots), mean and sd (bar).

    Columns data, simulator, auc.
    """
    names = list(dict.fromkeys(table.groupby("simulator")["auc"].mean().sort_values().index))
    data = list(dict.fromkeys(table["data"]))
    figure, axes = canvas(
        1, len(data), 2.6 + 2.6 * len(data), 3.8, squeeze=False, sharey=True, sharex=True
    )
    for ax, data_set in zip(axes.flat, data, strict=True):
        rows_of_dots(ax, table[table["data"] == data_set], names, errorbar="sd")
        label(ax, "AUC of the forest", "", data_set)
    return figure


# Ways of adding cells that are no simulator of `LOOKS`.
ADDED = {"nothing added": "black", "upsampling": GREEN, "DeepSEM": BLUE}


def augmentation(table: pd.DataFrame) -> Figure:
    """AUPR against the share kept, a panel per rare group; columns rare, share, training, mean,
    half. Squares, dashed: GANs that have not converged.
    """
    groups, legend = table.groupby("rare", sort=False), {}
    figure, axes = canvas(1, len(groups), 1.5 + 3.6 * len(groups), 3.6, squeeze=False, sharey=True)
    for ax, (rare, rows_of_group) in zip(axes[0], groups, strict=True):
        for i, (name, rows) in enumerate(rows_of_group.groupby("training", sort=False)):
            known, _, note = str(name).partition(" (")
            shares = rows["share"].to_numpy() * (1 + 0.03 * (i - 1.5))
            legend[str(name)] = ax.errorbar(
                shares, rows["mean"].to_numpy(), np.array(within_unit(rows)),
                color=ADDED.get(known, look(known)[0]), marker="s" if note else "o", ms=5,
                ls="--" if note else "-",
            )  # fmt: skip
        ticks = sorted(table["share"].unique())
        ax.set_xscale("log")
        ax.set_xticks(ticks, [f"{share:g}" for share in ticks])
        ax.minorticks_off()
        label(ax, "cells of the group kept, %", "AUPR on test cells" if ax is axes[0, 0] else "")
        ax.set_title(str(rare), loc="left", fontsize=10)
    axes[0, 0].set_ylim(0, 1.05)
    figure.legend(
        list(legend.values()), list(legend), loc="outside right center", fontsize=8, frameon=False
    )
    return figure
