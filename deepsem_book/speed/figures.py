"""Figures of chapter 6: where the time goes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREY, ORANGE, SKY, canvas, label


def answer(steps: pd.Series) -> Figure:
    """Milliseconds per step as bars: `recorded.steps`."""
    figure, ax = canvas(1, 1, 6.0, 2.6)
    between = [SKY] * (len(steps) - 3)
    bars = ax.barh(steps.index, steps, color=[ORANGE, *between, BLUE, GREY])
    ax.bar_label(bars, [f" {value:.{int(value < 100)}f} ms" for value in steps])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15 * steps.max())
    label(ax, "milliseconds per step", "")
    return figure


def table_error(x: np.ndarray, f: np.ndarray, errors: pd.DataFrame) -> Figure:
    """Left: a curve with 32 knots. Right: error of value and slope against the number of knots."""
    figure, (curve, error) = canvas(2, 1, 5.2, 5.6)
    knots = np.linspace(x.min(), x.max(), 32)
    curve.plot(x, f, color=BLUE)
    curve.plot(knots, np.interp(knots, x, f), "o", color=ORANGE, ms=4)
    label(curve, "input h", "f₁(h)")
    for column, colour in (("value", BLUE), ("slope", ORANGE)):
        error.loglog(errors["knots"], errors[column], "o-", color=colour, label=column, base=2)
    error.set_yscale("log", base=10)
    error.axhline(np.finfo(np.float32).eps, color=GREY, ls=":")
    error.legend(frameon=False)
    label(error, "number of knots", "largest relative error")
    return figure


def growth(genes: pd.DataFrame, cells: pd.DataFrame) -> Figure:
    """Time against genes and against cells for both engines, on log axes."""
    figure, axes = canvas(2, 1, 5.2, 6.0)
    panels = [(genes, "n_genes", "seconds_per_step", "genes", "seconds per step")]
    cells = cells.assign(epoch=cells["seconds"] / 3)
    panels.append((cells, "n_cells", "epoch", "cells", "seconds per epoch"))
    for ax, (table, size, value, x, y) in zip(axes, panels):
        for engine, colour in (("plain", ORANGE), ("fast", BLUE), ("fast, 30 epochs", SKY)):
            rows = table[table["engine"] == engine].groupby(size)[value].median()
            if len(rows):
                ax.loglog(rows.index, rows, "o-", color=colour, label=engine)
        ax.set_xticks(sorted(table[size].unique()), sorted(table[size].unique()), minor=False)
        ax.minorticks_off()
        label(ax, x, y)
    axes[0].legend(frameon=False)
    return figure


def engines(table: pd.DataFrame) -> Figure:
    """EPR and AUPRC ratio of single runs, plain beside fast, for each data set and network."""
    groups = list(table.groupby(["data", "network"], sort=False))
    figure, axes = canvas(2, 1, 6.0, 6.0)
    for ax, score, name in zip(axes, ["epr", "auprc_ratio"], ["EPR", "AUPRC ratio"]):
        for i, (_, rows) in enumerate(groups):
            for offset, engine, colour in ((-0.17, "plain", ORANGE), (0.17, "fast", BLUE)):
                values = rows.loc[rows["engine"] == engine, score].to_numpy()
                jitter = np.linspace(-0.08, 0.08, len(values))
                shown = engine if i == 0 else None
                ax.plot(
                    i + offset + jitter, values, "o", ms=4, alpha=0.7, color=colour, label=shown
                )
                ax.hlines(values.mean(), i + offset - 0.13, i + offset + 0.13, color=colour, lw=2)
        names = [f"{data.split('/')[-1]}\n{network}" for (data, network), _ in groups]
        ax.set_xticks(range(len(groups)), names, fontsize=8)
        label(ax, "", name)
    axes[0].legend(frameon=False)
    return figure
