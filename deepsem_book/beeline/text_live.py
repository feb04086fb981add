"""The sentences of chapter 5 on what it trains itself; each function returns Markdown."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..baselines import CONTROL
from .live import HEAD

COMPARED = ["DeepSEM", CONTROL, "Pearson-detection", "Pearson", "TF-degree"]


def of_scores(live: pd.DataFrame, preset_of: Mapping[str, str]) -> str:
    """The ensemble beside its controls, one line per network; `live`: `live.scored`."""
    median = live.groupby(["network", "method"])["epr"].median().unstack()
    single = live[live["method"] == "DeepSEM*"].groupby("network")["epr"].agg(["min", "max"])
    chance = live[live["method"] == "random"].groupby("network")["epr"].max()
    ceiling = live.groupby("network")["max_epr"].first()
    return "\n".join(
        of_network(kind, preset, median.loc[kind], single.loc[kind], chance[kind], ceiling[kind])
        for kind, preset in preset_of.items()
    )


def of_network(
    kind: str, preset: str, epr: pd.Series, single: pd.Series, chance: float, ceiling: float
) -> str:
    ours, control, oracle = epr["DeepSEM"], epr[CONTROL], epr["TF-degree"]
    floor = {
        f"Pearson ({epr['Pearson']:.2f})": epr["Pearson"],
        f"the best of the random rankings ({chance:.2f})": chance,
    }
    over = [name for name, value in floor.items() if ours > value]
    under = [name for name in floor if name not in over]
    best = (
        f"above both {' and '.join(over)}"
        if not under
        else f"above neither {' nor '.join(under)}"
        if not over
        else f"above {over[0]} but not above {under[0]}"
    )
    within = single["min"] <= control <= single["max"]
    return (
        f"- **{kind}** ({preset} preset): the ensemble has EPR {ours:.2f}, single seeds "
        f"{single['min']:.2f} to {single['max']:.2f}. It is {best}, "
        f"{'above' if ours > control else 'not above'} {CONTROL} ({control:.2f}"
        f"{', which lies within the range of single seeds' if within else ''}), and "
        f"{'below' if ours < oracle else 'not below'} the degree oracle ({oracle:.2f}); the "
        "ceiling "
        f"is {ceiling:.1f}."
    )


def sd_of_count(hits: float) -> float:
    """Standard deviation of a count among the first HEAD edges (binomial)."""
    return float(np.sqrt(hits * (1 - hits / HEAD)))


def apart(ours: float, theirs: float) -> str:
    """A verdict on two counts, only where they are two sd of their difference apart."""
    if abs(ours - theirs) <= 2 * np.hypot(sd_of_count(ours), sd_of_count(theirs)):
        return "cannot be told"
    return "yes" if ours > theirs else "no, it is worse"


def of_head(kind: str, hits: pd.Series, seeds: pd.Series, density: float) -> str:
    """The head of DeepSEM's list beside that of the control, in true edges."""
    ours, theirs = hits["DeepSEM"], hits[CONTROL]
    by_chance = HEAD * density
    return (
        f"**{kind}**: {apart(ours, theirs)} ({ours:.0f} against {theirs:.0f} true edges of {HEAD}, "
        f"{by_chance:.1f} ± {sd_of_count(by_chance):.1f} by chance; single seeds {seeds.min():.0f} "
        "to "
        f"{seeds.max():.0f})"
    )


def of_heads(
    heads: pd.DataFrame, of_seeds: pd.DataFrame, live: pd.DataFrame, densities: Mapping[str, float]
) -> str:
    """The first HEAD edges in units of chance; `heads`, `of_seeds`: `live.heads`."""
    ratio = heads["ratio"].unstack()
    median = live.groupby(["network", "method"])["epr"].median().unstack()
    values = "; ".join(
        f"**{kind}** "
        + ", ".join(
            f"{method} {ratio.loc[kind, method]:.1f} ({median.loc[kind, method]:.1f})"
            for method in COMPARED
        )
        for kind in densities
    )
    answers = ". ".join(
        of_head(kind, heads["hits"][kind], of_seeds.loc[kind, "hits"], density)
        for kind, density in densities.items()
    )
    return (
        f"The first {HEAD} edges in units of chance (at k): {values}"
        f". Is the head of DeepSEM's list better than that of {CONTROL}? "
        f"{answers}"
        ". An answer is given where the two counts are more than two standard deviations of their "
        "difference apart, as if the lists shared no edge. A reader who wants a short list of "
        "edges to "
        "test in the laboratory cares about the first numbers; EPR reports the ones at k."
    )


def of_presets(epr: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """Which preset has the higher EPR; `epr`: the EPR of seeds by network and by "the paper's" or
    "the other"."""
    parts = []
    for kind, seeds in epr.items():
        ours, other = seeds["the paper's"], seeds["the other"]
        outcome = (
            "the paper's preset, with every seed"
            if ours.min() > other.max()
            else "the other preset, with every seed"
            if ours.max() < other.min()
            else "undecided, the seeds overlap"
        )
        parts.append(f"**{kind}**: {outcome}")
    return f"Which preset has the higher EPR? {'; '.join(parts)}. These are few seeds."
