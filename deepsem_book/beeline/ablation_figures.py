"""Figures of chapter 7: effects of single settings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from ..benchmark_table import PRESET_OF, shown_kind
from ..figure_style import BLUE, GREY, ORANGE, RED, SKY, canvas, label, legend_below
from .ablations import METRIC_NAMES, differences, judged

VERDICT_COLOURS = {"raises": BLUE, "lowers": RED, "undecided": GREY}


def forest(
    table: pd.DataFrame, data: str, run: pd.DataFrame, panels: Sequence[tuple[str, str]]
) -> Figure:
    """Effect of each switch with its interval: one panel per (network, metric) of one preset.

    `run`: `ablation_tables.all_effects`. Rows are the switches that were run, the largest effect of
    the first panel on top; dots the seeds' differences, the bar the interval, coloured where it is
    decided after Holm's correction, the diamond the ensembles; the band is one robust standard
    deviation of the preset between seeds. The axis fits the dots and diamonds: an interval of two
    or three seeds may leave the panel.
    """
    runs = table[table["data"] == data]
    rows = [
        run[(run["network"] == network) & (run["metric"] == METRIC_NAMES[metric])]
        for network, metric in panels
    ]
    order = rows[0].sort_values("effect", ascending=False)["change"].tolist()
    named = rows[0].set_index("change")
    names = [f"{named['family'][change]}: {named['text'][change]}" for change in order]
    figure, axes = canvas(1, len(panels), 8.0, 1.4 + 0.3 * len(names), sharey=True, squeeze=False)
    for ax, shown, (network, metric) in zip(axes[0], rows, panels, strict=True):
        points = differences(runs, metric)
        points = points[points["network"] == network].groupby("change")["value"]
        single = judged(runs[(runs["network"] == network) & (runs["n_members"] == 1)])
        sd = robust_sd(single.loc[single["method"] == "DeepSEM", metric])
        ax.axvspan(-sd, sd, color=SKY, alpha=0.2, lw=0)
        ax.axvline(0, color="black", lw=1)
        for row in shown.itertuples():
            _effect(ax, order.index(row.change), row, points.get_group(row.change))
        drawn = np.concatenate([*points.apply(list), shown["ensemble"], [-sd, sd]])
        low, high = np.nanmin(drawn), np.nanmax(drawn)
        ax.set_xlim(low - 0.15 * (high - low), high + 0.15 * (high - low))
        ax.set_yticks(range(len(names)), names, fontsize=10)
        ax.set_ylim(len(names) - 0.4, -0.6)
        label(ax, f"change of {METRIC_NAMES[metric]}", "", shown_kind(network))
    return figure


def robust_sd(values: pd.Series) -> float:
    """The standard deviation of a normal distribution with the same median absolute deviation."""
    return float(stats.median_abs_deviation(values, scale="normal"))


def _effect(ax: Axes, y: int, row: Any, points: pd.Series) -> None:
    """One row of a forest plot."""
    colour = VERDICT_COLOURS[row.sure]
    ax.plot(points, np.full(len(points), y), "o", color=colour, ms=4, alpha=0.5, mew=0)
    ax.plot([row.low, row.high], [y, y], color=colour, lw=2)
    ax.plot(row.effect, y, "|", color=colour, ms=11, mew=2.5)
    ax.plot(row.ensemble, y, "D", color=ORANGE, ms=5)


def along_settings(panels: dict[str, pd.DataFrame], metric: str) -> Figure:
    """Scores over the value of a setting, one panel per setting: tables of `along` by axis label.

    A dot is one seed, the line joins the means, a ring is the preset; the dotted line is chance.
    """
    figure, axes = canvas(2, len(panels) // 2, 6.0, 6.0, squeeze=False, sharey=True)
    colours = dict(zip(PRESET_OF, (BLUE, ORANGE, GREY), strict=False))
    for ax, (name, rows) in zip(axes.flat, panels.items(), strict=True):
        for network, of_network in rows.groupby("network", sort=False):
            colour, means = colours.get(network, RED), of_network.groupby("x")[metric].mean()
            ax.plot(of_network["x"], of_network[metric], ".", color=colour, ms=6, alpha=0.5, mew=0)
            ax.plot(means.index, means, "-", color=colour, label=shown_kind(str(network)))
            preset = of_network.loc[of_network["is_preset"], "x"].unique()
            ax.plot(preset, means[preset], "o", color=colour, mfc="none", ms=11)
        if len(rows) and rows["x"].max() > 8 * rows["x"].min():
            ax.set_xscale("log")
        else:
            ax.set_xticks(sorted(rows["x"].unique()))
        ax.axhline(1, color="black", lw=1, ls=":")
        label(ax, name, METRIC_NAMES[metric] if ax in axes[:, 0] else "")
    legend_below(figure, axes[0, 0], 3, None)
    return figure
