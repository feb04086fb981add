"""Figures of known truths: real beside simulated matrices, and how many cells a method needs."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from deepsem_minimal.plots.style import BLUE, GREY, canvas, label, legend_below

Array = NDArray[np.floating]

BINS = np.linspace(-1, 1, 81)


def realism(real: Mapping[str, Array], simulated: Mapping[str, Array]) -> Figure:
    """Five panels of log expression (cells x genes): grey lines are real, blue ones simulated.

    Lines run over ten groups of genes of rising mean, over the cells, the eigenvectors of the
    correlation matrix, and its values.
    """
    figure, axes = canvas(1, 5, width=13, height=2.9)
    for kind, matrices in ((GREY, real), (BLUE, simulated)):
        for number, X in enumerate(matrices.values()):
            X = np.asarray(X, dtype=float)[:, X.std(axis=0) > 0]
            style = {"color": kind, "lw": 1.2, "alpha": 0.8}
            style["label"] = ("real" if kind == GREY else "simulated") if not number else None
            R = np.asarray(np.corrcoef(X, rowvar=False))
            values = np.linalg.eigvalsh(R)[::-1]
            groups = np.array_split(np.argsort(X.mean(axis=0)), 10)
            mean, zeros, sd = (
                [statistic[g].mean() for g in groups]
                for statistic in (X.mean(axis=0), (X == 0).mean(axis=0), X.std(axis=0))
            )
            seen = np.sort((X != 0).mean(axis=1))
            r = np.histogram(R[np.triu_indices(len(R), 1)], BINS, density=True)[0]
            axes[0].plot(mean, zeros, **style)
            axes[1].plot(mean, sd, **style)
            axes[2].plot(np.linspace(0, 1, len(seen)), seen, **style)
            axes[3].loglog(np.arange(1, 51), values[:50] / values.sum(), **style)
            axes[4].plot((BINS[1:] + BINS[:-1]) / 2, r, **style)
    label(axes[0], "mean of log expression", "share of zeros")
    label(axes[1], "mean of log expression", "sd")
    label(axes[2], "share of the cells", "share of genes seen")
    label(axes[3], "eigenvector", "share of variance")
    label(axes[4], "correlation of two genes", "density")
    legend_below(figure, axes[0], 2)
    return figure


def cells_needed(table: pd.DataFrame, half: float = 0.5) -> float:
    """Cells at which `recall_half` reaches `half`, between the levels along log(cells).

    `table` has columns n_cells and recall_half, one method. NaN: not with the most cells tried;
    the smallest number tried is returned where it is enough already.
    """
    recall = table.groupby("n_cells")["recall_half"].mean().sort_index()
    enough = np.flatnonzero(recall.to_numpy() >= half)
    if not len(enough):
        return np.nan
    last = enough[0]
    if last == 0:
        return float(recall.index[0])
    below, above = recall.iloc[last - 1], recall.iloc[last]
    start, end = np.log(recall.index[[last - 1, last]].to_numpy(dtype=float))
    return float(np.exp(start + (end - start) * (half - below) / (above - below)))


def power(table: pd.DataFrame, methods: Sequence[str]) -> Figure:
    """Share of the edges that a list of precision ½ holds, against cells; a line a method."""
    figure, ax = canvas(width=6.0, height=3.4)
    for method in methods:
        rows = table[table["method"] == method].groupby("n_cells")["recall_half"]
        mean, error = rows.mean(), rows.sem()
        line = ax.plot(mean.index, mean, marker="o", ms=4, label=method)[0]
        ax.fill_between(mean.index, mean - error, mean + error, color=line.get_color(), alpha=0.2)
    ax.axhline(0.5, color=GREY, lw=0.8)
    ax.set_xscale("log")
    label(ax, "cells", "share of edges at precision ½")
    legend_below(figure, ax, 4)
    return figure
