"""Which methods hold more true edges than degrees explain, and how far: the recorded test.

Beside every EPR stands what the same ranking scores on rewired truths (the null). The headroom is
the share of the way from there to the ceiling that it goes: (score - null) / (ceiling - null).
"""

from typing import Any

import pandas as pd
from scipy import stats

from .. import benchmark_table, datasets
from ..baselines import CONTROL, CONTROL_BESIDE
from ..benchmark_table import KIND_NAMES, shown_name
from ..statistics import data_set_names, holm

KINDS = ["STRING", "Non-Specific", "Specific"]  # LOF/GOF is one benchmark
# What may have DeepSEM's lead.
CORRECTED = ["Pearson-detection", CONTROL, CONTROL_BESIDE, "LinearSEM"]
SCORES = {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}


def tested(score: str = "EPR") -> pd.DataFrame:
    """One row per method and benchmark of data/results/rewired.csv; several seeds by their median.

    Columns: method, data, network, score, null, ceiling, headroom, z, p (one-sided, of a normal z),
    `holm` over all rows, and edges: whether the corrected p is below 0.05.
    """
    recorded = datasets.results("rewired")
    rows = recorded[recorded["metric"] == SCORES[score]]
    rows = rows.rename(columns={"observed": "score", "null_mean": "null"})
    by = ["method", "data", "network"]
    table = rows.groupby(by)[["score", "null", "z"]].median().reset_index()
    grid = benchmark_table.recorded("", "lineage")
    ceiling = grid.groupby(["data", "network"])["max_epr"].first().rename("ceiling")
    table = table.join(ceiling, on=["data", "network"])
    table["headroom"] = headroom(table["score"], table["null"], table["ceiling"])
    return with_verdict(table)


def headroom(score: Any, null: Any, ceiling: Any) -> Any:
    """Share of the way from the null to the ceiling."""
    return (score - null) / (ceiling - null)


def with_verdict(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with p of its z, corrected for its rows, and what that says (NaN: nothing)."""
    table = table.assign(p=stats.norm.sf(table["z"]))
    table["holm"] = holm(table["p"])
    return table.assign(edges=table["holm"] < 0.05)


def counts() -> pd.DataFrame:
    """Method x (score, kind): on how many benchmarks it holds edges, of how many; median headroom.

    The largest mean of the medians over STRING and non-specific ChIP-seq comes first.
    """
    columns = {}
    for score in SCORES:
        table = tested(score)
        for kind in KINDS:
            by = table[table["network"] == kind].groupby("method")
            n, held = by.size(), by["edges"].sum()
            columns[score, KIND_NAMES[kind]] = held.astype(str) + " of " + n.astype(str)
    table = tested()
    median = table.groupby(["method", "network"])["headroom"].median().unstack()
    for kind in KINDS:
        columns["headroom, EPR", KIND_NAMES[kind]] = median[kind].map("{:.1%}".format)
    order = median[KINDS[:2]].mean(axis=1).sort_values(ascending=False).index
    return pd.DataFrame(columns).loc[order].rename(index=shown_name)


def answer() -> dict[str, float]:
    """The numbers of the chapter's answer: DeepSEM's counts and headroom, and CONTROL's (c_...)."""
    table = tested()
    control = table[table["method"] == CONTROL].groupby("network")["headroom"].median()
    ours = table[table["method"] == "DeepSEM"].groupby("network")
    held, median = ours["edges"].sum(), ours["headroom"].median()
    return {
        "n": int(ours.size()[KINDS[:2]].sum()), "own": int(held["Specific"]),
        "of": int(ours.size()["Specific"]), "string": median["STRING"],
        "chip": median["Non-Specific"], "room": median["Specific"],
        "c_string": control["STRING"], "c_chip": control["Non-Specific"],
        "c_room": control["Specific"],
    }  # fmt: skip


def lead(ours: str) -> pd.DataFrame:
    """What part of the lead of `ours` over plain correlation CORRECTED have, by set of cells.

    `ours`: "DeepSEM", the ensembles of ten, or "DeepSEM*", one training. Medians over the
    benchmarks of STRING and non-specific ChIP-seq on which it leads in EPR; a share above 1 is a
    larger lead, below 0 none.
    """
    table = tested()
    epr = table[table["network"].isin(KINDS[:2])]
    epr = epr.pivot(index=["data", "network"], columns="method", values="score")
    epr = epr[[ours, "Pearson", *CORRECTED]].dropna()
    ahead = (epr[ours] - epr["Pearson"]).loc[lambda lead: lead > 0]
    shares = epr.loc[ahead.index, CORRECTED].sub(epr.loc[ahead.index, "Pearson"], axis=0)
    shares = shares.div(ahead, axis=0).rename(columns=shown_name)
    sets = data_set_names(ahead.index.get_level_values("data")).str.removeprefix("beeline/")
    by_set = shares.groupby(sets).median()
    of_sets = by_set.median()
    by_set.loc["all"], by_set.loc["median of the sets"] = shares.median(), of_sets
    size = ahead.groupby(sets).size()
    size["all"] = size["median of the sets"] = len(ahead)
    by_set.insert(0, "benchmarks", size)
    return by_set.rename_axis("cells")
