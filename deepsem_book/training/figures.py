"""Figures of chapter 4: one training, and the ensemble."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..benchmark_table import KIND_NAMES
from ..figure_style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    SKY,
    annotated,
    canvas,
    label,
    legend_below,
)

NEAR_WALL = 0.03  # distance of a row sum from 1 at which the gradient has exploded


def single_trainings(shares: pd.DataFrame) -> Figure:
    """EPR of single trainings over their ensemble's, a row per benchmark, widest spread last.

    `shares`: columns data, network, share.
    """
    data = shares["data"].str.split("/").str[-1].str.removesuffix("-500")
    names = data + ", " + shares["network"].map(KIND_NAMES)
    groups = shares.groupby(names)["share"]
    order = (groups.max() - groups.min()).sort_values(ascending=False).index
    figure, ax = canvas(width=7.4, height=0.6 + 0.19 * len(order))
    for y, name in enumerate(order):
        values = groups.get_group(name)
        ax.plot([values.min(), values.max()], [y, y], color=SKY, lw=1)
        ax.plot(values, np.full(len(values), y), "o", ms=4, alpha=0.6, color=BLUE, mew=0)
        ax.plot(values.mean(), y, "|", ms=11, mew=2, color="black")
    ax.axvline(1, color=ORANGE, lw=1.5)
    ax.set_yticks(range(len(order)), order, fontsize=8)
    ax.set_ylim(-0.6, len(order) - 0.4)
    label(ax, "EPR of a single training / EPR of the ensemble", "")
    return figure


def wall(n_genes: int, lr_W: float) -> Figure:
    """The row sum of W on a line: start, singular value 1, and the first step of RMSprop."""
    start, jump = 1 + 1e-4 * (n_genes - 1), 10 * lr_W * (n_genes - 1)
    figure, ax = canvas(width=7.4, height=2.5)
    ax.axvspan(1 - NEAR_WALL, 1 + NEAR_WALL, color=RED, alpha=0.15, lw=0)
    ax.axvline(1, color=RED, lw=2)
    ax.plot([0.4, start + 1.6 * jump], [0, 0], color="black", lw=1)
    points = ((0.5, GREEN, "center", "safe start"), (start, BLUE, "left", "authors' start"))
    for x, colour, side, name in points:
        ax.plot(x, 0, "o", ms=9, color=colour, zorder=3)
        ax.text(x, -0.35, name, ha=side, va="top", fontsize=9, color=colour)
    ways = {
        "all weights go down:\nacross the wall": (-jump, start - jump, 0.45, "right"),
        "all go up:\naway from it": (jump, start + jump, 0.45, "left"),
        "they disagree:\nstays near, may get stuck": (-0.6 * (start - 1), start, 1.2, "left"),
    }
    for name, (move, at, height, side) in ways.items():
        bow = {"arrowstyle": "-|>", "color": BLUE, "lw": 1.6}
        bow["connectionstyle"] = f"arc3,rad={0.45 if move < 0 else -0.45}"
        ax.annotate("", (start + move, 0.05), (start, 0.05), arrowprops=bow)
        ax.text(at, height, name, ha=side, va="bottom", fontsize=9)
    ax.text(1, -0.35, "wall ", ha="right", va="top", fontsize=9, color=RED)
    ax.set(yticks=[], ylim=(-1, 2.1))
    ax.spines["left"].set_visible(False)
    label(ax, f"row sum of W, {n_genes} genes", "", f"first step: 10 η (m − 1) = {jump:.2f}")
    return figure


def offset(entries: dict[str, np.ndarray]) -> Figure:
    """Entries of W around their median (the offset), by what is true of the pair; 0 is far off."""
    figure, ax = canvas(width=7.4, height=3)
    everything = np.concatenate(list(entries.values()))
    low, high = np.quantile(everything, [0.002, 0.998])
    for (name, values), colour in zip(entries.items(), (GREY, BLUE, ORANGE), strict=True):
        look = {"histtype": "stepfilled", "alpha": 0.4, "fc": colour, "ec": colour, "density": True}
        ax.hist(values, np.linspace(low, high, 30), label=name, **look)
    middle = np.median(everything)
    ax.axvline(middle, color=RED, ls="--", lw=1.5, label="median: the offset")
    widths = abs(middle) / (high - low)
    side, x, arrow = ("left", 0.01, "←") if middle > 0 else ("right", 0.99, "→")
    text = f"{arrow} 0, from where |W| measures: {widths:.0f} times this range away"
    ax.text(x, 1.02, text, ha=side, va="bottom", fontsize=9, transform=ax.transAxes)
    legend_below(figure, ax, 4, fontsize=9)
    label(ax, "entry of W", "density")
    return figure


def loss_curves(history: pd.DataFrame) -> Figure:
    """The three terms of Eq. 7 over the epochs, one line per seed; MLP epochs are marked."""
    figure, axes = canvas(1, 3, width=9)
    names = {"mse": "reconstruction (MSE)", "kl": "KL divergence", "l1": "mean |W|"}
    for ax, (term, name) in zip(axes, names.items(), strict=True):
        for _, rows in history.groupby("seed"):
            ax.plot(rows["epoch"], rows[term], color=BLUE, alpha=0.6, lw=1)
            mlp = rows[rows["phase"] == "MLP"]
            ax.plot(mlp["epoch"], mlp[term], ".", color=ORANGE, ms=3)
        label(ax, "epoch", name)
    return figure


def weights_over_epochs(snapshots: dict[int, np.ndarray], overlap: pd.DataFrame) -> Figure:
    """W after some epochs: its entries, its row sums, and the share of the final top edges."""
    figure, (entries, sums, reached) = canvas(1, 3, width=10)
    colours = plt.colormaps["viridis"](np.linspace(0.9, 0.1, len(snapshots)))
    last = snapshots[max(snapshots)]
    low, high = np.quantile(last, [0.0005, 0.9995])
    everything = np.concatenate([W.sum(1) for W in snapshots.values()])
    bins = np.linspace(min(everything.min(), 0.98), max(everything.max(), 1.02), 60)
    for (epoch, W), colour in zip(snapshots.items(), colours, strict=True):
        look = {"histtype": "step", "color": colour, "lw": 1.5}
        entries.hist(W[~np.eye(len(W), dtype=bool)], np.linspace(low, high, 80), log=True, **look)
        sums.hist(W.sum(1), bins, log=True, label=str(epoch), **look)
    sums.axvline(1, color=RED, ls="--", lw=1)
    sums.legend(title="after epochs", frameon=False, fontsize=8, bbox_to_anchor=(0.95, 1))
    for column, colour in zip(overlap, [BLUE, ORANGE, GREEN], strict=False):
        reached.plot(overlap.index, overlap[column], "o-", ms=4, color=colour, label=column)
    reached.set_ylim(0, 1.05)
    reached.legend(frameon=False, fontsize=8)
    label(entries, "weight", "number of weights", "entries of W")
    label(sums, "sum of a row", "number of genes", "row sums of W")
    label(reached, "epoch", "share", "final top edges already at the top")
    return figure


def learning_rates(history: pd.DataFrame) -> Figure:
    """Learning rate of the MLPs, reconstruction and KL by `schedule` over the epochs."""
    figure, axes = canvas(1, 3, width=10)
    names = {"lr": "learning rate of the MLPs", "mse": "reconstruction (MSE)", "kl": "KL term"}
    for ax, (column, name) in zip(axes, names.items(), strict=True):
        groups = history.groupby("schedule", sort=False)
        for (schedule, rows), colour in zip(groups, [BLUE, ORANGE], strict=False):
            rows = rows[rows["phase"] == "MLP"] if column == "lr" else rows
            ax.plot(rows["epoch"], rows[column], color=colour, lw=1.5, label=schedule)
        label(ax, "epoch", name)
    axes[0].set_yscale("log")
    axes[0].legend(frameon=False, fontsize=8)
    return figure


def sides(history: pd.DataFrame, spike: pd.Series, start: float) -> Figure:
    """Top: `row_sum` over epochs by member (columns start, seed). Bottom: gradient against it."""
    figure, (paths, gradient) = canvas(2, 1, width=7.4, height=5.6)
    for (how, _), rows in history.groupby(["start", "seed"]):
        colour, style = (GREEN, "--") if how == "safe" else (BLUE, "-")
        paths.plot(rows["epoch"], rows["row_sum"], style, color=colour, lw=1.1, alpha=0.8)
    for how, colour, style in (("authors", BLUE, "-"), ("safe", GREEN, "--")):
        if how in set(history["start"]):
            paths.plot([], [], style, color=colour, label=f'W_init="{how}"')
    paths.axhline(1, color=RED, ls=":", lw=1.5, label="singular")
    paths.legend(frameon=False, fontsize=8, loc="center right", bbox_to_anchor=(1, 0.42))
    label(paths, "epoch", "m · mean |W|", "one line per seed")
    gradient.semilogy(spike.index, spike, color=BLUE)
    gradient.axvline(1, color=RED, ls=":", lw=1.5)
    gradient.axvline(start, color=GREY, ls="--", lw=1)
    gradient.text(start, spike.max(), " start", va="top", fontsize=8)
    gradient.text(1, spike.min(), "singular ", ha="right", color=RED, fontsize=8)
    label(gradient, "row sum of W", "size of the gradient of W")
    return figure


def agreement(correlations: pd.DataFrame) -> Figure:
    """Correlation between members as a matrix with its numbers."""
    n = len(correlations)
    figure, ax = canvas(width=0.55 * n + 2.2, height=0.5 * n + 1.4)
    written = correlations.map("{:.2f}".format)
    annotated(ax, correlations, written, cbar=True, cmap="cividis", vmin=0, vmax=1)
    ax.tick_params(axis="x", rotation=45)
    plt.setp(ax.get_xticklabels(), ha="right")
    return figure


def ensemble_scores(table: pd.DataFrame) -> Figure:
    """Score against the number of members: every subset drawn as a dot, their mean as a line.

    `table`: columns network, start, members, EPR, AUPRC ratio; one row per subset.
    """
    networks = list(table["network"].unique())
    metrics = ["EPR", "AUPRC ratio"]
    figure, axes = canvas(
        len(networks), 2, width=9, height=2.7 * len(networks), squeeze=False, sharex=True
    )
    for i, network in enumerate(networks):
        for ax, metric in zip(axes[i], metrics, strict=True):
            for how, colour, shift in (("authors", BLUE, -0.06), ("safe", GREEN, 0.06)):
                rows = table[(table["network"] == network) & (table["start"] == how)]
                ax.plot(rows["members"] + shift, rows[metric], ".", ms=4, alpha=0.4, color=colour)
                mean = rows.groupby("members")[metric].mean()
                ax.plot(mean.index + shift, mean, "-", lw=2, color=colour, label=f'"{how}"')
            ax.axhline(1, color=GREY, ls=":")
            ax.xaxis.get_major_locator().set_params(integer=True)
            label(ax, "members" if network == networks[-1] else "", metric, network)
    axes[0, 0].legend(title="W_init", frameon=False, fontsize=8)
    return figure
