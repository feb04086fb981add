"""Figures of the chapter on what EPR rewards: parts of a ranking, rewired truths, benchmarks."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, canvas, label, legend_below

PARTS = {
    "all": ("D", BLUE), "TF mean": ("^", RED), "target mean": ("v", ORANGE), "rest": ("o", SKY),
}  # fmt: skip
ASIDE = {"all": -0.12, "rest": 0.12}  # equal scores of the two would hide each other
TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]


def score_parts(table: pd.DataFrame, name: str = "EPR") -> Figure:
    """A ranking and its three parts: one panel per network, one column per method.

    `table` has network, method, part ("all" or a key of `networks.decompose`) and value, the
    score. A score of 0 is drawn at the lower edge of the logarithmic axis. ValueError for an
    unknown part.
    """
    if unknown := set(table["part"]) - set(PARTS):
        raise ValueError(f"unknown part(s) {sorted(unknown)}: known are {sorted(PARTS)}")
    networks, methods = list(table["network"].unique()), list(table["method"].unique())
    figure, axes = canvas(1, len(networks), max(5, 3 * len(networks)), 3.8, squeeze=False)
    floor = 0.1
    for ax, network in zip(axes[0], networks, strict=True):
        rows = table[table["network"] == network]
        for part, (marker, colour) in PARTS.items():
            of_part = rows[rows["part"] == part]
            x = of_part["method"].map(methods.index) + ASIDE.get(part, 0)
            y = of_part["value"].clip(lower=floor)
            ax.plot(x, y, marker, color=colour, ms=6, alpha=0.85, label=part, clip_on=False)
        ax.set_ylim(floor, max(5.0, 1.2 * table["value"].max()))
        _ratio_axis(ax, methods)
        label(ax, "", name if ax is axes[0, 0] else "", network)
    legend_below(figure, axes[0, 0], 4, 9)
    return figure


def against_rewired(table: pd.DataFrame) -> Figure:
    """Observed EPR beside that on rewired truths: one panel per network, one column per method.

    `table` has network, method, epr, null_mean, null_low and null_high (the range over rewirings).
    """
    networks, methods = list(table["network"].unique()), list(table["method"].unique())
    figure, axes = canvas(1, len(networks), max(5, 3 * len(networks)), 3.8, squeeze=False)
    for ax, network in zip(axes[0], networks, strict=True):
        rows = table[table["network"] == network]
        x = rows["method"].map(methods.index)
        ax.vlines(x, rows["null_low"], rows["null_high"], color=GREY, lw=7, alpha=0.6)
        ax.plot(x, rows["null_mean"], "_", color="black", ms=9, label="rewired truths")
        ax.plot(x, rows["epr"], "D", color=BLUE, ms=6, label="the truth")
        values = table[["epr", "null_low", "null_high"]].to_numpy()
        ax.set_ylim(0.8 * max(values.min(), 0.1), 1.2 * values.max())
        _ratio_axis(ax, methods)
        label(ax, "", "EPR" if ax is axes[0, 0] else "", network)
    legend_below(figure, axes[0, 0], 2, 9)
    return figure


def room(table: pd.DataFrame, scores: list[str]) -> Figure:
    """Every benchmark as a line from chance to its ceiling, with oracles and scores as marks.

    `table` has name, kind, chance (upper limit of random rankings), TF-degree, target-degree,
    ceiling (all EPR) and the columns named in `scores`; missing values are not drawn, and a row
    without a ceiling says "not run here".
    """
    groups = list(table.groupby("kind", sort=False))
    heights = [len(rows) for _, rows in groups]
    figure, axes = canvas(
        len(groups), 1, 8, 1.6 + 0.24 * sum(heights), squeeze=False, sharex=True,
        height_ratios=heights,
    )  # fmt: skip
    styles = [("s", ORANGE), ("s", PURPLE), ("P", "black"), ("P", GREEN), ("o", SKY), ("D", BLUE)]
    looks = dict(zip(scores, styles, strict=False))
    looks |= {"TF-degree": ("^", RED), "target-degree": ("v", RED), "ceiling": ("|", GREEN)}
    low = min(0.8, 0.9 * float(np.nanmin(table[scores].to_numpy(dtype=float))))
    for ax, (kind, rows) in zip(axes[:, 0], groups, strict=True):
        y = range(len(rows))
        ax.hlines(y, 1, rows["ceiling"], color=GREY, lw=0.8)
        ax.hlines(y, 1, rows["chance"], color=GREY, lw=7, alpha=0.5, label="chance")
        for column, (marker, colour) in looks.items():
            ax.plot(rows[column], y, marker, color=colour, ms=7, alpha=0.85, label=column, ls="")
        for i in np.flatnonzero(rows["ceiling"].isna()):
            ax.text(1.05, i, "not run here", va="center", fontsize=8, color=GREY)
        ax.set_yticks(y, rows["name"], fontsize=8)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xscale("log")
        ax.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
        ax.minorticks_off()
        ax.set_xlim(low, 1.3 * table["ceiling"].max())
        ax.axvline(1, color="black", lw=1, ls=":")
        label(ax, "EPR" if ax is axes[-1, 0] else "", "", str(kind))
    legend_below(figure, axes[0, 0], 4)
    return figure


def _ratio_axis(ax: Axes, methods: list[str]) -> None:
    """Logarithmic axis of ratios with a line at chance; one column for each method."""
    limits = ax.get_ylim()
    ax.axhline(1, color="black", lw=1, ls=":")
    ax.set_yscale("log")
    ax.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    ax.minorticks_off()
    ax.set_ylim(*limits)
    ax.set_xlim(-0.6, len(methods) - 0.4)
    ax.set_xticks(range(len(methods)), methods, rotation=40, ha="right", fontsize=9)
