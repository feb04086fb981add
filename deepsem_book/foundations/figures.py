"""Figures of chapters 1 and 2: networks, expression, controls, the linear SEM."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from ..figure_style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    YELLOW,
    annotated,
    canvas,
    heat,
    label,
    labelled,
    legend_below,
)

CROSS = np.array([[0, 1], [1, 0]])  # A → B and B → A
COLOURS = {"DeepSEM": BLUE, "Pearson |r|": ORANGE, "random": GREY, "ceiling": GREEN}


def network_and_matrix(W: np.ndarray, genes: list[str]) -> Figure:
    """A small W[target, regulator] as nodes with arrows (⊣ where negative) and as a matrix."""
    figure, (drawing, matrix) = canvas(1, 2, width=7, height=3.2)
    place = np.array([(i % 2, -(i // 2)) for i in range(len(genes))])  # two columns
    for target, regulator in np.argwhere(W):
        positive = W[target, regulator] > 0
        look = {"color": BLUE, "arrowstyle": "-|>"} if positive else {"color": RED}
        look = {"arrowstyle": "-[,widthB=0.6,lengthB=0"} | look
        ends = {"xy": place[target], "xytext": place[regulator]}
        drawing.annotate("", **ends, arrowprops=look | {"lw": 2, "shrinkA": 20, "shrinkB": 21})
    for name, (x, y) in zip(genes, place, strict=True):
        drawing.plot(x, y, "o", ms=34, mfc="white", mec="black")
        drawing.text(x, y, name, ha="center", va="center", fontsize=12)
    drawing.set(xlim=(-0.3, 1.3), ylim=(place.min() - 0.3, 0.3), aspect="equal")
    drawing.axis("off")
    top = np.abs(W).max()
    frame = labelled(W, genes)
    annotated(
        matrix, frame, frame.map("{:g}".format), cmap="PuOr", vmin=-top, vmax=top, square=True
    )
    label(matrix, "regulator (column)", "target (row)", "W[target, regulator]")
    return figure


def expression_heat(X: np.ndarray, order: np.ndarray, ordered_by: str) -> Figure:
    """Log expression (cells x genes, already sorted) beside what its cells are sorted by."""
    ratio = {"width_ratios": [1, 7], "wspace": 0.05}
    figure, (side, ax) = canvas(1, 2, width=8.5, height=4, sharey=True, gridspec_kw=ratio)
    side.plot(order, np.arange(len(order)), ".", ms=2, color=BLUE)
    label(side, ordered_by, "cell")
    heat(ax, X, "log expression; darkest: zero", cmap="viridis")
    ax.set_xlabel("gene")
    return figure


def expression_values(X: np.ndarray) -> Figure:
    """All values, zeros of each gene, and mean against variance of each gene (cells x genes)."""
    figure, (values, zeros, spread) = canvas(1, 3, width=9.5, height=3.1)
    values.hist(X.ravel(), bins=60, color=BLUE)
    label(values, "log expression", "entries of the matrix", "(a)")
    expressed = np.where(X > 0, X, np.nan)
    share = (X == 0).mean(axis=0)
    zeros.plot(np.nanmean(expressed, axis=0), share, ".", ms=4, alpha=0.5, color=BLUE)
    label(zeros, "mean of the cells that are not zero", "share of zeros", "(b)")
    linear = np.exp2(X.astype(float)) - 1
    mean, variance = linear.mean(axis=0), linear.var(axis=0)
    spread.loglog(mean, variance, ".", ms=4, alpha=0.5, color=BLUE)
    ends = np.array([mean.min(), mean.max()])
    spread.loglog(ends, ends**2, color="black", lw=1, label="variance = mean²")
    spread.legend(frameon=False, fontsize=8)
    label(spread, "mean, not logged", "variance, not logged", "(c)")
    return figure


def along_time(time: np.ndarray, genes: pd.DataFrame, groups: pd.Series, time_name: str) -> Figure:
    """Log expression of a few genes (columns) along time; cells coloured by group."""
    figure, axes = canvas(1, genes.shape[1], width=9.5, height=2.9, sharey=True)
    order = np.argsort(time)
    window = max(5, len(time) // 10)
    smooth = genes.iloc[order].rolling(window, center=True, min_periods=window // 2).mean()
    for ax, gene in zip(axes, genes, strict=True):
        for group, colour in zip(groups.unique(), [SKY, BLUE, GREEN, ORANGE], strict=False):
            inside = (groups == group).to_numpy()
            dots = {"ms": 3, "alpha": 0.7, "color": colour, "label": group}
            ax.plot(time[inside], genes[gene].to_numpy()[inside], ".", **dots)
        ax.plot(time[order], smooth[gene], color="black", lw=1.5)
        label(ax, time_name, "log expression" if ax is axes[0] else "", gene)
    axes[-1].legend(frameon=False, fontsize=8, markerscale=2)
    return figure


def truth_panels(panels: dict[str, np.ndarray]) -> Figure:
    """Known networks as bool matrices of the same TFs x genes, one panel each."""
    figure, axes = canvas(1, len(panels), width=9.5, height=2.8, sharey=True)
    for ax, (name, matrix) in zip(axes, panels.items(), strict=True):
        ax.imshow(matrix, cmap="Greys", aspect="auto", interpolation="nearest", vmin=0, vmax=1)
        ax.set_yticks(range(0, len(matrix), 5))
        ax.spines[:].set_visible(True)
        label(ax, "gene", "TF" if ax is axes[0] else "", f"{name}: {int(matrix.sum())} edges")
    return figure


def ranking_by_hand(table: pd.DataFrame, density: float) -> Figure:
    """Precision against recall of a ranking short enough to follow edge by edge."""
    figure, ax = canvas(width=6, height=3.2)
    recall = np.r_[0, table["recall"]]
    ax.step(recall, np.r_[table["precision"].iloc[0], table["precision"]], color=BLUE, where="pre")
    for hit, colour in ((True, BLUE), (False, RED)):
        rows = table[table["true"] == hit]
        what = {True: "true edge", False: "false edge"}[hit]
        ax.plot(rows["recall"], rows["precision"], "oX"[not hit], color=colour, ms=8, label=what)
    for rank, row in table.iterrows():
        at = (row["recall"], row["precision"])
        ax.annotate(f"{rank}", at, xytext=(7, 5), textcoords="offset points", fontsize=9)
    ax.axhline(density, color=GREY, ls="--", label="random: the density")
    ax.set(xlim=(-0.03, 1.1), ylim=(0, 1.12))
    ax.legend(frameon=False, fontsize=8, loc="lower left")
    label(ax, "recall: share of the true edges found", "precision: share of it that is true")
    return figure


def dots(
    panels: dict[str, pd.DataFrame], names: list[str], x: str, by: str, lines: dict[str, float]
) -> Figure:
    """One dot per row, a bar at the mean: x-groups side by side, colours `by`, a panel per title.

    Each panel plots column "value"; `names` are the y labels, `lines` the level that is no
    information, by title (a missing title draws none).
    """
    figure, axes = canvas(len(panels), 1, width=7, height=3.1 * len(panels), squeeze=False)
    for ax, name, (title, table) in zip(axes[:, 0], names, panels.items(), strict=True):
        groups, kinds = list(table[x].unique()), list(table[by].unique())
        other = [BLUE, SKY, PURPLE, RED, YELLOW]
        palette = {kind: COLOURS.get(kind, other[k]) for k, kind in enumerate(kinds)}
        shared = dict(
            data=table, x=x, y="value", hue=by, order=groups, hue_order=kinds, palette=palette,
            legend=False, ax=ax,
        )  # fmt: skip
        sns.stripplot(**shared, dodge=len(kinds) > 1, jitter=0.05, size=4, alpha=0.6)
        sns.pointplot(
            **shared, dodge=0.8 - 0.8 / len(kinds) if len(kinds) > 1 else False, errorbar=None,
            linestyle="none", marker="_", markersize=min(24, 60 / len(kinds)), markeredgewidth=2.5,
        )  # fmt: skip
        for kind, colour in palette.items():
            ax.plot([], [], "o", color=colour, label=kind)
        if title in lines:
            ax.axhline(lines[title], color=GREY, ls="--", lw=1)
        ax.set_xticks(range(len(groups)), groups, fontsize=9)
        label(ax, "", name, title)
        if table["value"].max() > 8 * table["value"].min() > 0:  # ratios of several octaves
            ax.set_yscale("log", base=2)
            ax.yaxis.set_major_formatter("{x:g}")
    legend_below(figure, axes[0, 0], 6, None)
    return figure


def true_and_fitted(panels: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Fitted against true weights of all gene pairs, one panel per title: (true W, fitted W)."""
    figure, axes = canvas(1, len(panels), width=8.5, height=3.6, sharey=True, squeeze=False)
    for ax, (title, (true, fitted)) in zip(axes[0], panels.items(), strict=True):
        off = ~np.eye(len(true), dtype=bool)
        for kind, colour, name in ((true == 0, GREY, "no edge"), (true != 0, BLUE, "edge")):
            ax.plot(true[kind & off], fitted[kind & off], "o", ms=4, alpha=0.6, mew=0)
            ax.lines[-1].set(color=colour, label=f"{name}: {int((kind & off).sum())} pairs")
        ends = [true.min(), true.max()]
        ax.plot(ends, ends, color="black", lw=0.8)
        ax.legend(frameon=False, fontsize=8)
        label(ax, "true weight", "fitted weight" if ax is axes[0, 0] else "", title)
    return figure


def clouds(panels: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Cells in the plane of two genes with the ellipse of two sd: (cells x 2, covariance)."""
    figure, axes = canvas(1, len(panels), width=7.5, height=3.4, sharex=True, sharey=True)
    angle = np.linspace(0, 2 * np.pi, 200)
    for ax, (title, (X, covariance)) in zip(axes, panels.items(), strict=True):
        ax.plot(*X.T, ".", ms=3, alpha=0.4, color=BLUE)
        ellipse = 2 * np.linalg.cholesky(covariance) @ np.array([np.cos(angle), np.sin(angle)])
        ax.plot(*ellipse, color=ORANGE, lw=2)
        ax.set_aspect("equal")
        label(ax, "gene A", "gene B" if ax is axes[0] else "", title)
    return figure


def price_of_both_ways(S: np.ndarray) -> Figure:
    """Loss and its terms when two genes explain each other with one weight; S: covariance."""
    w = np.linspace(0, 0.98, 99)
    both = np.eye(2) - np.multiply.outer(w, CROSS)  # I - W of each weight
    noise = np.array([0.5 * np.trace(B @ S @ B.T) for B in both])
    price = -np.log(1 - w**2)
    figure, ax = canvas(width=6.5, height=3)
    looks = {"squared noise": (noise, BLUE, "--"), "its price, −log|det B|": (price, ORANGE, ":")}
    for name, (values, colour, style) in (looks | {"loss": (noise + price, "black", "-")}).items():
        ax.plot(w, values, style, color=colour, lw=2, label=name)
        ax.plot(w[values.argmin()], values.min(), "o", color=colour)
    ax.set_ylim(-0.1, 3)
    ax.legend(frameon=False, fontsize=9)
    label(ax, "w: weight of A → B and of B → A", "loss per cell")
    return figure


def loss_profiles(panels: dict[str, pd.DataFrame]) -> Figure:
    """Loss against the weight of a single edge (index), one line a direction (columns)."""
    figure, axes = canvas(1, len(panels), width=8.5, height=3.2, sharey=True)
    for ax, (title, curves) in zip(axes, panels.items(), strict=True):
        for direction, colour, style in zip(curves, [BLUE, ORANGE], ["-", "--"], strict=True):
            ax.plot(curves.index, curves[direction], style, color=colour, lw=2, label=direction)
            ax.plot(curves[direction].idxmin(), curves[direction].min(), "o", color=colour)
        label(ax, "weight of the edge", "loss" if ax is axes[0] else "", title)
    axes[0].legend(frameon=False)
    return figure


def more_cells(table: pd.DataFrame) -> Figure:
    """`experiments.more_cells`: a panel per question, mean and range over networks, by scale."""
    names = {"which pairs are linked": "AUPRC, undirected", "which way they point": "share right"}
    figure, axes = canvas(1, len(names), width=7.6, height=3.0, sharex=True)
    for ax, (question, name) in zip(axes, names.items(), strict=True):
        part = table[table["question"] == question]
        for (scale, rows), colour in zip(
            part.groupby("scale", sort=False), [BLUE, ORANGE], strict=True
        ):
            values = rows.groupby("cells")["value"]
            middle = values.mean()
            ax.semilogx(middle.index, middle, "o-", ms=4, color=colour, label=scale)
            ax.fill_between(middle.index, values.min(), values.max(), color=colour, alpha=0.15)
        ax.set_ylim(0, 1.05)
        label(ax, "cells", name, question)
    axes[0].legend(frameon=False)
    return figure


def one_edge(panels: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Target against regulator in each cell, with the straight line and a running mean."""
    figure, axes = canvas(1, len(panels), width=8.5, height=3.2, squeeze=False)
    for ax, (title, (x, y)) in zip(axes[0], panels.items(), strict=True):
        ax.plot(x, y, ".", ms=2, alpha=0.2, color=BLUE)
        order = np.argsort(x)
        window = max(5, len(x) // 10)
        smooth = pd.DataFrame({"x": x[order], "y": y[order]}).rolling(window, center=True).mean()
        ax.plot(x, np.polyval(np.polyfit(x, y, 1), x), color=ORANGE, label="straight line")
        ax.plot(smooth["x"], smooth["y"], color="black", lw=2, label="running mean")
        label(ax, "regulator", "target", title)
    axes[0, 0].legend(frameon=False, fontsize=8)
    return figure
