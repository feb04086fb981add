"""Sentences of chapter 4 with computed numbers, as Markdown."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deepsem_minimal.config import Config
from deepsem_minimal.train import Member


def members(members: Sequence[Member], shape: tuple[int, int], config: Config) -> str:
    """What was trained; `shape`: cells, genes."""
    return (
        f"{len(members)} members on {shape[0]} cells and {shape[1]} genes, {config.n_epochs} "
        f"epochs each (the preset has {Config.nonspecific().n_epochs}), α = {config.alpha:.3g}, "
        f"{np.mean([m.seconds for m in members]):.0f} s a member."
    )


def moved(moves: pd.DataFrame, slopes: Sequence[float]) -> str:
    """How far weights and curve moved; `slopes`: `mean_slope` at the start and at the end."""
    mlps, W = moves[["f₂", "f₁"]].to_numpy(), moves["W"]
    return (
        f"The weights of f₁ and f₂ move by {mlps.min():.1f} to {mlps.max():.1f} %; W moves by "
        f"{W.min():.0f} to {W.max():.0f} % of where it started. It is tempting to read this as "
        '"the MLPs stay as they were drawn". They do not: the mean slope of f₁(f₂(x)) over the '
        f"range −3 to 3 goes from {round(slopes[0], 2) + 0.0:.2f} to {slopes[1]:.2f}. With 128 "
        "hidden units, many small changes in a common direction add up to a large change of the "
        "function."
    )


def decay(moves: pd.DataFrame, n_epochs: int, same_rank: float) -> str:
    """With and without decay; `same_rank`: rank correlation of |W| between the two."""
    return (
        f"Without decay f₂ moves by {moves.loc['never', 'f₂']:.1f} % instead of "
        f"{moves.iloc[0]['f₂']:.1f} % in {n_epochs} epochs. The rank correlation of |W| between "
        f"the two schedules is {same_rank:.2f} for the same seed. Hold this against the agreement "
        "between seeds below."
    )


def wall(config: Config, n_genes: int, start: float, spike: pd.Series) -> str:
    """Start and first step beside the singular point; `spike`: gradient of W by row sum."""
    step = 10 * config.lr_W
    jump = step * (n_genes - 1)
    compared = "more" if jump > start - 1 else "less"
    return (
        f"The start is at a row sum of {start:.3f}, {start - 1:.3f} away from singular. The first "
        f"RMSprop step moves every weight by 10 η = {step:.0e}; if they all go the same way, the "
        f"row sum moves by {jump:.3f}. That is {compared} than the distance to the singular point. "
        "So the first steps, which depend on the curves that the seed drew, can carry W across it. "
        "Afterwards the singular point is a wall: near it the noise is amplified without bound, "
        "the gradient explodes, and no small step gets through.\n\n"
        "A member that steps *onto* the wall meets a huge gradient: at a distance of 0.001 it is "
        f"{spike.max() / spike[start]:.0f} times as large as at the start. RMSprop keeps its "
        "square in the running mean, and the steps on W stay small for the rest of the training: "
        "the member is **stuck**."
    )


def sides(table: pd.DataFrame, ends: pd.Series) -> str:
    """Which members end where, and what the head of log σ² has to do with it (authors' start)."""

    def listed(end: str) -> str:
        return ", ".join(row.split()[-1] for row in ends[ends == end].index) or "none"

    free = table[ends != "stuck"]
    heads, above = free["log σ² head"], free["row sum"] > 1
    opposite = np.sign(heads) == np.where(above, 1, -1)
    return (
        f"Of the {len(table)} members with the authors' start, **above** the singular point: seeds "
        f"{listed('above')}; **below**: {listed('below')}; **stuck** next to it, with a final row "
        f"sum between 0.5 and 1.1: {listed('stuck')}.{scores_of_stuck(table, ends)}\n\n"
        "The two sides are two ways to the same noise level. By ledger 2, log σ² is about the "
        "level of the head times (1 − row sum). To get σ² below 1, the head has to be negative "
        "where the row sum is below 1, and positive where it is above. This is what "
        f"{opposite.sum()} of the {len(opposite)} members that are not stuck did. A product of "
        "powers of variances, harmless at first sight, thus couples the noise to the sum of the "
        "weights of W."
    )


def scores_of_stuck(table: pd.DataFrame, ends: pd.Series) -> str:
    """The scores of stuck members beside those of the others."""
    if not (ends == "stuck").any():
        return ""
    parts = []
    for column in [column for column in table if column.startswith("AUPRC")]:
        low = ", ".join(f"{value:.2f}" for value in table[column][ends == "stuck"])
        free = table[column][ends != "stuck"]
        parts.append(
            f"{column}: {low} for the stuck, {free.min():.2f} to {free.max():.2f} for the others"
        )
    return f" Compare the scores. {'; '.join(parts)}."


def few_genes(
    means: Mapping[str, pd.Series], pearson: float, n_steps: int, untrained: float,
    configs: Mapping[str, Config],
) -> str:  # fmt: skip
    """100 genes: the starts "authors", "safe" and "safe, larger lr_W", and correlation.

    `means`: AUPRC ratio and largest |W| by setting; `untrained`: largest |W| of the safe start.
    """
    authors, safe, larger = means.values()
    slow, fast = configs["safe"], configs["safe, larger lr_W"]
    ahead = "ahead of" if pearson > safe["AUPRC ratio"] else "not ahead of"
    above = "above" if larger["AUPRC ratio"] > pearson else "not above"
    return (
        "An MSE of 1 is that of a model that always answers with the mean. AUPRC ratio, mean of "
        f"three seeds: {authors['AUPRC ratio']:.2f} from the authors' start, "
        f"{safe['AUPRC ratio']:.2f} from the safe one; 1 is chance. With a few hundred genes or "
        'fewer, start with `W_init="safe"`.\n\n'
        f"Correlation ({pearson:.2f}) is {ahead} the safe start at the preset's `lr_W` = "
        f"{slow.lr_W:g}. At this rate W hardly leaves its start: so few cells make {n_steps} steps "
        f"on W in {slow.n_epochs} epochs, and the largest |W| goes from {untrained:.3f} to "
        f"{safe['largest |W|']:.3f}. With the rate of chapter 2, {fast.lr_W:g}, and all else "
        f"equal, it reaches {larger['largest |W|']:.3f}, and the AUPRC ratio "
        f"**{larger['AUPRC ratio']:.2f}**, {above} correlation. With few genes and few cells a "
        "larger `lr_W` is worth a try."
    )


def in_common(common: pd.Series, k: int, chance: float) -> str:
    """Share of common top edges over pairs of members, beside chance."""
    return (
        f"Two members share {common.min():.0%} to {common.max():.0%} of their best {k} edges; two "
        f"random rankings would share {chance:.1%}. What one member has and another has not is the "
        "seed's. An edge list from one seed should not be read edge by edge."
    )


def how_many(summary: pd.DataFrame, n_epochs: int) -> str:
    """AUPRC ratio from one member to all, with the authors' start.

    `summary`: (score, mean or std) by network, start, members.
    """
    parts = []
    for kind in summary.index.unique("network"):
        rows = summary.loc[(kind, "authors")]["AUPRC ratio"]
        mean, whole = rows["mean"], rows["mean"].iloc[-1]
        enough = int(rows.index[(mean >= 0.98 * whole).to_numpy().argmax()])
        parts.append(
            f"**{kind}**: from {mean.iloc[0]:.2f} ± {rows['std'].iloc[0]:.2f} for one member to "
            f"{whole:.2f} for {len(rows)}; {enough} member{'s' if enough > 1 else ''} reach 98 % "
            "of that on average"
        )
    return (
        "AUPRC ratio with the authors' start (mean ± standard deviation over subsets): "
        f"{'; '.join(parts)}. These numbers come from {len(rows)} seeds of one data set, trained "
        f"for {n_epochs} epochs: an example, not a rule."
    )


def safe_or_mixed(summary: pd.DataFrame) -> str:
    """Ensembles of two with either start (`summary` as in `how_many`)."""
    two = summary["AUPRC ratio"]["mean"].xs(2, level="members")
    kinds = list(summary.index.unique("network"))
    lines = [
        f"{kind}: {two[kind, 'authors']:.2f} with the authors' start, {two[kind, 'safe']:.2f} with "
        "the safe start"
        for kind in kinds
    ]
    mixed = [kind for kind in kinds if two[kind, "authors"] > two[kind, "safe"]]
    profit = (
        f" On {' and '.join(mixed)} the mixture does better; that members from different sides "
        "make different errors is one possible reason."
    )
    return (
        "The safe start keeps all members on one side, so they scatter less. Whether their "
        "ensemble is also better depends on the network. AUPRC ratio of ensembles of two: "
        f"{'; '.join(lines)}.{profit if mixed else ''}"
    )
