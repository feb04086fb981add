"""The recorded matrices of chapter 9: what each step of the line brings and costs on real cells."""

from collections.abc import Mapping

import pandas as pd

from .. import benchmark_table
from ..baselines import CONTROL, CONTROL_BESIDE
from ..benchmark_table import KIND_NAMES, ratios, shown_name

SLOW = ["NOTEARS", "DAG-GNN"]
AFTER = ["DeepSEM*", "DeepSEM", "DAZZLE", "RegDiffusion"]
LINE = ["Pearson", CONTROL, CONTROL_BESIDE, "LinearSEM", *AFTER]
BESIDE = ["Pearson", CONTROL, "LinearSEM", *SLOW, *AFTER, "random"]
STEPS = [  # single fits on both sides
    ("LinearSEM", CONTROL), ("DeepSEM*", "LinearSEM"), ("DAZZLE", "DeepSEM*"),
    ("RegDiffusion", "DAZZLE"), ("RegDiffusion", "LinearSEM"),
]  # fmt: skip
SCORES = {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}


def scores_of(grid: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """By score: (data, network) x LINE."""
    summary = benchmark_table.summarise(grid)
    return {
        name: benchmark_table.matrix(summary, metric, LINE).dropna(how="all")
        for name, metric in SCORES.items()
    }


def answer(scores: pd.DataFrame, seconds: pd.DataFrame) -> dict[str, float]:
    """The numbers of the chapter's answer: EPR ratios by kind and median CPU seconds of one fit."""
    table = ratios(scores, [("DeepSEM*", "LinearSEM"), ("RegDiffusion", "DeepSEM*")])
    rows = table.set_index(["ours", "kind"])
    numbers: dict[str, float] = {}
    for word, kind in (("string", "STRING"), ("chip", "Non-Specific")):
        ours = rows.loc["DeepSEM*", KIND_NAMES[kind]]
        numbers |= {word: ours["ratio"], f"{word}_low": ours["low"], f"{word}_high": ours["high"]}
        numbers[f"{word}_after"] = rows.loc[("RegDiffusion", KIND_NAMES[kind]), "ratio"]
    spent = seconds.median(axis=1)
    names = {"linear": "LinearSEM", "deepsem": "DeepSEM*", "diffusion": "RegDiffusion"}
    return numbers | {word: spent[name] for word, name in names.items()}


def answer_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """STEPS in the columns of `figure_style.forest`."""
    table = ratios(scores, STEPS)
    names = table["ours"].map(shown_name) + " / " + table["other"].map(shown_name)
    return table.assign(name=names, series="single fits")


def medians_by_kind(scores_of: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """(score, kind of network) x methods, and the number of benchmarks; `scores_of`: by score.

    Counted are the benchmarks that have a score of every method.
    """
    complete = {name: scores.dropna() for name, scores in scores_of.items()}
    medians = {
        (name, KIND_NAMES[str(kind)]): rows.median()
        for name, scores in complete.items()
        for kind, rows in scores.groupby(level="network", sort=False)
    }
    table = pd.concat(medians, axis=1).T.round(2)
    kinds = complete["EPR"].index.get_level_values("network").map(KIND_NAMES).value_counts()
    table.insert(0, "benchmarks", [kinds[kind] for _, kind in table.index])
    return table.rename(columns=shown_name)


def single_runs(grid: pd.DataFrame) -> pd.DataFrame:
    """One row per single run without an error."""
    rows = grid[(grid["error"] == "") & (grid["n_members"] == 1)]
    return rows.drop_duplicates(benchmark_table.KEY)


def seconds_by_matrix(grid: pd.DataFrame) -> pd.DataFrame:
    """Mean CPU seconds, method x matrix; DeepSEM is the ensemble, DeepSEM* the single training."""
    once = single_runs(grid)
    starred = once["method"].replace("DeepSEM", "DeepSEM*")
    seconds = once.groupby([starred, "data"])["seconds"].mean().unstack("data")
    ensembles = grid[(grid["method"] == "DeepSEM") & (grid["n_members"] > 1)]
    ensembles = ensembles.drop_duplicates(benchmark_table.KEY)
    seconds.loc["DeepSEM"] = ensembles.groupby("data")["seconds"].mean()
    return seconds


def costs(seconds: pd.DataFrame) -> pd.DataFrame:
    """CPU seconds of one fit by method of the line, the cheapest first, and times the linear SEM.

    The ratio is the median over the matrices that both have.
    """
    of_line = seconds.reindex([*LINE, *SLOW]).dropna(how="all")
    table = of_line.agg(["median", "min", "max", "count"], axis=1).rename(
        columns={"count": "matrices"}
    )
    table["times the linear SEM"] = (of_line / seconds.loc["LinearSEM"]).median(axis=1)
    table = table.astype({"matrices": int}).sort_values("median")
    for column in ("median", "min", "max", "times the linear SEM"):
        table[column] = table[column].map(of_seconds)
    return table.rename(index=shown_name).rename_axis("CPU seconds")


def of_seconds(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.2g}"


def slow_table(grid: pd.DataFrame, seconds: pd.DataFrame) -> pd.DataFrame:
    """EPR by network where a method with a rule against loops was run, and CPU seconds: x BESIDE.

    The seconds stand in the last row of a matrix.
    """
    epr = benchmark_table.matrix(benchmark_table.summarise(grid), "epr", BESIDE)
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for matrix, scores in epr.dropna(subset=SLOW, how="all").groupby(level="data"):
        name = str(matrix).removeprefix("beeline/")
        for (_, kind), row in scores.iterrows():
            rows[name, KIND_NAMES[str(kind)]] = row.map("{:.2f}".format).to_dict()
        spent = seconds.reindex(BESIDE)[matrix]
        rows[name, "CPU seconds"] = spent.map(of_seconds).to_dict()
    return pd.DataFrame(rows).T.replace("nan", "not run").rename(columns=shown_name)
