"""Figures of the chapter on removed regulators."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..benchmark_table import shown_name
from ..figure_style import BLUE, GREY, ORANGE, RED, canvas, label, legend_below
from .effects import Screen
from .recorded import CONTROL, NAMES


def colour(method: str) -> str:
    return BLUE if method.startswith("DeepSEM") else ORANGE if method == CONTROL else GREY


def by_method(tables: dict[str, pd.DataFrame], data: str) -> Figure:
    """AUROC above both nulls on a screen, mean over removals with interval; a panel per table."""
    first = next(iter(tables.values())).loc[data].sort_values("excess")
    figure, axes = canvas(1, len(tables), width=7.6, height=0.26 * len(first) + 1.0, sharey=True)
    for ax, (title, table) in zip(np.atleast_1d(axes), tables.items(), strict=True):
        rows = table.loc[data].reindex(first.index).dropna(subset=["excess"])
        for method, row in rows.iterrows():
            half = [[row["excess"] - row["low"]], [row["high"] - row["excess"]]]
            y = list(first.index).index(method)
            ax.errorbar(row["excess"], y, xerr=half, fmt="o", ms=5, color=colour(str(method)))
        ax.axvline(0, color="black", lw=1)
        ax.set_xlim(-0.4, 0.45)
        label(ax, "AUROC above both nulls", "", f"{title} ({rows['removals'].max():.0f} removals)")
    np.atleast_1d(axes)[0].set_yticks(
        range(len(first)), [shown_name(str(name)) for name in first.index]
    )
    return figure


def effects(screen: Screen) -> Figure:
    """For each removed gene: changes of all others, those that moved in colour."""
    order = np.argsort(screen.moved.sum(axis=0))
    figure, ax = canvas(width=6.4, height=0.3 * len(order) + 1.1)
    rng = np.random.default_rng(0)
    for y, k in enumerate(order):
        for chosen, dye, name in (
            (screen.judged & ~screen.moved, GREY, "did not move"),
            (screen.moved, RED, "moved"),
        ):
            x = screen.change[chosen[:, k], k]
            aside = y + rng.uniform(-0.22, 0.22, len(x))
            ax.plot(x, aside, "o", ms=2.5, mew=0, color=dye, label=name if y == 0 else None)
        ax.plot(screen.own[k], y, "|", ms=11, mew=2, color="black", label=None if y else "itself")
    ax.axvline(0, color="black", lw=0.8)
    ax.set_yticks(range(len(order)), [screen.removed[k] for k in order])
    label(ax, "change of mean log expression", "removed gene", NAMES.get(screen.name, screen.name))
    legend_below(figure, ax, 3)
    return figure


def networks(table: pd.DataFrame) -> Figure:
    """Within-regulator AUROC on each network of knock-outs; a dot per method."""
    names = list(table.columns)
    figure, ax = canvas(width=6.4, height=0.42 * len(names) + 1.4)
    named: set[str] = set()
    marks = {"gene's zeros": ("s", RED), "gene's mean |r|": ("D", RED)}
    for method, row in table.iterrows():
        mark, dye = marks.get(str(method), ("o", colour(str(method))))
        plain = dye == GREY
        name = "other methods" if plain else str(method)
        name = f"_{name}" if name in named else name  # matplotlib's legend leaves it out
        named.add(name)
        ax.plot(row, range(len(names)), mark, ms=5, color=dye, alpha=0.6 if plain else 1.0,
                label=name)  # fmt: skip
    ax.axvline(0.5, color="black", lw=1)
    ax.set_yticks(range(len(names)), names)
    label(ax, "AUROC within a regulator, mean over regulators", "")
    legend_below(figure, ax, 3)
    return figure
