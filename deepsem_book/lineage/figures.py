"""Figures of the chapter on the methods before and after DeepSEM."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, canvas, label, legend_below
from .regdiffusion import Schedule

STYLES = {
    "Pearson": ("s", ORANGE), "linear SEM": ("D", GREEN), "NOTEARS": ("^", PURPLE),
    "DAG-GNN": ("v", SKY), "DeepSEM": ("o", BLUE), "DAZZLE": ("P", RED),
    "RegDiffusion": ("X", "black"),
}  # fmt: skip


def accuracy_and_time(table: pd.DataFrame, chance: float) -> Figure:
    """AUPRC of each network and method, and against the seconds it took.

    `table` has method (a key of STYLES), network, auprc and seconds; `chance` is the level of a
    random ranking. ValueError for an unknown method.
    """
    if unknown := set(table["method"]) - set(STYLES):
        raise ValueError(f"unknown method(s) {sorted(unknown)}: known are {sorted(STYLES)}")
    methods = [method for method in STYLES if method in set(table["method"])]
    figure, (left, right) = canvas(1, 2, width=9, height=4.2, sharey=True)
    for x, method in enumerate(methods):
        marker, colour = STYLES[method]
        rows = table[table["method"] == method]
        left.plot(x + np.linspace(-0.15, 0.15, len(rows)), rows["auprc"], ".", color=colour, ms=7)
        left.hlines(rows["auprc"].mean(), x - 0.3, x + 0.3, color=colour, lw=2.5)
        at = (rows["seconds"].median(), rows["auprc"].mean())
        right.errorbar(*at, yerr=rows["auprc"].std(), fmt=marker, color=colour, ms=8, label=method)
    left.axhline(chance, color=GREY, ls="--", lw=1)
    left.set_xticks(range(len(methods)), methods, rotation=35, ha="right", fontsize=9)
    left.set_ylim(0, 1)
    right.axhline(chance, color=GREY, ls="--", lw=1)
    right.set_xscale("log")
    legend_below(figure, right, 4, 9)
    label(left, "", "AUPRC", "each dot is one network")
    label(right, "CPU seconds per network", "", "mean ± sd over networks")
    return figure


def noise_levels(schedule: Schedule, x_0: np.ndarray, levels: list[int], seed: int = 0) -> Figure:
    """The share of signal and noise by level, and one gene x_0 (cells,) at three levels."""
    figure, axes = canvas(1, 1 + len(levels), width=9, height=3.0)
    t = np.arange(len(schedule.signal))
    axes[0].plot(t, schedule.signal, color=BLUE, lw=2, label="signal")
    axes[0].plot(t, schedule.noise, color=RED, lw=2, label="noise")
    axes[0].legend(frameon=False, fontsize=8)
    label(axes[0], "level t", "coefficient")
    noise = np.random.default_rng(seed).normal(size=len(x_0))
    bins = np.linspace(-4, 4, 41).tolist()
    for ax, level in zip(axes[1:], levels, strict=True):
        x_t = float(schedule.signal[level]) * x_0 + float(schedule.noise[level]) * noise
        ax.hist(x_t, bins=bins, color=SKY)
        ax.set_yticks([])
        label(ax, "value", "cells" if level == levels[0] else "", f"t = {level}")
    return figure


def loops(paths: pd.DataFrame) -> Figure:
    """Weight of a loop against what it costs: columns weight, exponential, polynomial."""
    figure, ax = canvas(width=5.5, height=3.0)
    ax.plot(paths["weight"], paths["exponential"], color=PURPLE, lw=2, label="NOTEARS")
    ax.plot(paths["weight"], paths["polynomial"], "--", color=SKY, lw=2, label="DAG-GNN")
    ax.legend(frameon=False)
    label(ax, "weight of the edge that closes the loop", "h(W)")
    return figure


def step_times(table: pd.DataFrame, n_genes: int) -> Figure:
    """Seconds of one step against the number of genes: columns method, genes, seconds.

    A vertical line marks `n_genes`, the size of a real matrix.
    """
    figure, ax = canvas(width=6.5, height=3.8)
    for method, rows in table.groupby("method", sort=False):
        marker, colour = STYLES[str(method)]
        ax.plot(rows["genes"], rows["seconds"], "-", marker=marker, color=colour, label=str(method))
    ax.axvline(n_genes, color=GREY, ls=":")
    ax.text(n_genes, 0.03, f"{n_genes} genes ", ha="right", fontsize=8,
            transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set(xscale="log", yscale="log")
    sizes = sorted(table["genes"].unique())
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    legend_below(figure, ax, 3, 9)
    label(ax, "genes", "CPU seconds per step")
    return figure


def weights_by_sign(panels: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Fitted weights of true activations, repressions and non-edges: (true W, fitted W) per panel.

    The true W may be limited to some regulators (targets x regulators), the fitted W alike.
    """
    figure, axes = canvas(1, len(panels), width=9, height=3.2, sharey=True, squeeze=False)
    colours = {"repression": RED, "no edge": GREY, "activation": BLUE}
    for ax, (title, (true, fitted)) in zip(axes[0], panels.items(), strict=True):
        kind = np.array(list(colours))[1 + np.sign(true).astype(int).ravel()]
        table = pd.DataFrame({"kind": kind, "weight": (fitted / np.abs(fitted).max()).ravel()})
        sns.stripplot(
            table, x="kind", y="weight", hue="kind", order=list(colours), palette=colours,
            jitter=0.25, size=3, alpha=0.5, linewidth=0, legend=False, ax=ax,
        )  # fmt: skip
        ax.axhline(0, color="black", lw=0.8)
        label(ax, "true effect", "weight / largest" if ax is axes[0, 0] else "", title)
    return figure
