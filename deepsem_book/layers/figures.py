"""Figures of chapter 3: what the layers of DeepSEM compute."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..figure_style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    canvas,
    heat,
    label,
    legend_below,
)


def standardisations(raw: np.ndarray, ways: dict[str, np.ndarray]) -> Figure:
    """One gene before and after standardisation, its zero entries set apart: (cells,) each."""
    figure, axes = canvas(1, 1 + len(ways), width=9, height=2.6)
    for ax, (title, values) in zip(axes, {"log expression": raw, **ways}.items(), strict=True):
        parts, names = [values[raw != 0], values[raw == 0]], ["other cells", "cells with zero"]
        ax.hist(parts, bins=30, stacked=True, color=[BLUE, ORANGE], label=names)
        label(
            ax,
            "log expression" if values is raw else "x, standardised",
            "cells" if values is raw else "",
            title,
        )
    axes[0].legend(frameon=False, fontsize=8)
    return figure


def gene_curves(curves: pd.DataFrame) -> Figure:
    """Gene-wise MLPs as curves: rows of panels `bias`, columns `part`, dashed before training.

    `curves` has one row per point: bias, part, seed, state ("before", "after"), x, y.
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
    legend_below(figure, axes[0, 0], 4)
    return figure


def path_sums(errors: pd.DataFrame) -> Figure:
    """Distance of the sum of paths from the inverse, by longest path; one line per column."""
    figure, ax = canvas(width=6)
    for name, colour, marker in zip(errors, [BLUE, ORANGE, RED], "osD", strict=False):
        ax.semilogy(errors.index, errors[name], marker + "-", ms=4, color=colour, label=name)
    ax.legend(frameon=False, fontsize=8)
    label(ax, "longest path in the sum", "largest error of the sum")
    return figure


def distributions(
    panels: dict[str, dict[str, np.ndarray]], axis: list[str], lines: list[float] | None = None
) -> Figure:
    """Overlaid histograms, one panel per title; `lines` marks one value in each panel."""
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


def against_each_other(panels: dict[str, tuple[np.ndarray, np.ndarray]], x: str, y: str) -> Figure:
    """Scatter plots with the line of equality, one panel per title: (values on x, values on y)."""
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
    """Size of the gradient of W by term of the loss (rows) and what it moves (columns).

    What is ten thousand times smaller than the largest is written, not drawn.
    """
    figure, ax = canvas(width=7.4, height=3.0)
    height, floor = 0.8 / parts.shape[1], parts.to_numpy().max() * 1e-4
    for i, (moved, colour) in enumerate(zip(parts, [SKY, BLUE], strict=False)):
        at = np.arange(len(parts)) + (i - (parts.shape[1] - 1) / 2) * height
        ax.barh(at, parts[moved].clip(lower=floor), height, left=0, color=colour, label=moved)
        for y, value in zip(at, parts[moved], strict=True):
            note = "" if value > floor else ": rounding" if value else ": exactly 0"
            ax.text(max(value, floor), y, f" {value:.1e}{note}", va="center", fontsize=9)
    ax.set_xscale("log")
    ax.set_xlim(floor, parts.to_numpy().max() * 10)
    ax.set_yticks(range(len(parts)), parts.index)
    ax.invert_yaxis()
    legend_below(figure, ax, 2, fontsize=9)
    label(ax, "root mean square of the gradient over the entries of W", "")
    return figure


def masks(raw: np.ndarray) -> Figure:
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
