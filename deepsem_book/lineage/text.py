"""The sentences of chapter 9, made of its tables; each function returns Markdown."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..statistics import t_interval, verdict
from .race import SMALL

SLOW = ["NOTEARS", "DAG-GNN"]
EFFECT = {"raises": "raises", "lowers": "lowers", "undecided": "has no proven effect on"}
SAYS = {"raises": "above it", "lowers": "below it", "undecided": "cannot be told from it"}
IS = {
    "raises": "is better than", "lowers": "is worse than", "undecided": "cannot be told from",
}  # fmt: skip


def of_seconds(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.2g}"


def of_slow_methods(lineage: pd.DataFrame) -> str:
    """NOTEARS and DAG-GNN beside the linear SEM on the real matrices where they were run.

    `lineage`: the benchmark's rows in data/results/lineage. One network, STRING, stands for all.
    """
    runs = lineage[(lineage["error"] == "") & (lineage["network"] == "STRING")]
    wide = runs.pivot_table(index="data", columns="method", values=["epr", "seconds"])
    if not set(SLOW) & set(wide["epr"].columns if len(wide) else []):
        return "NOTEARS and DAG-GNN have no recorded run on real cells yet"
    parts = []
    for matrix, row in wide.iterrows():
        of = {
            name: f"{row['epr', name]:.2f} in {of_seconds(row['seconds', name])} s"
            for name in ["LinearSEM", *SLOW]
            if ("epr", name) in row and np.isfinite(row["epr", name])
        }
        if set(SLOW) & set(of):
            named = ", ".join(f"{name} {text}" for name, text in of.items())
            parts.append(f"{str(matrix).removeprefix('beeline/')}: {named}")
    return "EPR on STRING and CPU seconds of one fit, " + "; ".join(parts)


def of_scaling(by_units: pd.DataFrame, columns: Sequence[str]) -> str:
    """What scaling to variance 1 changes; `by_units`: (network, units) x scores."""
    change = by_units.xs("variance 1", level="units") - by_units.xs("raw", level="units")
    lines = []
    for column in columns:
        _, low, high = t_interval(change[column])
        lines.append(
            f"- {column}: {change[column].mean():+.2f} by scaling (95 % interval {low:+.2f} to "
            f"{high:+.2f}, "
            f"{len(change)} networks): scaling **{EFFECT[verdict(len(change), low, high)]}** it."
        )
    return "\n".join(lines)


def of_race(by_network: pd.DataFrame, gains: pd.DataFrame, ways: pd.Series) -> str:
    """Who leads and which steps decide; `ways`: mean share of edges the right way by method."""
    means = by_network.mean().sort_values(ascending=False)
    raised, lowered, undecided = (
        [step for step, word in gains["verdict"].items() if word == wanted]
        for wanted in ("raises", "lowers", "undecided")
    )
    first = means[means > means.iloc[0] - SMALL]
    excluded = gains.loc[undecided].query("`95 % low` > 0 or `95 % high` < 0").index
    return (
        f"Highest mean AUPRC: {', '.join(f'{name} {value:.2f}' for name, value in first.items())}"
        + (f" (less than {SMALL} apart, so without a winner)" if len(first) > 1 else "")
        + f". Steps that raise AUPRC: {'; '.join(raised) or 'none'}. Steps that lower it: "
        f"{'; '.join(lowered) or 'none'}. "
        f"Undecided: {'; '.join(undecided) or 'none'}"
        + (
            f" (too small, though zero is outside the interval: {'; '.join(excluded)})"
            if len(excluded)
            else ""
        )
        + ".\n\n"
        "The list of TFs settles most directions in this score. Left to itself, the method that "
        "gives most edges the "
        f"larger weight the right way round is {ways.idxmax()} ({ways.max():.2f}); DeepSEM has "
        f"{ways['DeepSEM']:.2f}, and ½ is "
        "no information."
    )


def of_minutes(minutes: pd.Series, n_genes: int) -> str:
    """Whether a fit of each method with a rule against loops is affordable."""
    parts = (
        f"**{name}** {value:.2g} minutes per fit at {n_genes} genes, "
        f"{'too long for a page that runs in minutes' if value > 1 else 'would still be possible'}"
        for name, value in minutes.items()
    )
    end = ". Neither is run on the next matrix." if n_genes >= 500 else "."
    return f"Methods with a rule against loops: {'; '.join(parts)}{end}"


def of_real(epr: pd.DataFrame, negative: pd.Series) -> str:
    """One matrix: DeepSEM's seeds beside the others, and the share of negative weights.

    `epr`: methods x networks; `negative`: by method.
    """
    is_seed = epr.index.str.startswith("DeepSEM")
    seeds, lines = epr[is_seed], []
    for kind in epr:
        low, high = seeds[kind].min(), seeds[kind].max()
        against = []
        for name in ("linear SEM", "DAZZLE step", "RegDiffusion step"):
            value = epr.loc[name, kind]
            where = "above" if value > high else "below" if value < low else "within"
            against.append(f"{name} {value:.2f} ({where})")
        lines.append(
            f"- **{kind}**: two seeds of DeepSEM span EPR {low:.2f} to {high:.2f}; "
            + ", ".join(against)
        )
    with_zone, without = "RegDiffusion step", "RegDiffusion step, no threshold"
    of_seeds = negative[seeds.index]
    return (
        "\n".join(lines)
        + "\n\nTwo seeds understate the scatter of single trainings, so *above* and *below* are "
        "descriptions, not verdicts.\n\n"
        f"How many weights are negative depends on the method: {negative['linear SEM']:.0%} of the "
        "non-zero ones in the linear "
        f"SEM, which an L1 term shrinks and 30 steps end early; {of_seeds.min():.0%} and "
        f"{of_seeds.max():.0%} in two seeds of "
        f"DeepSEM; {negative[with_zone]:.0%} in RegDiffusion with its threshold and "
        f"{negative[without]:.0%} without it. Without "
        "the threshold its EPR goes from "
        + "; ".join(
            f"{epr.loc[with_zone, kind]:.2f} to {epr.loc[without, kind]:.2f} on {kind}"
            for kind in epr
        )
        + ". One seed each, so this is not a verdict on what the threshold costs on these "
        "cells. In the race half of the edges "
        "repress."
    )


def of_rewired(recorded: pd.DataFrame) -> str:
    """EPR / EPR on rewired truths of the linear SEM and DeepSEM; rows of rewired.csv, EPR only."""
    ratio = recorded["observed"] / recorded["null_mean"]
    median = ratio.groupby([recorded["method"], recorded["network"]]).median().unstack()
    pair = {"LinearSEM": "the linear SEM", "DeepSEM": "DeepSEM's ensemble"}
    parts = (
        f"{text} " + ", ".join(f"{value:.2f} on {kind}" for kind, value in row.items())
        for name, text in pair.items()
        for row in [median.loc[name].dropna().sort_values(ascending=False)]
    )
    return (
        "EPR divided by the EPR of the same ranking on rewired truths, median over the recorded "
        "matrices (1: degrees explain "
        "all of it; 2: they explain half): "
        f"{'; '.join(parts) if set(pair) <= set(median.index) else 'not recorded'}."
    )
