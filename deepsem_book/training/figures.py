"""Figures of chapter 4: one training, and the ensemble."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREEN, GREY, ORANGE, RED, annotated, canvas, label


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
    """Left: `row_sum` over epochs by member (columns start, seed). Right: gradient against it."""
    figure, (paths, gradient) = canvas(1, 2, width=10, height=3.4)
    for (how, _), rows in history.groupby(["start", "seed"]):
        colour, style = (GREEN, "--") if how == "safe" else (BLUE, "-")
        paths.plot(rows["epoch"], rows["row_sum"], style, color=colour, lw=1.1, alpha=0.8)
    for how, colour, style in (("authors", BLUE, "-"), ("safe", GREEN, "--")):
        if how in set(history["start"]):
            paths.plot([], [], style, color=colour, label=f'W_init="{how}"')
    paths.axhline(1, color=RED, ls=":", lw=1.5, label="singular")
    paths.legend(frameon=False, fontsize=8, loc="center right", bbox_to_anchor=(1, 0.48))
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
