"""Figures of the cortex chapter: expression by type, support beside its null, genome tracks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from ..figure_style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, canvas, label
from .epigenome import Bool

SMALL = {"fontsize": 8}
LINES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY)


def medians(table: pd.DataFrame) -> Figure:
    """Median CPM as log10(1 + x), genes x types, the number in each cell (Fig. 4d's kind)."""
    figure, ax = canvas(width=6.5, height=0.9 + 0.32 * len(table))
    logs = np.log10(1 + table)
    sns.heatmap(logs, annot=table, fmt=".0f", cmap="cividis", ax=ax, annot_kws=SMALL)
    ax.tick_params(axis="y", rotation=0)
    label(ax, "", "", "median CPM; colour: log10(1 + CPM)")
    return figure


def support_bars(table: pd.DataFrame) -> Figure:
    """One row per network (`name` and the fields of `null_model.Support`).

    Left: the share of regulators with a motif as a bar with its interval, with a line where random
    regulators and a diamond where the matched null are. Right: observed minus matched null. All
    intervals are 95 %.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    figure, (left, right) = canvas(
        1, 2, width=9.5, height=0.9 + 0.32 * len(rows), sharey=True, width_ratios=[3, 2]
    )
    _shares(left, rows)
    label(left, "share of regulators with a motif at the gene", "")
    below, above = rows["effect"] - rows["low"], rows["high"] - rows["effect"]
    right.errorbar(rows["effect"], rows.index, xerr=[below, above], fmt="o", color=BLUE, ms=4)
    right.axvline(0, color="black", lw=0.8)
    label(right, "observed minus matched null", "")
    _legend_above(figure, left)
    return figure


def support_by_type(table: pd.DataFrame) -> Figure:
    """One panel per `type`, with bars as on the left of `support_bars`: the paper's Fig. 4a."""
    types = list(table["type"].unique())
    n_columns = min(3, len(types))
    n_rows = -(-len(types) // n_columns)
    height = 0.5 + n_rows * (0.8 + 0.28 * table["name"].nunique())
    figure, axes = canvas(
        n_rows, n_columns, width=9.5, height=height, sharex=True, sharey=True, squeeze=False
    )
    for ax, kind in zip(axes.flat, types, strict=False):
        rows = table[table["type"] == kind].iloc[::-1].reset_index(drop=True)
        _shares(ax, rows)
        label(ax, "", "", f"{kind} ({rows['n_genes'].iloc[0]} targets)")
    for ax in axes[-1]:
        label(ax, "share with a motif", "", ax.get_title(loc="left"))
    for ax in axes.flat[len(types) :]:
        ax.set_visible(False)
    _legend_above(figure, axes[0, 0])
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


def over_k(table: pd.DataFrame) -> Figure:
    """Left: observed share (line) and matched null (dashed) over `k`; right: the effect with its
    95 % interval, methods side by side. One colour per `name`."""
    figure, axes = canvas(1, 2, width=9.5, height=4.0)
    left, right = axes
    names, steps = list(table["name"].unique()), sorted(table["k"].unique())
    for i, (colour, name) in enumerate(zip(LINES, names, strict=False)):
        rows = table[table["name"] == name]
        place = rows["k"].map(steps.index)
        left.plot(place, rows["observed"], "o-", ms=3, color=colour, label=name)
        left.plot(place, rows["null"], "--", lw=1, color=colour)
        below, above = rows["effect"] - rows["low"], rows["high"] - rows["effect"]
        beside = place + 0.12 * (i - (len(names) - 1) / 2)
        right.errorbar(beside, rows["effect"], yerr=[below, above], fmt="o", ms=3, color=colour)
    right.axhline(0, color="black", lw=0.8)
    for ax in axes:
        ax.set_xticks(range(len(steps)), steps)
    left.set_yscale("log")
    for formatter in (left.yaxis.set_major_formatter, left.yaxis.set_minor_formatter):
        formatter(FuncFormatter(lambda y, _: f"{y:.2g}"))
    label(left, "regulators kept for each gene", "share with a motif (dashed: null)")
    label(right, "regulators kept for each gene", "observed minus matched null")
    _legend_above(figure, left)
    return figure


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


def network_summary(networks: Mapping[str, Bool], shared: pd.DataFrame) -> Figure:
    """Out-degrees of the TFs, ranked, one line per network; shared edges of each two networks."""
    figure, (left, right) = canvas(1, 2, width=9, height=3.4)
    for colour, (name, edges) in zip(LINES, networks.items(), strict=False):
        degree: NDArray[np.intp] = np.sort(edges.sum(axis=0))[::-1]
        left.plot(np.arange(1, len(degree) + 1), degree, color=colour, label=name)
    left.set_yscale("symlog", linthresh=1)
    left.legend(frameon=False, fontsize=8)
    label(left, "TFs, by number of targets", "targets")
    sns.heatmap(
        shared, annot=True, fmt=".2f", cmap="cividis", vmin=0, vmax=1, ax=right, annot_kws=SMALL
    )
    right.set_xticklabels(right.get_xticklabels(), rotation=30, ha="right")
    right.tick_params(axis="y", rotation=0)
    label(right, "", "", "edges in common / all edges of the two")
    return figure


def recorded_z(table: pd.DataFrame) -> Figure:
    """z of single trainings (dots) and of ensembles (diamonds): `row`, `z`, `ensemble`, `kind`."""
    kinds = list(table["kind"].unique())
    names = list(table["row"].unique())[::-1]
    figure, axes = canvas(
        1, len(kinds), width=9.5, height=1.0 + 0.25 * len(names), sharey=True, squeeze=False
    )
    for ax, kind in zip(axes[0], kinds, strict=True):
        part = table[table["kind"] == kind]
        y = part["row"].map(names.index)
        single, whole = ~part["ensemble"], part["ensemble"]
        ax.plot(
            part.loc[single, "z"], y[single], "o", color=GREY, ms=4, alpha=0.6, label="one training"
        )
        ax.plot(part.loc[whole, "z"], y[whole], "D", color=BLUE, ms=6, label="ensemble, or no seed")
        ax.axvspan(-3, 3, color=SKY, alpha=0.15, lw=0)
        ax.axvline(0, color="black", lw=0.8)
        ax.set_yticks(range(len(names)), names)
        label(ax, "z against the matched null", "", kind)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=2, frameon=False, fontsize=8, loc="outside upper center")
    return figure
