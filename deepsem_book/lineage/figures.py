"""Figures of the chapter on the methods before and after DeepSEM."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from ..figure_style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, canvas, label, legend_below

STYLES = {
    "Pearson": ("s", ORANGE), "Pearson-APC": ("P", GREY), "linear SEM": ("D", GREEN),
    "NOTEARS": ("^", PURPLE), "DAG-GNN": ("v", SKY), "DeepSEM": ("o", BLUE), "DAZZLE": ("P", RED),
    "RegDiffusion": ("X", "black"),
}  # fmt: skip


def accuracy_and_time(table: pd.DataFrame, chance: float) -> Figure:
    """AUPRC of each network and method, and against the seconds it took.

    `table` has method (a key of STYLES), network, auprc and seconds; `chance` is the level of a
    random ranking. ValueError for an unknown method.
    """
    if unknown := set(table["method"]) - set(STYLES):
        raise ValueError(f"unknown method(s) {sorted(unknown)}: known are {sorted(STYLES)}")
    methods = [method for method in STYLES if method in set(table["method"])]
    figure, (left, right) = canvas(1, 2, width=9, height=4.2, sharey=True)
    for x, method in enumerate(methods):
        marker, colour = STYLES[method]
        rows = table[table["method"] == method]
        left.plot(x + np.linspace(-0.15, 0.15, len(rows)), rows["auprc"], ".", color=colour, ms=7)
        left.hlines(rows["auprc"].mean(), x - 0.3, x + 0.3, color=colour, lw=2.5)
        at = (rows["seconds"].median(), rows["auprc"].mean())
        right.errorbar(*at, yerr=rows["auprc"].std(), fmt=marker, color=colour, ms=8, label=method)
    left.axhline(chance, color=GREY, ls="--", lw=1)
    left.set_xticks(range(len(methods)), methods, rotation=35, ha="right", fontsize=9)
    left.set_ylim(0, 1)
    right.axhline(chance, color=GREY, ls="--", lw=1)
    right.set_xscale("log")
    legend_below(figure, right, 4, 9)
    label(left, "", "AUPRC", "each dot is one network")
    label(right, "CPU seconds per network", "", "mean ± sd over networks")
    return figure


def weights_by_sign(panels: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Fitted weights of true activations, repressions and non-edges: (true W, fitted W) per panel.

    The true W may be limited to some regulators (targets x regulators), the fitted W alike.
    """
    figure, axes = canvas(1, len(panels), width=9, height=3.2, sharey=True, squeeze=False)
    colours = {"repression": RED, "no edge": GREY, "activation": BLUE}
    for ax, (title, (true, fitted)) in zip(axes[0], panels.items(), strict=True):
        kind = np.array(list(colours))[1 + np.sign(true).astype(int).ravel()]
        table = pd.DataFrame({"kind": kind, "weight": (fitted / np.abs(fitted).max()).ravel()})
        sns.stripplot(
            table, x="kind", y="weight", hue="kind", order=list(colours), palette=colours,
            jitter=0.25, size=3, alpha=0.5, linewidth=0, legend=False, ax=ax,
        )  # fmt: skip
        ax.axhline(0, color="black", lw=0.8)
        label(ax, "true effect", "weight / largest" if ax is axes[0, 0] else "", title)
    return figure
