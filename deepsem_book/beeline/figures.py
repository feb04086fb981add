"""Figures of chapter 5: scores on BEELINE."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..benchmark_table import shown_kind, shown_name
from ..figure_style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, canvas, label, legend_below

MARKERS = {
    "random": "x", "Pearson": "s", "Pearson-detection": "s", "Pearson2-APC": "P",
    "Pearson-APC": "P", "DeepSEM*": "o", "DeepSEM": "D", "TF-degree": "^",
}  # fmt: skip
METHOD_COLOURS = {
    "random": GREY, "Pearson": ORANGE, "Pearson-detection": PURPLE, "Pearson2-APC": GREEN,
    "Pearson-APC": "black", "DeepSEM*": SKY, "DeepSEM": BLUE, "TF-degree": RED,
}  # fmt: skip


def beside_controls(scores: pd.DataFrame, metric: str, name: str) -> Figure:
    """One panel per network, one dot per ranking: `scores` has network, method, max_epr, `metric`.

    Methods go by their mean logarithm over the networks, the largest on top. Dotted: chance; green:
    the ceiling 1 / density, which both metrics have.
    """
    networks = list(scores["network"].unique())
    medians = scores.groupby(["network", "method"])[metric].median()
    order = list(np.log(medians).groupby("method").mean().sort_values().index)
    figure, axes = canvas(1, len(networks), 9, 3.0, sharex=True, sharey=True, squeeze=False)
    for ax, network in zip(axes[0], networks, strict=True):
        of_network = scores[scores["network"] == network]
        for y, method in enumerate(order):
            values = of_network.loc[of_network["method"] == method, metric].to_numpy()
            aside = np.linspace(-0.25, 0.25, len(values)) if len(values) > 1 else np.zeros(1)
            ax.plot(values, y + aside, MARKERS[method], color=METHOD_COLOURS[method], ms=5)
        ax.axvline(1, color="black", lw=1, ls=":")
        ax.axvline(of_network["max_epr"].iloc[0], color=GREEN, lw=1.5)
        ax.set_xscale("log")
        label(ax, name, "", shown_kind(network))
    ticks = [0.5, 1, 2, 5, 10, 20, 50]
    axes[0, 0].set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes[0, 0].set_yticks(range(len(order)), [shown_name(method) for method in order], fontsize=9)
    axes[0, 0].minorticks_off()
    return figure


def early_precision(curves: pd.DataFrame, n_true: dict[str, int]) -> Figure:
    """Precision of the first k edges over chance, against k (columns network, method, k, ratio)."""
    figure, panels = method_lines(curves, list(n_true), "k", "ratio")
    for ax, (network, k) in zip(panels, n_true.items(), strict=True):
        ax.axhline(1, color="black", lw=1, ls=":")
        ax.axvline(k, color=GREY, lw=1)
        ax.text(k, ax.get_ylim()[1], f" k = {k}", color="black", va="top", fontsize=8)
        label(
            ax, "edges taken", "precision / density" if ax is panels[0] else "", shown_kind(network)
        )
    return figure


def method_lines(
    curves: pd.DataFrame, networks: list[str], x: str, y: str
) -> tuple[Figure, list[Axes]]:
    """One panel per network, one line per method of column y against x (log), a legend below."""
    width = max(5, 3 * len(networks))
    figure, axes = canvas(1, len(networks), width, 3.4, squeeze=False)
    for ax, network in zip(axes[0], networks, strict=True):
        for method, rows in curves[curves["network"] == network].groupby("method", sort=False):
            ax.plot(rows[x], rows[y], color=METHOD_COLOURS[str(method)], lw=1.5, label=method)
        ax.set_xscale("log")
    legend_below(figure, axes[0, 0], 4)
    return figure, list(axes[0])


def over_cells(scores: pd.DataFrame, name: str, control: pd.DataFrame | None = None) -> Figure:
    """Score against the number of cells, one panel per kind of network, one colour per matrix.

    scores: columns network, matrix, n_cells, members (1 or more), score. Dots are single trainings,
    lines are ensembles, broken lines a control (the same columns without members), where given.
    """
    networks, matrices = scores["network"].unique(), sorted(scores["matrix"].unique())
    width = max(5, 3 * len(networks))
    figure, axes = canvas(1, len(networks), width, 3.6, squeeze=False)
    colours = dict(zip(matrices, [BLUE, ORANGE, GREEN, RED, PURPLE], strict=False))
    for ax, network in zip(axes[0], networks, strict=True):
        for matrix, rows in scores[scores["network"] == network].groupby("matrix"):
            single, ensemble = rows[rows["members"] == 1], rows[rows["members"] > 1]
            style: dict[str, Any] = {"color": colours[str(matrix)], "ms": 4}
            ax.plot(single["n_cells"], single["score"], "o", alpha=0.5, mec="none", **style)
            line = ensemble.sort_values("n_cells")
            ax.plot(line["n_cells"], line["score"], "D-", label=str(matrix), **style)
            if control is not None:
                same = (control["network"] == network) & (control["matrix"] == matrix)
                line = control[same].sort_values("n_cells")
                ax.plot(line["n_cells"], line["score"], ls="--", color=colours[str(matrix)])
        ax.axhline(1, color="black", lw=1, ls=":")
        label(ax, "cells", name if ax is axes[0, 0] else "", shown_kind(network))
    legend_below(figure, axes[0, 0], len(matrices))
    return figure


def score_map(scores: pd.DataFrame, benchmarks: pd.DataFrame, controls: list[str]) -> Figure:
    """The paper's Fig. 3: data sets x methods, by kind of network, 500 genes above 1000.

    scores: (data, network) x methods; benchmarks: `data.benchmarks()`. Colour: from the smallest to
    the largest score of the methods in a row; black: below chance (1); hatched: not run here (a
    row without any score says so in words).
    Columns named in `controls` are given as numbers without colour.
    """
    methods = list(scores.columns)
    groups = list(benchmarks.groupby(["kind", "n_genes_option"], sort=False))
    groups.sort(
        key=lambda group: list(benchmarks["kind"]).index(group[0][0])
    )  # sizes stay in order
    heights = [len(group) for _, group in groups]
    figure, axes = canvas(
        len(groups), 1, width=1.1 + 0.42 * len(methods), height=3.6 + 0.24 * len(groups)
        + 0.24 * sum(heights), squeeze=False, height_ratios=heights,
    )  # fmt: skip
    for ax, ((kind, size), rows) in zip(axes[:, 0], groups, strict=True):
        for y, name in enumerate(rows["expression"]):
            known = (name, kind) in scores.index
            by_method = scores.loc[(name, kind)] if known else pd.Series(np.nan, methods)
            _score_row(ax, y, by_method, controls)
            if by_method.isna().all():
                ax.text((len(methods) - 1) / 2, y, "not run here", ha="center", va="center",
                        fontsize=9, bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
        ax.set(xlim=(-0.5, len(methods) - 0.5), ylim=(len(rows) - 0.5, -0.5))
        ax.set_yticks(range(len(rows)), rows["dataset"], fontsize=10)
        ax.set_xticks([])
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_title(f"{shown_kind(kind)}, TFs + {size}", loc="left", fontsize=11)
    names = [shown_name(method) for method in methods]
    for ax, ha in ((axes[-1, 0], "right"), (axes[0, 0], "left")):
        ax.set_xticks(range(len(methods)), names, rotation=60, ha=ha, fontsize=10)
    axes[0, 0].tick_params(labelbottom=False, labeltop=True)  # the figure is taller than a screen
    return figure


def _score_row(ax: Axes, y: int, scores: pd.Series, controls: list[str]) -> None:
    """One benchmark of `score_map`."""
    judged = scores.drop(controls, errors="ignore")
    low, high = judged.min(), judged.max()
    for x, (method, score) in enumerate(scores.items()):
        box: dict[str, Any] = {"facecolor": "white", "edgecolor": "white"}
        ink = "black"
        if np.isnan(score):
            box = {"facecolor": "white", "edgecolor": "#BBBBBB", "hatch": "////", "lw": 0}
        elif method not in controls:
            share = (score - low) / (high - low) if high > low else 1.0
            box["facecolor"] = "black" if score < 1 else plt.get_cmap("YlGnBu")(0.08 + 0.8 * share)
            ink = "white" if score < 1 or share > 0.55 else "black"
        ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, **box))
        if not np.isnan(score):
            text = f"{score:.2f}" if score < 9.995 else f"{score:.1f}"
            ax.text(x, y, text, ha="center", va="center", fontsize=10.5, color=ink)
