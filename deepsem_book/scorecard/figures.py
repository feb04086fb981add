"""The figures of the last chapter: what the claims say, and every claim on one axis."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREY, ORANGE, RED, SKY, canvas, label, legend_below

REACH = 3.0  # how far the axis of published effects goes at most, in their units
FAR = 6.0  # and that of directions, in half widths of an interval
COLOURS = {
    "borne out": BLUE,
    "not contradicted": "#A8D3F0",
    "weaker": SKY,
    "undecided": "#C8C8C8",
    "not borne out": RED,
    "not tested": "white",
}


def counts(by: pd.DataFrame) -> Figure:
    """A bar for each row of `board.counts`, its parts the verdicts, with their numbers."""
    figure, ax = canvas(1, 1, 5.2, 1.2 + 0.36 * len(by))
    left = np.zeros(len(by))
    for name, values in by.items():
        bars = ax.barh(by.index, values, left=left, color=COLOURS[str(name)], label=name,
                       edgecolor=GREY, linewidth=0.8)  # fmt: skip
        dark = "white" if name in ("borne out", "not borne out") else "black"
        ax.bar_label(bars, [n or "" for n in values], label_type="center", color=dark, fontsize=10)
        left += values.to_numpy()
    ax.invert_yaxis()
    ax.set_xlim(0, left.max())
    label(ax, "claims", "")
    legend_below(figure, ax, 3, 9)
    return figure


def all_claims(table: pd.DataFrame) -> Figure:
    """Every claim of the paper with an interval: above those with a number, below directions.

    Above, 0 is no effect and 1 the published one; below, the unit is half of the claim's own
    interval, so that beyond 1 the interval leaves no effect out. Ordered by value.
    """
    gap = table["published"] - table["nothing"]
    usable = np.isfinite(table["low"]) & (table["high"] > table["low"]) & (table["barred"] == "")
    with_number = usable & np.isfinite(gap) & (gap != 0)
    numbers = scaled(table[with_number], gap[with_number])
    directed = usable & np.isinf(gap)
    half = (table["high"] - table["low"])[directed] / 2
    directions = scaled(table[directed], half * np.sign(gap[directed]))
    sizes = [len(numbers) + 1.5, len(directions) + 1.5]
    figure, (above, below) = canvas(2, 1, 7.0, 0.42 * sum(sizes), height_ratios=sizes)
    forest(above, numbers, REACH)
    forest(below, directions, FAR)
    for ax, x, name in ((above, 1, "as the\npaper says"), (above, 0, "nothing\nto it"),
                        (below, 0, "nothing\nto it")):  # fmt: skip
        ax.axvline(x, color="black", lw=1, ls=":" if x else "-", zorder=0)
        ax.text(x, -0.8, name, ha="center", va="bottom", fontsize=9)
    label(above, "here, in units of the published effect", "")
    label(below, "here, in halves of the claim's own interval", "")
    return figure


def scaled(rows: pd.DataFrame, unit: pd.Series) -> pd.DataFrame:
    """claim, part, and measured, low and high less `nothing` in a unit; largest first."""
    ends = {end: (rows[end] - rows["nothing"]) / unit for end in ("measured", "low", "high")}
    return rows[["claim", "part"]].assign(**ends).sort_values("measured", ascending=False)


def forest(ax: Axes, rows: pd.DataFrame, reach: float) -> None:
    """Dots with intervals, one per row; one that leaves the axis ends in an arrow."""
    ends = np.sort(rows[["low", "high"]].to_numpy(), axis=1)
    start = max(-reach, min(-0.2, float(ends.min()) - 0.1))
    for y, ((low, high), measured) in enumerate(zip(ends, rows["measured"])):
        colour = GREY if low <= 0 <= high else BLUE if measured > 0 else ORANGE
        ax.plot(np.clip([low, high], start, reach), [y, y], color=colour, lw=2.5)
        ax.plot(np.clip(measured, start, reach), y, "o", color=colour, ms=6)
        for edge, gone, marker in ((start, low < start, "<"), (reach, high > reach, ">")):
            ax.plot(edge, y, marker if gone else "", color=colour, clip_on=False)
    claims = rows["claim"].str.removesuffix(", %")
    names = [
        fill(f"{part}: {claim}", 46, break_on_hyphens=False)
        for part, claim in zip(rows["part"], claims)
    ]
    ax.set_yticks(range(len(rows)), names, fontsize=9, linespacing=0.95)
    ax.set_ylim(len(rows) - 0.4, -0.7)
    ax.set_xlim(start, reach)
