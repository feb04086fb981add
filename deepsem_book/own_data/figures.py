"""Figures of the chapter on a reader's own data."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREY, ORANGE, canvas, label, legend_below
from ..truth_table import in_words


def known_truths(rows: pd.DataFrame) -> Figure:
    """AUROC of DeepSEM less that of two controls, a row per setting (`recorded.by_setting`)."""
    figure, ax = canvas(width=7, height=1.2 + 0.22 * len(rows))
    y = np.arange(len(rows))[::-1]
    for shift, colour, end, name in (
        (0.15, BLUE, "", "less the correlation"),
        (-0.15, ORANGE, " to best", "less the best of three rankings without training"),
    ):
        mean, low, high = (rows[what + end] for what in ("difference", "low", "high"))
        errors = np.nan_to_num(np.stack([mean - low, high - mean]))
        ax.errorbar(mean, y + shift, xerr=errors, fmt="o", ms=4, lw=1, color=colour, label=name)
    ax.axvline(0, color=GREY, lw=1)
    ax.set_yticks(y, list(map(in_words, rows.index)), fontsize=8)
    label(ax, "AUROC of DeepSEM, own preset, less that of the other", "")
    legend_below(figure, ax, 2)
    return figure


def sharing(curve: pd.DataFrame) -> Figure:
    """Share of common edges of two members against list length (`top`, `shared`, `chance`)."""
    figure, ax = canvas(width=6)
    ax.semilogx(curve["top"], curve["shared"], "o-", color=BLUE, label="two seeds")
    ax.semilogx(curve["top"], curve["chance"], "--", color=GREY, label="chance")
    ax.set_ylim(0, 1.02)
    ax.legend(frameon=False)
    label(ax, "edges at the top of the list", "shared by two members")
    return figure


def regulators(edges: pd.DataFrame, target: str, n: int = 12) -> Figure:
    """`n` regulators of a gene, by agreement, then importance (bars); blue where all agree."""
    rows = edges[edges["target"] == target]
    rows = rows.sort_values(["in_top", "importance"], ascending=False, kind="stable")
    rows = rows.head(n).iloc[::-1]
    figure, ax = canvas(width=6, height=0.6 + 0.25 * max(len(rows), 4))
    colours = np.where(rows["in_top"] == 1, BLUE, ORANGE)
    ax.barh(rows["TF"], rows["importance"], color=colours)
    for i, share in enumerate(rows["in_top"]):
        ax.text(rows["importance"].iloc[i], i, f" {share:.0%}", va="center", fontsize=8)
    ax.ticklabel_format(axis="x", scilimits=(0, 0))
    label(ax, "importance", "", f"regulators of {target}; share of members that agree")
    return figure


def network(edges: pd.DataFrame, n: int = 40) -> Figure:
    """The first `n` edges as lines from TFs (left) to targets (right), dashed where repressing."""
    rows = edges.head(n)
    tfs, targets = rows["TF"].unique(), rows["target"].unique()
    left = dict(zip(tfs, np.linspace(1, 0, len(tfs)), strict=True))
    right = dict(zip(targets, np.linspace(1, 0, len(targets)), strict=True))
    figure, ax = canvas(width=7, height=max(3.0, 0.2 * max(len(tfs), len(targets))))
    top = rows["importance"].max()
    for row in rows.itertuples():
        colour = BLUE if row.in_top == 1 else ORANGE
        ax.plot(
            [0, 1],
            [left[row.TF], right[row.target]],
            color=colour,
            lw=0.5 + 2 * row.importance / top,
            alpha=0.7,
            ls="--" if row.sign < 0 else "-",
        )
    for names, x, side in ((left, -0.02, "right"), (right, 1.02, "left")):
        for name, y in names.items():
            ax.text(x, y, name, ha=side, va="center", fontsize=8)
    ax.set(xlim=(-0.25, 1.25))
    ax.axis("off")
    return figure
