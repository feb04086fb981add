"""Figures of the chapter on simulated truths."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..figure_style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    canvas,
    heat,
    label,
    legend_below,
)  # fmt: skip
from ..truth_table import OWN, PAPER
from .levels import DEGREES, MAIN, ORACLE, means, measured_levels
from .power import HALF
from .realism import DATA, REAL, SIMULATED
from .recorded import SHOWN
from .settings import KNOBS, name_of
from .simulator import Simulated

STYLES = {  # colour, line, marker of a method, in figures and on the page
    "correlation": (ORANGE, "-", "s"), "corrected": (ORANGE, "--", "D"),
    "ridge": (GREEN, "-", "^"), OWN: (BLUE, "-", "o"), "linear SEM": (PURPLE, "-", "v"),
    "GRNBoost2": (RED, "-", "P"), "RegDiffusion": (SKY, "-", "X"), PAPER: (BLUE, ":", "*"),
    DEGREES: (GREY, ":", "."), ORACLE: ("black", "--", "."),
}  # fmt: skip
FIRST = ("correlation", "ridge", OWN, ORACLE)
KNOB_TITLES = {
    "cells": "cells", "genes": "genes", "zeros": "zeros", "depth": "depth varies, divided out",
    "raw depth": "depth varies, left in", "repression": "repressing edges",
    "feedback": "edges with one back", "hubs": "hub exponent", "hidden": "TFs unseen",
    "types": "cell types",
}  # fmt: skip


def drawn(ax: Axes, x: Sequence[float], rows: pd.DataFrame, method: str, **style: Any) -> None:
    """A method's means with their intervals (none for one network)."""
    colour, line, marker = STYLES[method]
    errors = np.nan_to_num(np.stack([rows["mean"] - rows["low"], rows["high"] - rows["mean"]]))
    look: dict[str, Any] = {"ls": line, "marker": marker, "ms": 4, "lw": 1.2} | style
    ax.errorbar(x, rows["mean"], yerr=errors, color=colour, label=method, **look)


def answer(table: pd.DataFrame) -> Figure:
    """AUROC of four methods in some kinds of cells: mean over networks with interval."""
    settings = [name for name in SHOWN if name in set(table["setting"])]
    rows = means(table, "auroc").set_index(["method", "setting"])
    figure, ax = canvas(width=7.2, height=3.4)
    for k, method in enumerate(FIRST):
        listed = rows.loc[method].reindex(settings).dropna(subset=["mean"])
        x = [settings.index(name) + 0.15 * (k - 1.5) for name in listed.index]
        drawn(ax, x, listed, method, ls="none", ms=6)
    ax.set_xticks(range(len(settings)), [SHOWN[n] for n in settings], rotation=25, ha="right")
    label(ax, "", "AUROC of the edges")
    legend_below(figure, ax, 4)
    return figure


def knobs(
    table: pd.DataFrame, score: str = "auroc", name: str = "AUROC", methods: Sequence[str] = (
        "correlation", "corrected", "ridge", OWN, ORACLE,
    ),
) -> Figure:  # fmt: skip
    """A panel per knob: a score by level, mean over networks with interval, a line per method."""
    rows = means(table, score).set_index(["method", "setting"])
    figure, axes = canvas(2, 5, width=10, height=5, sharey=True)
    for ax, (knob, title) in zip(axes.flat, KNOB_TITLES.items(), strict=True):
        levels = measured_levels(table, knob)
        for method in methods:
            listed = rows.loc[method].reindex(list(levels)).dropna(subset=["mean"])
            drawn(ax, [list(levels).index(level) for level in listed.index], listed, method)
        ax.set_xticks(range(len(levels)), list(levels.values()), fontsize=8)
        label(ax, "", name if ax in axes[:, 0] else "", title)
    legend_below(figure, axes[0, 0], 5, 9)
    return figure


def power(table: pd.DataFrame, methods: Sequence[str] = (*MAIN, "linear SEM", ORACLE)) -> Figure:
    """Share of the edges in a list of precision ½ against the number of cells."""
    levels = {name_of(s): s.n_cells for s in KNOBS["cells"]}
    rows = means(table, "recall_half").set_index(["method", "setting"])
    figure, ax = canvas(width=6.4, height=3.8)
    for k, method in enumerate(m for m in methods if m in rows.index.unique("method")):
        listed = rows.loc[method].reindex(list(levels)).dropna(subset=["mean"])
        aside = 1.025 ** (k - len(methods) / 2)  # so that intervals do not cover each other
        drawn(ax, [levels[name] * aside for name in listed.index], listed, method)
    ax.axhline(HALF, color=GREY, lw=1, ls=":")
    ax.set(xscale="log", ylim=(0, 1.02))
    present = [n for name, n in levels.items() if name in set(table["setting"])]
    ax.set_xticks(present, [f"{n:,}" for n in present])
    ax.minorticks_off()
    label(ax, "cells", "share of the edges at precision ½")
    legend_below(figure, ax, 3)
    return figure


CURVES = {  # curve: y label, x label
    "zeros": ("zeros", "mean"), "sd": ("sd", "mean"), "depth": ("genes seen / mean", "quantile"),
    "eigenvalues": ("share of variance", "eigenvector"), "correlation": ("r", "quantile"),
}  # fmt: skip


def realism(curves: pd.DataFrame) -> Figure:
    """Five curves of each real matrix (black) and of its simulated ones; a column per matrix."""
    shape = len(CURVES), len(DATA)
    figure, axes = canvas(*shape, width=12, height=8.2, sharex="row", sharey="row")
    dyes = ((BLUE, "-"), (GREEN, "--"), (ORANGE, "-"), ("black", "-"))
    looks = dict(zip([*SIMULATED, REAL], dyes, strict=True))
    for row, (curve, (y, x)) in zip(axes, CURVES.items(), strict=True):
        for ax, data in zip(row, DATA, strict=True):
            own = curves[(curves["curve"] == curve) & (curves["data"] == data)].groupby("matrix")
            for name, (colour, line) in looks.items():
                points = own.get_group(name)
                ax.plot(points["x"], points["y"], color=colour, ls=line, lw=1.4, label=name)
            if curve == "eigenvalues":
                ax.set(xscale="log", yscale="log", ylim=(1e-4, 1), xlim=(0.9, 350))
            label(ax, x, y if ax is row[0] else "", data if ax in axes[0] else "")
    legend_below(figure, axes[0, 0], 4, 9)
    return figure


def simulated(data: Simulated) -> Figure:
    """One data set: its truth, one edge as the cells show it, and zeros against mean."""
    figure, (left, middle, right) = canvas(1, 3, width=9.5, height=3)
    top = np.abs(data.W).max()
    heat(left, data.W[:, : data.n_tfs], "W, the truth", "PuOr", vmin=-top, vmax=top)
    label(left, "TF", "target", "W, the truth")
    target, tf = np.unravel_index(np.abs(data.W).argmax(), data.W.shape)
    middle.plot(data.X[:, tf], data.X[:, target], ".", ms=3, color=BLUE, alpha=0.5)
    label(middle, f"TF {tf}", f"gene {target}", f"the heaviest edge, W = {data.W[target, tf]:.2f}")
    zeros = (data.counts == 0).mean(axis=0)
    right.plot(data.X.mean(axis=0), zeros, "o", ms=4, color=ORANGE)
    label(right, "mean log expression", "share of zeros", "genes")
    return figure
