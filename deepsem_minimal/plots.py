"""Every figure of the book. Functions take tables and arrays and return a matplotlib Figure."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.floating]

# Okabe & Ito (2008): told apart by readers with any common colour vision.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#7F7F7F",
)  # fmt: skip
COLOURS = {"DeepSEM": BLUE, "Pearson |r|": ORANGE, "random": GREY, "ceiling": GREEN}


def canvas(
    n_rows: int = 1, n_cols: int = 1, width: float = 7.0, height: float = 3.2, **kwargs: Any
) -> tuple[Figure, Any]:
    """A figure on a white card (readable in light and dark theme) with quiet axes."""
    figure, axes = plt.subplots(
        n_rows, n_cols, figsize=(width, height), layout="constrained", facecolor="white", **kwargs
    )
    for ax in np.atleast_1d(axes).flat:
        ax.spines[["top", "right"]].set_visible(False)
    plt.close(figure)  # the notebook shows what a cell returns, once
    return figure, axes


def label(ax: Axes, x: str, y: str, title: str = "") -> None:
    """Axis labels and title in one call."""
    ax.set(xlabel=x, ylabel=y)
    ax.set_title(title, loc="left", fontsize=10)


def heat(ax: Axes, matrix: Array, title: str = "", cmap: str = "cividis", **kwargs: Any) -> None:
    """A matrix as an image with its colour bar."""
    image = ax.imshow(matrix, cmap=cmap, aspect="auto", interpolation="nearest", **kwargs)
    ax.figure.colorbar(image, ax=ax, shrink=0.8)
    ax.set_title(title, loc="left", fontsize=10)


def loss_curves(history: pd.DataFrame) -> Figure:
    """The three terms of Eq. 7 over the epochs, one line a seed; MLP epochs are marked."""
    figure, axes = canvas(1, 3, width=9)
    names = {"mse": "reconstruction (MSE)", "kl": "KL divergence", "l1": "mean |W|"}
    for ax, (term, name) in zip(axes, names.items(), strict=True):
        for _, rows in history.groupby("seed"):
            ax.plot(rows["epoch"], rows[term], color=BLUE, alpha=0.6, lw=1)
            mlp = rows[rows["phase"] == "MLP"]
            ax.plot(mlp["epoch"], mlp[term], ".", color=ORANGE, ms=3)
        label(ax, "epoch", name)
    return figure


# --- chapter 6: why it is fast --------------------------------------------------------------------


def stacked_times(shares: pd.DataFrame) -> Figure:
    """Milliseconds per step: one horizontal bar an engine (columns), stacked by purpose (rows)."""
    figure, ax = canvas(height=2.8)
    colours = [BLUE, ORANGE, GREEN, SKY, PURPLE, GREY]
    left = np.zeros(shares.shape[1])
    for (purpose, values), colour in zip(shares.iterrows(), colours):
        ax.barh(shares.columns, values, left=left, color=colour, label=str(purpose))
        left += values.to_numpy()
    figure.legend(fontsize=8, frameon=False, loc="outside lower center", ncols=3)
    ax.invert_yaxis()
    label(ax, "milliseconds per step", "")
    return figure


def table_error(x: Array, f: Array, errors: pd.DataFrame) -> Figure:
    """Left: a curve with 32 knots. Right: error of value and slope against the number of knots."""
    figure, (curve, error) = canvas(1, 2, width=8.5)
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


def refinement(residuals: pd.DataFrame, tolerance: float) -> Figure:
    """Residual against sweeps, one line for each age of the factors."""
    figure, ax = canvas(width=6)
    for (age, rows), colour in zip(residuals.groupby("age"), [GREY, BLUE, GREEN, ORANGE, RED]):
        name = f"{age} steps old"
        ax.semilogy(rows["sweep"], rows["residual"], "o-", ms=4, color=colour, label=name)
    ax.axhline(tolerance, color="black", ls=":")
    ax.legend(fontsize=8, frameon=False)
    label(ax, "sweeps of refinement", "relative residual")
    return figure


def growth(genes: pd.DataFrame, cells: pd.DataFrame) -> Figure:
    """Time against genes and against cells for both engines, on log axes."""
    figure, axes = canvas(1, 2, width=8.5)
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
    figure, axes = canvas(1, 2, width=9)
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


# --- chapter 3: the layers ----------------------------------------------------------------------


def standardisations(raw: Array, ways: dict[str, Array]) -> Figure:
    """One gene before and after standardisation, its zero entries set apart: (cells,) each."""
    figure, axes = canvas(1, 1 + len(ways), width=9, height=2.6)
    for ax, (title, values) in zip(axes, {"log expression": raw, **ways}.items(), strict=True):
        parts, names = [values[raw != 0], values[raw == 0]], ["other cells", "cells with zero"]
        ax.hist(parts, bins=30, stacked=True, color=[BLUE, ORANGE], label=names)
        label(ax, "x" if values is raw else "z", "cells" if values is raw else "", title)
    axes[0].legend(frameon=False, fontsize=8)
    return figure


def gene_curves(curves: pd.DataFrame) -> Figure:
    """Gene-wise MLPs as curves: rows of panels `bias`, columns `part`, dashed before training.

    `curves` has one row a point: bias, part, seed, state ("before", "after"), x, y.
    """
    biases, parts = curves["bias"].unique(), curves["part"].unique()
    figure, axes = canvas(
        len(biases), len(parts), width=10, height=2.4 * len(biases), sharex="col", sharey="col"
    )
    colours = dict(zip(curves["seed"].unique(), [BLUE, ORANGE, GREEN, RED, PURPLE], strict=False))
    for i, bias in enumerate(biases):
        for j, part in enumerate(parts):
            ax = axes[i, j]
            ax.axhline(0, color=GREY, lw=0.5)
            ax.axvline(0, color=GREY, lw=0.5)
            panel = curves[(curves["bias"] == bias) & (curves["part"] == part)]
            for (seed, state), line in panel.groupby(["seed", "state"]):
                style = {"ls": "--", "lw": 1.2} if state == "before" else {"ls": "-", "lw": 2}
                name = f"seed {seed}, {state}"
                ax.plot(line["x"], line["y"], color=colours[seed], label=name, **style)
            last = i == len(biases) - 1
            label(ax, panel["input"].iloc[0] if last else "", f"{bias} bias" if j == 0 else "")
            if i == 0:
                ax.set_title(part, loc="left", fontsize=10)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, ncols=4, frameon=False, fontsize=8, loc="outside lower center")
    return figure


def small_matrices(matrices: dict[str, pd.DataFrame]) -> Figure:
    """A few small matrices side by side with their numbers; one colour scale for all."""
    top = max(frame.abs().to_numpy().max() for frame in matrices.values())
    figure, axes = canvas(1, len(matrices), width=2.5 * len(matrices), height=2.5, squeeze=False)
    for ax, (title, frame) in zip(axes[0], matrices.items(), strict=True):
        ax.imshow(frame, cmap="PuOr", vmin=-top, vmax=top, aspect="auto")
        for (i, j), value in np.ndenumerate(frame.to_numpy()):
            colour = "white" if abs(value) > 0.65 * top else "black"
            text = f"{value:.2f}" if abs(value) > 1e-12 else "0"
            ax.text(j, i, text, ha="center", va="center", fontsize=8, color=colour)
        ax.set_xticks(range(frame.shape[1]), frame.columns)
        ax.set_yticks(range(frame.shape[0]), frame.index)
        ax.spines[:].set_visible(False)
        label(ax, frame.columns.name or "", frame.index.name or "", title)
    return figure


def path_sums(errors: pd.DataFrame) -> Figure:
    """Distance of the sum of paths from the inverse against the longest path, one line a column."""
    figure, ax = canvas(width=6)
    for name, colour, marker in zip(errors, [BLUE, ORANGE, RED], "osD", strict=False):
        ax.semilogy(errors.index, errors[name], marker + "-", ms=4, color=colour, label=name)
    ax.legend(frameon=False, fontsize=8)
    label(ax, "longest path in the sum", "largest error of the sum")
    return figure


def distributions(
    panels: dict[str, dict[str, Array]], axis: list[str], lines: list[float] | None = None
) -> Figure:
    """Histograms laid over each other, one panel a title; `lines` marks one value in each panel."""
    figure, axes = canvas(1, len(panels), width=3.6 * len(panels) + 1, height=2.8, squeeze=False)
    for i, (ax, (title, groups)) in enumerate(zip(axes[0], panels.items(), strict=True)):
        everything = np.concatenate([np.ravel(values) for values in groups.values()])
        low, high = np.quantile(everything, [0.001, 0.999])
        n_bins = int(np.clip(min(map(np.size, groups.values())) // 8, 12, 40))
        bins = np.linspace(low, high, n_bins)
        for (name, values), colour in zip(groups.items(), [BLUE, ORANGE, GREEN], strict=False):
            shape = {"histtype": "stepfilled", "alpha": 0.45, "ec": colour, "fc": colour}
            ax.hist(np.ravel(values), bins, density=True, label=name, **shape)
        if lines:
            ax.axvline(lines[i], color="black", ls="--", lw=1.2)
        label(ax, axis[i], "density", title)
        ax.legend(frameon=False, fontsize=8)
    return figure


def against_each_other(panels: dict[str, tuple[Array, Array]], x: str, y: str) -> Figure:
    """Scatter plots with the line of equality, one panel a title: (what is on x, what is on y)."""
    figure, axes = canvas(1, len(panels), width=3.4 * len(panels), height=3.2, squeeze=False)
    for ax, (title, (first, second)) in zip(axes[0], panels.items(), strict=True):
        ax.plot(np.ravel(first), np.ravel(second), ".", ms=2, alpha=0.3, color=BLUE)
        both = np.concatenate([np.ravel(first), np.ravel(second)])
        ends = [both.min(), both.max()]
        ax.plot(ends, ends, color="black", lw=0.8)
        ax.set_aspect("equal")
        label(ax, x, y, title)
    return figure


def gradient_parts(parts: pd.DataFrame) -> Figure:
    """Size of the gradient of W by term of the loss (rows) and what it moves (columns)."""
    figure, ax = canvas(width=8, height=3.2)
    height = 0.8 / parts.shape[1]
    floor = parts.to_numpy()[parts.to_numpy() > 0].min() / 5
    for i, (state, colour) in enumerate(zip(parts, [SKY, BLUE], strict=False)):
        at = np.arange(len(parts)) + (i - (parts.shape[1] - 1) / 2) * height
        ax.barh(at, parts[state].clip(lower=floor), height, left=0, color=colour, label=state)
        for y, value in zip(at, parts[state], strict=True):
            text = f" {value:.1e}" if value else " exactly 0"
            ax.text(max(value, floor), y, text, va="center", fontsize=8)
    ax.set_xscale("log")
    ax.set_xlim(floor, parts.to_numpy().max() * 6)
    ax.set_yticks(range(len(parts)), parts.index)
    ax.invert_yaxis()
    ax.legend(frameon=False, fontsize=8, loc="center right", bbox_to_anchor=(1, 0.3))
    label(ax, "root mean square of the gradient over the entries of W", "")
    return figure


def masks(raw: Array) -> Figure:
    """A corner of the data (cells x genes) and which of its entries each mask reconstructs."""
    figure, axes = canvas(1, 3, width=9, height=2.8, sharey=True)
    heat(axes[0], raw, "log expression", cmap="viridis")
    titles = ['reconstruct="all"', 'reconstruct="nonzero"']
    for ax, title, mask in zip(axes[1:], titles, [np.ones_like(raw), raw != 0], strict=True):
        shares = {"cmap": "Blues", "vmin": 0, "vmax": 1.4, "aspect": "auto"}
        ax.imshow(mask, interpolation="nearest", **shares)
        ax.set_title(f"{title}: {mask.mean():.0%} count", loc="left", fontsize=10)
    for ax in axes:
        ax.set(xlabel="gene", ylabel="cell" if ax is axes[0] else "")
    return figure


def singularity(norms: pd.DataFrame) -> Figure:
    """‖(I - W₀)⁻¹‖ against the number of genes: median and range over draws, by initialisation."""
    figure, ax = canvas(width=6.5, height=3.4)
    looks = {"paper": (RED, "D"), "authors": (ORANGE, "s"), "safe": (BLUE, "o")}
    for how, (colour, marker) in looks.items():
        groups = norms[norms["W_init"] == how].groupby("genes")["norm"]
        middle = groups.median()
        ax.loglog(middle.index, middle, marker + "-", ms=5, color=colour, label=f'"{how}"')
        ax.fill_between(middle.index, groups.min(), groups.max(), color=colour, alpha=0.2, lw=0)
    ax.legend(title="W_init", frameon=False)
    label(ax, "number of genes m", "‖(I − W₀)⁻¹‖")
    return figure


# --- chapters 1 and 2: networks, expression, controls, the linear SEM ----------------------------


def network_and_matrix(W: Array, genes: list[str]) -> Figure:
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
    matrix.imshow(W, cmap="PuOr", vmin=-top, vmax=top)
    for (i, j), value in np.ndenumerate(W):
        colour = "white" if abs(value) > 0.65 * top else "black"
        matrix.text(j, i, f"{value:g}", ha="center", va="center", color=colour)
    matrix.set(xticks=range(len(genes)), yticks=range(len(genes)))
    matrix.set(xticklabels=genes, yticklabels=genes)
    label(matrix, "regulator (column)", "target (row)", "W[target, regulator]")
    return figure


def expression_heat(X: Array, order: Array, ordered_by: str) -> Figure:
    """Log expression (cells x genes, already sorted) beside what its cells are sorted by."""
    ratio = {"width_ratios": [1, 7], "wspace": 0.05}
    figure, (side, ax) = canvas(1, 2, width=8.5, height=4, sharey=True, gridspec_kw=ratio)
    side.plot(order, np.arange(len(order)), ".", ms=2, color=BLUE)
    label(side, ordered_by, "cell")
    heat(ax, X, "log expression; darkest: zero", cmap="viridis")
    ax.set_xlabel("gene")
    return figure


def expression_values(X: Array) -> Figure:
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


def along_time(time: Array, genes: pd.DataFrame, groups: pd.Series, time_name: str) -> Figure:
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


def truth_panels(panels: dict[str, Array]) -> Figure:
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
    """One dot a row, a bar at the mean: columns of x-groups, colours `by`, one panel a title.

    Each panel plots column "value"; `names` are the y labels, `lines` the level that is no
    information, by title (a missing title draws none).
    """
    figure, axes = canvas(1, len(panels), width=9.5, height=3.4, squeeze=False)
    for ax, name, (title, table) in zip(axes[0], names, panels.items(), strict=True):
        groups, kinds = list(table[x].unique()), list(table[by].unique())
        for k, kind in enumerate(kinds):
            colour = COLOURS.get(kind, [BLUE, SKY, PURPLE, RED, YELLOW][k])
            for g, group in enumerate(groups):
                values = table[(table[x] == group) & (table[by] == kind)]["value"].to_numpy()
                at = g + (k - (len(kinds) - 1) / 2) * 0.8 / len(kinds)
                jitter = np.linspace(-0.05, 0.05, len(values)) if len(values) > 1 else 0.0
                ax.plot(at + jitter, values, ".", color=colour, ms=7, alpha=0.6, mew=0)
                if len(values):
                    half = 0.3 / len(kinds)
                    ax.hlines(values.mean(), at - half, at + half, color=colour, lw=2.5)
            ax.plot([], [], "o", color=colour, label=kind)
        if title in lines:
            ax.axhline(lines[title], color=GREY, ls="--", lw=1)
        ax.set_xticks(range(len(groups)), groups, fontsize=9)
        label(ax, "", name, title)
        if table["value"].max() > 8 * table["value"].min() > 0:  # ratios of several octaves
            ax.set_yscale("log", base=2)
            ax.yaxis.set_major_formatter("{x:g}")
    found = axes[0, 0].get_legend_handles_labels()
    figure.legend(*found, ncols=6, frameon=False, loc="outside lower center")
    return figure


def true_and_fitted(panels: dict[str, tuple[Array, Array]]) -> Figure:
    """Fitted against true weights of all pairs of genes, one panel a title: (true W, fitted W)."""
    figure, axes = canvas(1, len(panels), width=8.5, height=3.6, sharey=True, squeeze=False)
    for ax, (title, (true, fitted)) in zip(axes[0], panels.items(), strict=True):
        off = ~np.eye(len(true), dtype=bool)
        for found, colour, name in ((true == 0, GREY, "no edge"), (true != 0, BLUE, "edge")):
            ax.plot(true[found & off], fitted[found & off], "o", ms=4, alpha=0.6, mew=0)
            ax.lines[-1].set(color=colour, label=f"{name}: {int((found & off).sum())} pairs")
        ends = [true.min(), true.max()]
        ax.plot(ends, ends, color="black", lw=0.8)
        ax.legend(frameon=False, fontsize=8)
        label(ax, "true weight", "fitted weight" if ax is axes[0, 0] else "", title)
    return figure


def clouds(panels: dict[str, tuple[Array, Array]]) -> Figure:
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


def lines_with_range(panels: dict[str, pd.DataFrame], x: str, by: str, names: list[str]) -> Figure:
    """Column "value" against x (log axis): mean and range over repeats, one line for each `by`."""
    figure, axes = canvas(1, len(panels), width=9, height=3.2, sharex=True)
    for ax, name, (title, table) in zip(axes, names, panels.items(), strict=True):
        for (kind, rows), colour in zip(table.groupby(by, sort=False), [BLUE, ORANGE], strict=True):
            values = rows.groupby(x)["value"]
            middle = values.mean()
            ax.semilogx(middle.index, middle, "o-", ms=4, color=colour, label=kind)
            ax.fill_between(middle.index, values.min(), values.max(), color=colour, alpha=0.15)
        ax.set_ylim(0, 1.05)
        label(ax, x, name, title)
    axes[0].legend(frameon=False)
    return figure


def one_edge(panels: dict[str, tuple[Array, Array]]) -> Figure:
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


# --- chapter 5: BEELINE ---------------------------------------------------------------------------

MARKERS = {
    "random": "x", "Pearson": "s", "Pearson-detection": "s", "DeepSEM*": "o", "DeepSEM": "D",
    "TF-degree": "^",
}  # fmt: skip
METHOD_COLOURS = {
    "random": GREY, "Pearson": ORANGE, "Pearson-detection": PURPLE, "DeepSEM*": SKY,
    "DeepSEM": BLUE, "TF-degree": RED,
}  # fmt: skip


def beside_controls(scores: pd.DataFrame, metric: str, name: str) -> Figure:
    """One panel a network, one dot a seed: `scores` has network, method, max_epr and `metric`.

    The line at 1 is chance; the ceiling 1 / density is drawn for both metrics, whose maximum it is.
    """
    networks = scores["network"].unique()
    width = max(5, 3 * len(networks))
    figure, axes = canvas(1, len(networks), width, 3.6, sharey=True, squeeze=False)
    for ax, network in zip(axes[0], networks, strict=True):
        here = scores[scores["network"] == network]
        methods = [method for method in MARKERS if method in set(here["method"])]
        for i, method in enumerate(methods):
            values = here.loc[here["method"] == method, metric].to_numpy()
            x = i + np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else [i]
            ax.plot(x, values, MARKERS[method], color=METHOD_COLOURS[method], ms=6, clip_on=False)
        ceiling = here["max_epr"].iloc[0]
        ax.axhline(1, color="black", lw=1, ls=":")
        ax.axhline(ceiling, color=GREEN, lw=1.5)
        ax.text(-0.4, ceiling * 0.93, f"ceiling {ceiling:.1f}", color=GREEN, va="top", fontsize=8)
        ax.set_yscale("log")
        ax.set_yticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"])
        ax.minorticks_off()
        ax.set_xticks(range(len(methods)), methods, rotation=35, ha="right", fontsize=9)
        ax.set_xlim(-0.6, len(methods) - 0.4)
        label(ax, "", name if ax is axes[0, 0] else "", network)
    return figure


def precision_recall(curves: pd.DataFrame, densities: dict[str, float]) -> Figure:
    """Precision over recall, one panel a network (columns network, method, recall, precision)."""
    figure, panels = method_lines(curves, list(densities), "recall", "precision")
    for ax, (network, density) in zip(panels, densities.items(), strict=True):
        ax.axhline(density, color="black", lw=1, ls=":")
        ax.set_xlim(1e-3, 1)
        ax.set_ylim(0, None)
        label(ax, "recall", "precision" if ax is panels[0] else "", network)
    return figure


def early_precision(curves: pd.DataFrame, n_true: dict[str, int]) -> Figure:
    """Precision of the first k edges over chance, against k (columns network, method, k, ratio)."""
    figure, panels = method_lines(curves, list(n_true), "k", "ratio")
    for ax, (network, k) in zip(panels, n_true.items(), strict=True):
        ax.axhline(1, color="black", lw=1, ls=":")
        ax.axvline(k, color=GREY, lw=1)
        ax.text(k, ax.get_ylim()[1], f" k = {k}", color="black", va="top", fontsize=8)
        label(ax, "edges taken", "precision / density" if ax is panels[0] else "", network)
    return figure


def method_lines(
    curves: pd.DataFrame, networks: list[str], x: str, y: str
) -> tuple[Figure, list[Axes]]:
    """One panel a network, one line a method of column y against x (log), a legend below."""
    width = max(5, 3 * len(networks))
    figure, axes = canvas(1, len(networks), width, 3.4, squeeze=False)
    for ax, network in zip(axes[0], networks, strict=True):
        for method, rows in curves[curves["network"] == network].groupby("method", sort=False):
            ax.plot(rows[x], rows[y], color=METHOD_COLOURS[str(method)], lw=1.5, label=method)
        ax.set_xscale("log")
    names = axes[0, 0].get_legend_handles_labels()
    figure.legend(*names, loc="outside lower center", ncol=4, fontsize=8, frameon=False)
    return figure, list(axes[0])


def over_cells(scores: pd.DataFrame, name: str) -> Figure:
    """Score against the number of cells, one panel a kind of network, one colour a matrix.

    scores: columns network, matrix, n_cells, members (1 or more), score. Dots are single trainings,
    lines are ensembles.
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
        ax.axhline(1, color="black", lw=1, ls=":")
        label(ax, "cells", name if ax is axes[0, 0] else "", network)
    names = axes[0, 0].get_legend_handles_labels()
    figure.legend(*names, loc="outside lower center", ncol=len(matrices), fontsize=8, frameon=False)
    return figure


def score_map(scores: pd.DataFrame, benchmarks: pd.DataFrame, controls: list[str]) -> Figure:
    """The paper's Fig. 3: data sets x methods for 500 and 1000 genes, grouped by kind of network.

    scores: (data, network) x methods; benchmarks: `data.benchmarks()`. Colour: from the smallest to
    the largest score of the methods in a row; black: below chance (1); hatched: not run here (a
    row without any score says so in words).
    Columns named in `controls` are given as numbers without colour.
    """
    methods, sizes = list(scores.columns), benchmarks["n_genes_option"].unique()
    groups = dict(list(benchmarks.groupby("kind", sort=False)))
    heights = [len(group) / len(sizes) for group in groups.values()]
    figure, axes = canvas(
        len(groups), len(sizes), width=1 + 0.7 * len(methods), height=1.7 + 0.27 * sum(heights),
        squeeze=False, height_ratios=heights,
    )  # fmt: skip
    for row, (kind, group) in zip(axes, groups.items(), strict=True):
        for ax, size in zip(row, sizes, strict=True):
            rows = group[group["n_genes_option"] == size]
            for y, name in enumerate(rows["expression"]):
                known = (name, kind) in scores.index
                found = scores.loc[(name, kind)] if known else pd.Series(np.nan, methods)
                _score_row(ax, y, found, controls)
                if found.isna().all():
                    ax.text((len(methods) - 1) / 2, y, "not run here", ha="center", va="center",
                            fontsize=9, bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
            ax.set(xlim=(-0.5, len(methods) - 0.5), ylim=(len(rows) - 0.5, -0.5))
            ax.set_yticks(range(len(rows)), rows["dataset"] if ax is row[0] else [], fontsize=10)
            ax.set_xticks([])
            ax.tick_params(length=0)
            ax.spines[:].set_visible(False)
            ax.set_title(f"{kind}, TFs + {size}", loc="left", fontsize=11)
    for ax in axes[-1]:
        ax.set_xticks(range(len(methods)), methods, rotation=60, ha="right", fontsize=10)
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
            ax.text(x, y, text, ha="center", va="center", fontsize=8.5, color=ink)


# --- chapter 4: training and ensembling ---------------------------------------------------------


def weights_over_epochs(snapshots: dict[int, Array], overlap: pd.DataFrame) -> Figure:
    """W after some epochs: its entries, its row sums, and the share of the final top edges."""
    figure, (entries, sums, found) = canvas(1, 3, width=10)
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
        found.plot(overlap.index, overlap[column], "o-", ms=4, color=colour, label=column)
    found.set_ylim(0, 1.05)
    found.legend(frameon=False, fontsize=8)
    label(entries, "weight", "number of weights", "entries of W")
    label(sums, "sum of a row", "number of genes", "row sums of W")
    label(found, "epoch", "share", "final top edges already at the top")
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
    label(paths, "epoch", "m · mean |W|", "one line a seed")
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
    heat(ax, correlations.to_numpy(), vmin=0, vmax=1)
    for (i, j), value in np.ndenumerate(correlations.to_numpy()):
        colour = "white" if value < 0.6 else "black"
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
    ax.set_xticks(range(n), correlations.columns, rotation=45, ha="right")
    ax.set_yticks(range(n), correlations.index)
    ax.spines[:].set_visible(False)
    return figure


def ensemble_scores(table: pd.DataFrame) -> Figure:
    """Score against the number of members: every subset drawn as a dot, their mean as a line.

    `table`: columns network, start, members, EPR, AUPRC ratio; one row a subset.
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
