"""The table of the benchmark: its columns, what is recorded, and the paper's summary of it."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from .datasets import DATA_DIR
from .results_table import ResultsTable
from .statistics import (
    bootstrap_over_data_sets,
    data_set_of,
    holm,
    most_telling,
    over_data_sets,
    p_over_data_sets,
    verdict,
)

KEY = ["data", "method", "preset", "seed", "n_members"]  # one run; its rows differ in network
METRICS = [
    "epr", "auprc_ratio", "auroc", "max_epr", "density", "n_tfs", "n_genes", "n_edges",
]  # fmt: skip
COLUMNS = [
    "data", "network", "method", "preset", "seed", "n_members", *METRICS, "seconds", "peak_mb",
    "config", "versions", "input", "truth", "machine", "error",
]  # fmt: skip
TEXT = {"data", "network", "method", "preset", *COLUMNS[-6:]}

# Which preset of the paper answers which kind of network. Lofgof: the authors' README lists it with
# the cell-type-specific networks.
PRESET_OF = {
    "STRING": "nonspecific",
    "Non-Specific": "nonspecific",
    "Specific": "specific",
    "Lofgof": "specific",
    "KDUnion": "specific",
    "truth": "specific",  # of the simulators, whose few genes leave nothing under alpha = 100
}

KIND_NAMES = {  # as a reader meets them
    "STRING": "STRING", "Non-Specific": "non-specific ChIP-seq",
    "Specific": "cell-type-specific ChIP-seq", "Lofgof": "LOF/GOF",
}  # fmt: skip
METHOD_NAMES = {
    "LinearSEM": "linear SEM", "GENIE3/n_trees=50": "GENIE3, 50 trees",
    "TF-degree": "TF-degree oracle",
}  # fmt: skip


def shown_name(method: str) -> str:
    """A method's name on the page."""
    return METHOD_NAMES.get(method, method)


def shown_kind(kind: str) -> str:
    """The name on the page of a kind of network; any other name stays."""
    return KIND_NAMES.get(kind, kind)


def named(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with the names on the page in its index and columns, at all their levels."""
    names = KIND_NAMES | METHOD_NAMES
    return table.rename(index=names, columns=names)


def table_in(folder: Path) -> ResultsTable:
    """The benchmark's table in a folder."""
    order = ["data", "network", *KEY[1:]]
    whole = ("seed", "n_members")
    return ResultsTable(folder / "beeline.csv", KEY, COLUMNS, TEXT, whole, order)


def recorded(*parts: str) -> pd.DataFrame:
    """The table that comes with the package, made by `make results`; empty before the first run.

    `parts`: folders beside it with tables of their own, e.g. "cells" (samples of the cells); "" is
    the main table. Of a run that is in several parts, the first counts.
    """
    tables = [table_in(DATA_DIR / "results" / part).read() for part in parts or ("",)]
    return pd.concat(tables).drop_duplicates([*KEY, "network"], ignore_index=True)


# --- The paper's summary --------------------------------------------------------------------------


def as_in_paper(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with the preset that the paper uses for the kind of network (`PRESET_OF`), or none.

    `DeepSEM*` are single trainings; `DeepSEM` is left to ensembles.
    """
    preset = table["preset"].fillna("")
    rows = table[(preset == "") | (preset == table["network"].map(PRESET_OF))]
    single = rows["method"].str.startswith("DeepSEM") & (rows["n_members"] == 1)
    starred = rows["method"].str.replace("DeepSEM", "DeepSEM*")
    return rows.assign(method=rows["method"].where(~single, starred))


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """One row per (data, network, method): the median over the seeds, as in the paper's Fig. 3.

    Counted are the rows of `as_in_paper`; `DeepSEM` is the largest ensemble. Columns: METRICS, n
    (inferences without an error), and of epr and auprc_ratio the smallest and largest value
    (`epr_low`, `epr_high`, ...). Rows with an error are left out.
    """
    rows = as_in_paper(table[table["error"] == ""])
    by = ["data", "network", "method"]
    rows = rows[rows["n_members"] == rows.groupby(by)["n_members"].transform("max")]
    groups = rows.groupby(by)
    summary = groups[METRICS].median().assign(n=groups.size())
    for metric in ("epr", "auprc_ratio"):
        summary[[f"{metric}_low", f"{metric}_high"]] = groups[metric].agg(["min", "max"])
    return summary.reset_index()


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """What stands behind a method's scores, by method: columns matrices, fewest and most seeds.

    Counted are inferences without an error and no ensembles; each preset of DeepSEM by itself.
    """
    rows = table[(table["error"] == "") & (table["n_members"] == 1)]
    seeds = rows.groupby(["method", "preset", "data"])["seed"].nunique().reset_index()
    groups = seeds.groupby("method")
    columns = {"matrices": groups["data"].nunique(), "fewest seeds": groups["seed"].min()}
    return pd.DataFrame(columns | {"most seeds": groups["seed"].max()})


def matrix(summary: pd.DataFrame, metric: str, methods: Sequence[str]) -> pd.DataFrame:
    """Scores, (data, network) x methods; NaN where a method was not run."""
    wide = summary.pivot(index=["data", "network"], columns="method", values=metric)
    return wide.reindex(columns=list(methods))


def leads(scores: pd.DataFrame, ours: str, margin: float = 0.0) -> pd.Series:
    """Per benchmark with a score of every method: is `ours` above all others, by `margin` of them?

    With margin 0 a tie is not a lead.
    """
    complete = scores.dropna()
    others = complete.drop(columns=ours).max(axis=1)
    return complete[ours] >= (1 + margin) * others if margin else complete[ours] > others


def wins(scores: pd.DataFrame, ours: str, margin: float = 0.1) -> dict[str, int]:
    """On how many benchmarks (rows) `ours` is the best column, and by how much.

    n: rows where every method has a score; best: ours is larger than all others; by_margin: at
    least (1 + margin) times the best other; below_chance: ours is below 1.
    """
    complete = scores.dropna()
    return {
        "n": len(complete),
        "best": int(leads(scores, ours).sum()),
        "by_margin": int(leads(scores, ours, margin).sum()),
        "below_chance": int((complete[ours] < 1).sum()),
    }


def gains(scores: pd.DataFrame, ours: str) -> pd.DataFrame:
    """Mean gain of `ours` over each other column in per cent, (ours / other - 1) * 100.

    One row per other method: n (benchmarks with both), gain, low and high (`over_data_sets`),
    drawn_low and drawn_high (`bootstrap_over_data_sets`), at_least (on how many ours is equal or
    better), and ratio, ratio_low, ratio_high: the geometric mean of ours / other with its
    interval, from logarithms, so that no end of it is below zero.
    """
    rows = []
    for other in scores.columns.drop(ours):
        both = scores[[ours, other]].dropna()
        both = both[both[other] > 0]
        percent = (both[ours] / both[other] - 1) * 100
        better = int((percent >= 0).sum())
        with np.errstate(divide="ignore"):
            logs = np.log(both[ours] / both[other])
        finite = np.isfinite(logs).all()  # not where ours is 0
        log_ends = over_data_sets(logs) if finite else (np.nan, np.nan)
        ratio = np.exp([logs.mean(), *log_ends])
        ends = [*over_data_sets(percent), *bootstrap_over_data_sets(percent)]
        rows.append([other, len(both), percent.mean(), *ends, better, *ratio])
    names = ["method", "n", "gain", "low", "high", "drawn_low", "drawn_high", "at_least"]
    return pd.DataFrame(rows, columns=[*names, "ratio", "ratio_low", "ratio_high"])


def against_the_paper(own: pd.DataFrame, recorded: pd.DataFrame, score: str) -> pd.DataFrame:
    """Gain of the own-data preset over the paper's in per cent, single members, medians over seeds.

    One row: mean over the benchmarks, its interval from data sets, and how many there are.
    `recorded`: rows of the benchmark's table; the paper's preset is that of the kind of network.
    """
    single = own[own["n_members"] == 1].groupby(["data", "network"])[score].median()
    paper = summarise(recorded[recorded["n_members"] == 1])
    paper = paper[paper["method"] == "DeepSEM*"].set_index(["data", "network"])[score]
    gain = (100 * (single / paper - 1)).dropna()
    low, high = over_data_sets(gain)
    row = {"benchmarks": len(gain), "gain, %": gain.mean(), "95 % low": low, "95 % high": high}
    return pd.DataFrame([row | {"verdict": verdict(len(gain), low, high)}], index=[score])


# --- By kind of network ---------------------------------------------------------------------------


def ratios(scores: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Each method over the other of its pair, by kind of network with several sets of cells.

    Columns: kind, ours, other, n (benchmarks), ratio (geometric mean) with low and high
    (`over_data_sets` of the logarithms), p and `holm` over all rows, median of the ratios, won (on
    how many ours is the larger), without (the set of cells that changes the mean most) and
    ratio_without it.
    """
    rows = []
    for (kind, of_kind), (ours, other) in product(scores.groupby(level="network"), pairs):
        both = of_kind[[ours, other]].dropna()
        logs = np.log(both[ours] / both[other])
        sets = pd.Series(data_set_of(logs), logs.index, dtype=object)
        if sets.nunique() < 2:
            continue
        telling = most_telling(logs.groupby(sets).mean())
        rows.append(
            {
                "kind": KIND_NAMES[str(kind)], "ours": ours, "other": other, "n": len(both),
                "ratio": np.exp(logs.mean()), "low": np.exp(over_data_sets(logs)[0]),
                "high": np.exp(over_data_sets(logs)[1]), "p": p_over_data_sets(logs),
                "median": np.exp(logs.median()), "won": int((logs > 0).sum()),
                "without": telling.removeprefix("beeline/"),
                "ratio_without": np.exp(logs[sets != telling].mean()),
            }
        )  # fmt: skip
    table = pd.DataFrame(rows)
    order = table["kind"].map(list(KIND_NAMES.values()).index)
    table = table.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    return table.assign(holm=holm(table["p"]))


def readable_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """`ratios` as a table of the page: a verdict after Holm, the largest ratio of a kind first."""
    groups = table.groupby("kind", sort=False)
    table = pd.concat(rows.sort_values("ratio", ascending=False) for _, rows in groups)
    rows = list(table.itertuples())
    sure = table["holm"] < 0.05
    columns = {
        "ratio [95 %]": [f"{r.ratio:.2f} [{r.low:.2f}, {r.high:.2f}]" for r in rows],
        "median": [f"{r.median:.2f}" for r in rows],
        "larger on": [f"{r.won} of {r.n}" for r in rows],
        "p, Holm": [f"{r.holm:.2g}" for r in rows],
        "verdict": np.select([sure & (table["ratio"] > 1), sure], ["higher", "lower"], "undecided"),
        "without": [f"{r.ratio_without:.2f} ({r.without})" for r in rows],
    }
    names = [f"{shown_name(r.ours)} / {shown_name(r.other)}" for r in rows]
    index = pd.MultiIndex.from_arrays([table["kind"], names], names=["network", "ratio of"])
    return pd.DataFrame(columns, index)
