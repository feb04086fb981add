"""Figures of the chapter on what EPR rewards: parts of a ranking, rewired truths, benchmarks."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..benchmark_table import shown_kind, shown_name
from ..figure_style import BLUE, GREY, ORANGE, RED, SKY, canvas, label, legend_below
from .evidence import KINDS

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
        label(ax, "", name if ax is axes[0, 0] else "", shown_kind(network))
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
        label(ax, "", "EPR" if ax is axes[0, 0] else "", shown_kind(network))
    legend_below(figure, axes[0, 0], 2, 9)
    return figure


def headroom(table: pd.DataFrame) -> Figure:
    """Share of the headroom by method, a panel for each kind of network, a dot for a benchmark.

    `table`: of `evidence.tested`. Filled: more true edges than degrees explain, after Holm. Rows by
    the mean of their medians over the panels, the largest on top; the bar is the median.
    """
    table = table[table["network"].isin(KINDS)]
    medians = table.groupby(["network", "method"])["headroom"].median()
    order = list(medians[KINDS[:2]].groupby("method").mean().sort_values().index)
    figure, axes = canvas(1, len(KINDS), 9, 1.0 + 0.23 * len(order), sharey=True, squeeze=False)
    for ax, kind in zip(axes[0], KINDS, strict=True):
        for y, method in enumerate(order):
            rows = table[(table["network"] == kind) & (table["method"] == method)]
            colour = BLUE if method.startswith("DeepSEM") else "black"
            for held, inside in ((True, colour), (False, "white")):
                x = 100 * rows.loc[rows["edges"] == held, "headroom"]
                ax.plot(x, [y] * len(x), "o", color=colour, mfc=inside, ms=4, mew=0.8)
            ax.plot([100 * medians[kind, method]] * 2, [y - 0.35, y + 0.35], color=ORANGE, lw=2.5)
        ax.axvline(0, color="black", lw=1)
        label(ax, "% of the headroom", "", shown_kind(kind))
    axes[0, 0].set_yticks(range(len(order)), [shown_name(name) for name in order], fontsize=9)
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
    names = [shown_name(method) for method in methods]
    ax.set_xticks(range(len(methods)), names, rotation=40, ha="right", fontsize=9)
