"""Figures of the cortex chapter: expression by type, support beside its null, genome tracks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ..figure_style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, canvas, label, legend_below

SMALL = {"fontsize": 8}
LINES = (BLUE, SKY, ORANGE, GREEN, PURPLE, "black", GREY)


def medians(table: pd.DataFrame) -> Figure:
    """Median CPM as log10(1 + x), genes x types, the number in each cell (Fig. 4d's kind)."""
    figure, ax = canvas(width=6.5, height=0.9 + 0.32 * len(table))
    logs = np.log10(1 + table)
    sns.heatmap(logs, annot=table, fmt=".0f", cmap="cividis", ax=ax, annot_kws=SMALL)
    ax.tick_params(axis="y", rotation=0)
    label(ax, "", "", "median CPM; colour: log10(1 + CPM)")
    return figure


def answer(kept: pd.DataFrame, power: pd.DataFrame, kind: str) -> Figure:
    """z against the matched null with one `kind` of evidence, a row per data set by its genes.

    `kept`: `recorded.recorded_rows`; its ensembles are drawn. Red: the median z of lists that hold
    every known regulator (`power`).
    """
    rows = kept[kept["ensemble"] & (kept["kind"] == kind)]
    sizes = rows.groupby("data")["n_genes"].max().sort_values()
    place = {data: y for y, data in enumerate(sizes.index)}
    figure, ax = canvas(width=6.2, height=3.0)
    ax.axvspan(-3, 3, color=GREY, alpha=0.15, lw=0)
    for (method, part), colour, marker in zip(
        rows.groupby("method", sort=False), LINES, "oosDXv", strict=False
    ):
        ax.plot(part["z"], part["data"].map(place), marker, color=colour, ms=6, label=method)
    known = power[power["evidence"] == kind].set_index("genes")["median z"].reindex(sizes)
    ax.plot(known, range(len(sizes)), "*", color=RED, ms=13, mec="black", mew=0.6,
            label="every known regulator")  # fmt: skip
    ax.set_yticks(range(len(sizes)), [f"{data}\n{n} genes" for data, n in sizes.items()])
    ax.set_ylim(-0.6, len(sizes) - 0.4)
    ax.axvline(0, color="black", lw=0.8)
    label(ax, "z against the matched null (grey: |z| < 3)", "")
    legend_below(figure, ax, 2, fontsize=9)
    return figure


def support_bars(table: pd.DataFrame) -> Figure:
    """One row per network (`name` and the fields of `null_model.Support`).

    Left: the share of regulators with a motif as a bar with its interval, with a line where random
    regulators and a diamond where the matched null are. Right: observed minus matched null. All
    intervals are 95 %.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    figure, (left, right) = canvas(
        1, 2, width=8, height=0.9 + 0.3 * len(rows), sharey=True, width_ratios=[3, 2]
    )
    _shares(left, rows)
    label(left, "share of regulators with a motif at the gene", "")
    below, above = rows["effect"] - rows["low"], rows["high"] - rows["effect"]
    right.errorbar(rows["effect"], rows.index, xerr=[below, above], fmt="o", color=BLUE, ms=4)
    right.axvline(0, color="black", lw=0.8)
    label(right, "observed minus matched null", "")
    _legend_above(figure, left)
    return figure


def _shares(ax: Axes, rows: pd.DataFrame) -> None:
    """Bars of `observed` with their intervals, marks for `random` and `null`."""
    y = rows.index
    below, above = (
        rows["observed"] - rows["observed_low"],
        rows["observed_high"] - rows["observed"],
    )
    ax.barh(y, rows["observed"], color=SKY, height=0.6, label="observed, 95 % interval")
    ax.errorbar(rows["observed"], y, xerr=[below, above], fmt="none", ecolor="black", lw=1)
    ax.plot(rows["random"], y, "|", color=RED, ms=14, mew=2, label="random regulators")
    ax.plot(rows["null"], y, "D", color="black", ms=5, label="matched null")
    ax.set_yticks(y, rows["name"])


def _legend_above(figure: Figure, ax: Axes) -> None:
    handles, names = ax.get_legend_handles_labels()
    figure.legend(handles, names, ncols=3, frameon=False, fontsize=8, loc="outside upper center")


def tracks(
    rows: Mapping[str, pd.DataFrame],
    span: tuple[int, int],
    tss: Mapping[str, tuple[int, str]],
    exons: pd.DataFrame | None = None,
) -> Figure:
    """Intervals (start, end) along one chromosome, one row per name; genes as start and strand.

    `exons` (gene, start, end), where known, are drawn with a line through each gene. Intervals
    shorter than 0.3 % of the span are drawn that wide, or they could not be seen.
    """
    start, end = span
    figure, ax = canvas(width=9, height=1.2 + 0.34 * (len(rows) + 1))
    for i, (name, (place, strand)) in enumerate(tss.items()):
        ahead = (end - start) * (0.04 if strand == "+" else -0.04)
        ax.annotate("", (place + ahead, 0), (place, 0), arrowprops={"arrowstyle": "->"})
        ax.plot([place, place], [-0.3, 0.3], color="black", lw=1)
        ax.text(place, -0.35 - 0.3 * (i % 2), name, fontsize=7, ha="center", va="bottom")
    for _, part in exons.groupby("gene") if exons is not None else ():
        ax.plot([part["start"].min(), part["end"].max()], [0, 0], color="black", lw=0.8)
        _bars(ax, part, 0, "black", span)
    for y, table in enumerate(rows.values(), start=1):
        _bars(ax, table, y, LINES[(y - 1) % len(LINES)], span)
        if table.empty:
            middle = (start + end) / 2
            ax.text(middle, y, "none", fontsize=8, color=GREY, ha="center", va="center")
    ax.set_yticks(range(len(rows) + 1), ["genes", *rows])
    ax.set_ylim(len(rows) + 0.6, -0.9)
    ax.set_xlim(start, end)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / 1000:,.0f}"))
    label(ax, "position, kb", "")
    return figure


def made_tracks(
    windows: pd.DataFrame,
    peaks: pd.DataFrame,
    planted: Sequence[int],
    hits: pd.DataFrame,
    length: int,
) -> Figure:
    """Windows, elements, planted sites of 12 bases and hits on a chromosome of this length.

    `windows` (start, end, gene, tss) has one row per gene; `hits` are on the chromosome.
    """
    rows = {f"window of {gene}": part for gene, part in windows.groupby("gene")}
    sites = pd.Series(planted)
    rows |= {
        "elements": peaks,
        "planted sites": pd.DataFrame({"start": sites, "end": sites + 12}),
        "hits": hits,
    }
    tss = {row.gene: (row.tss, "+") for row in windows.itertuples()}
    return tracks(rows, (0, length), tss)


def _bars(ax: Axes, table: pd.DataFrame, y: float, colour: str, span: tuple[int, int]) -> None:
    width = np.maximum(table["end"] - table["start"], 0.003 * (span[1] - span[0]))
    middle = (table["start"] + table["end"]) / 2
    ax.broken_barh(list(zip(middle - width / 2, width, strict=True)), (y - 0.3, 0.6), color=colour)
