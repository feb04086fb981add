"""What all figures share: colours, the white card, axis labels."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib_inline.config import InlineBackend

InlineBackend.instance().figure_formats = {"retina"}  # notebooks keep figures at twice the size

# Okabe & Ito (2008): told apart by readers with any common colour vision.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#7F7F7F",
)  # fmt: skip


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


def legend_below(
    figure: Figure, ax: Axes, n_cols: int, fontsize: float | None = 8, **kwargs: Any
) -> None:
    """One legend for all panels, under them, with the names of `ax`."""
    names = ax.get_legend_handles_labels()
    figure.legend(
        *names, loc="outside lower center", ncols=n_cols, fontsize=fontsize, frameon=False, **kwargs
    )


def heat(
    ax: Axes, matrix: np.ndarray, title: str = "", cmap: str = "cividis", **kwargs: Any
) -> None:
    """A matrix as an image with its colour bar."""
    image = ax.imshow(matrix, cmap=cmap, aspect="auto", interpolation="nearest", **kwargs)
    ax.figure.colorbar(image, ax=ax, shrink=0.8)
    ax.set_title(title, loc="left", fontsize=10)


def labelled(
    values: np.ndarray, genes: Sequence[str], cells: Sequence[str] | None = None
) -> pd.DataFrame:
    """A small matrix with names: W[target, regulator] or, with `cells`, cells x genes."""
    rows = pd.Index(genes if cells is None else cells, name="target" if cells is None else None)
    columns = pd.Index(genes, name="regulator" if cells is None else "gene")
    return pd.DataFrame(values, rows, columns)


def small_matrices(matrices: dict[str, pd.DataFrame]) -> Figure:
    """A few small matrices side by side with their numbers; one colour scale for all."""
    top = max(frame.abs().to_numpy().max() for frame in matrices.values())
    figure, axes = canvas(1, len(matrices), width=2.5 * len(matrices), height=2.5, squeeze=False)
    for ax, (title, frame) in zip(axes[0], matrices.items(), strict=True):
        written = frame.map(lambda value: f"{value:.2f}" if abs(value) > 1e-12 else "0")
        annotated(ax, frame, written, cmap="PuOr", vmin=-top, vmax=top)
        label(ax, frame.columns.name or "", frame.index.name or "", title)
    return figure


def annotated(
    ax: Axes, matrix: pd.DataFrame, written: pd.DataFrame, cbar: bool = False, **kwargs: Any
) -> None:
    """A matrix as colours with a text in each entry; names stand upright."""
    text = {"annot": written, "fmt": "", "annot_kws": {"fontsize": 8}}
    seaborn.heatmap(
        matrix, ax=ax, cbar=cbar, cbar_kws={"shrink": 0.8} if cbar else None, **text, **kwargs
    )
    ax.tick_params(axis="y", rotation=0)


def forest(table: pd.DataFrame, x: str, width: float = 9.0) -> Figure:
    """Ratios with intervals around a line at 1, a panel for each kind of network.

    `table`: kind, name, series, ratio, low, high. Rows are names, by the mean logarithm of their
    ratios, the largest on top; a colour for each series. A filled dot: the interval leaves out 1.
    """
    order = list(
        np.log(table.set_index("name")["ratio"]).groupby("name").mean().sort_values().index
    )
    kinds, series = list(table["kind"].unique()), list(table["series"].unique())
    height = 1.2 + 0.26 * len(order)
    figure, axes = canvas(1, len(kinds), width, height, squeeze=False, sharey=True, sharex=True)
    for ax, kind in zip(axes[0], kinds, strict=True):
        for row in table[table["kind"] == kind].itertuples():
            colour = (BLUE, ORANGE, GREEN)[series.index(row.series)]
            at = order.index(row.name) + 0.15 * (len(series) - 1 - 2 * series.index(row.series))
            ax.plot([row.low, row.high], [at, at], color=colour, lw=1.5)
            inside = "white" if row.low <= 1 <= row.high else colour
            ax.plot(row.ratio, at, "o", color=colour, mfc=inside, ms=5)
        ax.axvline(1, color="black", lw=1)
        label(ax, x, "", kind)
    for name, colour in zip(series, (BLUE, ORANGE, GREEN), strict=False):
        axes[0, 0].plot([], [], "o-", color=colour, label=name)
    low, high = min(0.9, table["low"].min()), max(1.1, table["high"].max())
    far = (0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 8)
    near = (0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3)
    ticks = [tick for tick in (far if high / low > 2 else near) if low <= tick <= high]
    axes[0, 0].set(xscale="log", xlim=(0.95 * low, 1.05 * high))
    axes[0, 0].set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes[0, 0].set_yticks(range(len(order)), order, fontsize=9)
    axes[0, 0].minorticks_off()
    legend_below(figure, axes[0, 0], len(series), fontsize=9)
    return figure
