"""The figure of the last chapter: every claim with a number on one axis."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREY, ORANGE, canvas, label

REACH = 3.0  # how far the axis goes at most, in units of the published effect


def share_of_published(table: pd.DataFrame) -> Figure:
    """Intervals of `claims.scorecard()`, scaled so that 0 is no effect and 1 the published one.

    Claims without a number, of no effect, not measured or not comparable are left out. An interval
    that leaves the axis ends in an arrow.
    """
    gap = table["published"] - table["nothing"]
    measured = np.isfinite(table["low"]) & table["comparable"]
    shown = table[np.isfinite(gap) & (gap != 0) & measured]
    gap = gap[shown.index]
    scaled = {end: (shown[end] - shown["nothing"]) / gap for end in ("measured", "low", "high")}
    figure, ax = canvas(1, 1, 7.0, 1.2 + 0.42 * len(shown))
    start = max(-REACH, min(-0.2, scaled["low"].min(), scaled["high"].min()) - 0.1)
    for y, row in enumerate(shown.index):
        ends = sorted((scaled["low"][row], scaled["high"][row]))
        left, right = np.clip(ends, start, REACH)
        undecided = ends[0] <= 0 <= ends[1]
        colour = GREY if undecided else BLUE if scaled["measured"][row] > 0 else ORANGE
        ax.plot([left, right], [y, y], color=colour, lw=2.5)
        ax.plot(np.clip(scaled["measured"][row], start, REACH), y, "o", color=colour, ms=6)
        for gone, marker, edge in (
            (ends[0] < start, "<", start),
            (ends[1] > REACH, ">", REACH),
        ):
            if gone:
                ax.plot(edge, y, marker, color=colour, ms=7, clip_on=False)
    for x, name in ((0, "nothing\nto it"), (1, "as the\npaper says")):
        ax.axvline(x, color="black", lw=1, ls=":" if x else "-")
        ax.text(x, -0.9, name, ha="center", va="bottom", fontsize=9)
    claims = shown["claim"].str.removesuffix(", %")
    claims = claims.str.replace(r"(%|\(\d+) ", "\\1\N{NO-BREAK SPACE}", regex=True)
    names = [fill(claim, 34) for claim in claims]
    ax.set_yticks(range(len(shown)), names, fontsize=10, linespacing=0.95)
    ax.set_ylim(len(shown) - 0.4, -0.7)
    ax.set_xlim(start, REACH)
    label(ax, "measured here, in units of the published effect", "")
    return figure
