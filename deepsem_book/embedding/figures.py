"""Figures of the chapter on embedding and clustering."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ..figure_style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    YELLOW,
    canvas,
    label,
    legend_below,
)

PALETTE = [BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY, "#000000", "#8C564B"]
MARKERS = "os^vD"


def _scatter(ax: Axes, points: np.ndarray, types: ArrayLike, own: NDArray[np.integer]) -> None:
    """Cells as dots; colour and, after ten types, marker tell the type."""
    for i, name in enumerate(np.asarray(types)):
        of_type = points[own == i]
        marker = MARKERS[i // len(PALETTE) % len(MARKERS)]
        colour = PALETTE[i % len(PALETTE)]
        ax.plot(*of_type.T, marker, color=colour, ms=2.6, mew=0, alpha=0.8, ls="", label=name)
    ax.set(xticks=[], yticks=[])


def answer(table: pd.DataFrame) -> Figure:
    """Gains of `recorded.answer_rows` with intervals over seeds: a row per data set, by value."""
    figure, ax = canvas(width=6.2, height=3.0)
    kinds = table.groupby("against", sort=False)
    order = kinds.get_group(next(iter(kinds.groups))).sort_values("mean")["data"]
    rows = {data: y for y, data in enumerate(order)}
    for colour, aside, (kind, part) in zip((BLUE, ORANGE), (0.14, -0.14), kinds, strict=True):
        y = part["data"].map(rows) + aside
        half = [part["mean"] - part["low"], part["high"] - part["mean"]]
        ax.errorbar(part["mean"], y, xerr=half, fmt="o", ms=5, color=colour, label=kind)
    ax.axvline(0, color="black", lw=1)
    ax.set_yticks(range(len(rows)), list(rows))
    label(ax, "ARI of DeepSEM minus ARI of the other", "")
    legend_below(figure, ax, 1, fontsize=9)
    return figure


def pictures(panels: dict[str, np.ndarray], labels: ArrayLike, n_cols: int = 2) -> Figure:
    """Two-dimensional pictures of the same cells, coloured by type; one panel per title."""
    types, own = np.unique(np.asarray(labels), return_inverse=True)
    n_rows = -(-len(panels) // n_cols)
    figure, axes = canvas(n_rows, n_cols, 3.4 * n_cols, 2.6 * n_rows + 0.6, squeeze=False)
    for ax, (title, points) in zip(axes.flat, panels.items(), strict=False):
        _scatter(ax, points, types, own)
        ax.set_aspect("equal", adjustable="datalim")
        label(ax, "", "", title)
    for ax in axes.flat[len(panels) :]:
        ax.axis("off")
    legend_below(figure, axes[0, 0], 3, markerscale=2.5)
    return figure


def methods_by_data(table: pd.DataFrame, metrics: dict[str, str], methods: Sequence[str]) -> Figure:
    """Scores of methods (colours) on data sets: dots are seeds, bars their means.

    `metrics`: column -> name, one row of panels each.
    """
    names = list(table["data"].unique())
    figure, axes = canvas(
        len(metrics), 1, 7.5, 0.6 + 2.3 * len(metrics), squeeze=False, sharex=True
    )
    step = 0.84 / len(methods)
    for ax, (column, name) in zip(axes[:, 0], metrics.items(), strict=True):
        for k, method in enumerate(methods):
            colour, of_method = PALETTE[k % len(PALETTE)], table[table["method"] == method]
            for g, data in enumerate(names):
                values = of_method.loc[of_method["data"] == data, column].dropna()
                at = g + (k - (len(methods) - 1) / 2) * step
                if len(values):
                    ax.bar(at, values.mean(), 0.9 * step, color=colour, alpha=0.55)
                    ax.plot(np.full(len(values), at), values, ".", color=colour, ms=5, mec="black",
                            mew=0.3)  # fmt: skip
            ax.bar(0, 0, color=colour, alpha=0.55, label=method)
        ax.set_ylim(min(0.0, table[column].min()), 1.02)
        ax.set_xticks(range(len(names)), names)
        label(ax, "", name)
    legend_below(figure, axes[0, 0], 4)
    return figure


def gains(table: pd.DataFrame, methods: Sequence[str], n_cols: int = 3) -> Figure:
    """DeepSEM minus another embedding, with intervals; a panel per method, a row per data set.

    `table`: of `recorded.gains`. Rows go by the gain in the first panel. Blue: DeepSEM is better;
    red: worse; grey: undecided.
    """
    first = table[table["method"] == methods[0]].sort_values("mean")
    data = list(first["data"])
    n_rows = -(-len(methods) // n_cols)
    figure, axes = canvas(
        n_rows, n_cols, 2.5 * n_cols, n_rows * (0.7 + 0.24 * len(data)), squeeze=False,
        sharex=True, sharey=True,
    )  # fmt: skip
    for ax, method in zip(axes.flat, methods, strict=False):
        for row in table[table["method"] == method].dropna(subset="mean").itertuples():
            y = data.index(row.data)
            colour = BLUE if row.low > 0 else RED if row.high < 0 else GREY
            ax.plot([row.low, row.high], [y, y], color=colour, lw=2)
            ax.plot(row.mean, y, "o", color=colour, ms=5)
        ax.axvline(0, color="black", lw=1)
        label(ax, "", "", method)
    for ax in axes.flat[len(methods) :]:
        ax.axis("off")
    for ax in axes.flat[: len(methods)][-n_cols:]:  # the lowest panel of each column
        ax.tick_params(labelbottom=True)
    axes[0, 0].set_yticks(range(len(data)), data)
    axes[0, 0].set_ylim(-0.6, len(data) - 0.4)
    figure.supxlabel("ARI of DeepSEM minus ARI of the other", fontsize=10)
    return figure
