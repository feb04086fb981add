"""The recorded grid of chapter 5: which methods are compared, gains, seeds, cells, trees, costs."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .. import benchmark_table, datasets
from ..baselines import CONTROL, CONTROL_BESIDE
from ..benchmark_table import (
    KEY,
    KIND_NAMES,
    PRESET_OF,
    leads,
    ratios,
    readable_ratios,
    shown_name,
    wins,
)
from .grid import Method

PAPER = ["DeepSEM", "DeepSEM*", "PIDC", "GENIE3", "GRNBoost2", "ppcor", "SCODE", "SINCERITIES"]
SIMPLE = ["Pearson", "Pearson-detection", CONTROL, CONTROL_BESIDE, "LinearSEM"]
LATER = ["DAZZLE", "RegDiffusion"]
CONTROLS = ["random", "TF-degree"]
SCHEDULES = ["DeepSEM/no-decay", "DeepSEM*/no-decay"]
WHO = {"DeepSEM": "ensemble of ten", "DeepSEM*": "one training"}
AT_CHANCE = ["ppcor", "SCODE", "SINCERITIES"]  # too far away for the first figure
SCORES = {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}


def base(method: str) -> str:
    """A method's name without its settings."""
    return method.split("/")[0]


@dataclass(frozen=True)
class Comparison:
    """The recorded runs and which of their methods are compared with which."""

    recorded: pd.DataFrame
    summary: pd.DataFrame  # benchmark_table.summarise
    columns: list[str]  # methods as published, or with the settings that they were run with
    scores: dict[str, pd.DataFrame]  # by score, (data, network) x methods and controls

    @classmethod
    def of(cls, recorded: pd.DataFrame) -> "Comparison":
        summary = benchmark_table.summarise(recorded)
        known = set(summary["method"])
        columns = [c for name in [*PAPER, *SIMPLE, *LATER] for c in as_run(name, known)]
        every = [*columns, *SCHEDULES, *CONTROLS]
        scores = {
            name: benchmark_table.matrix(summary, metric, every) for name, metric in SCORES.items()
        }
        return cls(recorded, summary, columns, scores)

    @property
    def not_run(self) -> list[str]:
        known = set(self.summary["method"])
        return [name for name in self.columns if name not in known]

    @property
    def rivals(self) -> list[str]:
        """The paper's methods beside DeepSEM."""
        return [c for c in self.columns if base(c) in PAPER[2:] and c not in self.not_run]

    @property
    def others(self) -> list[str]:
        """Methods that the paper does not have."""
        return [name for name in [*SIMPLE, *LATER] if name not in self.not_run]

    @property
    def judged(self) -> list[str]:
        """All that are counted: |r| with the correction was fixed as control, r² stands beside."""
        return ["DeepSEM", *self.rivals, *(n for n in self.others if n != CONTROL_BESIDE)]

    def beside_rivals(self, score: str, ours: str = "DeepSEM") -> pd.DataFrame:
        return self.scores[score][[ours, *self.rivals]]


def as_run(name: str, known: set[str]) -> list[str]:
    """The columns of a method: as published, or with the settings that it was run with."""
    changed = sorted(method for method in known if base(method) == name)
    return [name] if name in known or not changed else changed


def changed_settings(name: str) -> str:
    """What the name of a method changes, beside the published value."""
    [method, *_] = Method.parse(name)
    published = Method.parse(method.base)[0].config("")
    return "; ".join(f"{key} = {value}, not {published[key]}" for key, value in method.settings)


def coverage(recorded: pd.DataFrame) -> pd.DataFrame:
    """`benchmark_table.coverage` with "takes chance" (bool) and "not as published" (text)."""
    table = benchmark_table.coverage(recorded)
    chance = [not Method.parse(name)[0].deterministic for name in table.index]
    settings = [changed_settings(name) for name in table.index]
    return table.assign(**{"takes chance": chance, "not as published": settings})


def by_trees(trees: pd.DataFrame) -> pd.DataFrame:
    """(network, trees) x scores, seeds and seconds; `trees`: the rows of data/results/trees."""
    n_trees = [json.loads(config)["n_trees"] for config in trees["config"]]
    groups = trees.assign(trees=n_trees).groupby(["network", "trees"])
    table = groups.agg(
        EPR=("epr", "mean"),
        smallest=("epr", "min"),
        largest=("epr", "max"),
        AUPRC=("auprc_ratio", "mean"),
        seeds=("seed", "nunique"),
        seconds=("seconds", "median"),
    )
    return table.rename(columns={"AUPRC": "AUPRC ratio"})


def every_score(
    comparison: Comparison, benchmarks: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """EPR of every benchmark that was run, with facts of its network, and tooltips of this shape.

    A tooltip says how many inferences a score is the median of, and their range.
    """
    summary, epr = comparison.summary, comparison.scores["EPR"]
    facts = summary.groupby(["data", "network"])[["max_epr", "n_edges", "n_tfs"]].first()
    facts = facts.rename(columns={"max_epr": "ceiling", "n_edges": "edges", "n_tfs": "TFs"})
    columns = [c for c in [*comparison.columns, *CONTROLS] if c not in comparison.not_run]
    table = facts.join(epr[columns])
    order = pd.MultiIndex.from_frame(benchmarks[["expression", "kind"]], names=table.index.names)
    table = table.reindex(order[order.isin(facts.index)]).astype({"edges": int, "TFs": int})
    hover = pd.DataFrame("", index=table.index, columns=table.columns)
    for row in summary[summary["method"].isin(columns)].itertuples():
        spread = f", {row.epr_low:.2f} to {row.epr_high:.2f}" if row.n > 1 else ""
        hover.loc[(row.data, row.network), row.method] = f"{row.n:.0f} inference(s){spread}"
    return table.rename(index=lambda name: str(name).removeprefix("beeline/")), hover


def of_other_seeds(comparison: Comparison, again: pd.DataFrame) -> pd.DataFrame:
    """By score: the ensemble beside one of other seeds; `again`: the summary of those runs."""
    rows = []
    for name, metric in SCORES.items():
        other = benchmark_table.matrix(again, metric, ["DeepSEM"])["DeepSEM"]
        first = comparison.beside_rivals(name).loc[other.index]
        change = 100 * (other / first["DeepSEM"] - 1)
        matrix, kind = change.abs().idxmax()
        rows.append(
            {
                "score": name,
                "benchmarks": len(other),
                "best of the paper's methods, first ten": wins(first, "DeepSEM")["best"],
                "other ten": wins(first.assign(DeepSEM=other), "DeepSEM")["best"],
                "median difference, %": f"{change.abs().median():.1f}",
                "largest": f"{change[matrix, kind]:+.1f} ({matrix.removeprefix('beeline/')}, "
                f"{kind})",
            }
        )
    return pd.DataFrame(rows).set_index("score")


def counts(comparison: Comparison) -> pd.DataFrame:
    """On how many benchmarks DeepSEM is the best, by kind of network and in all.

    (score, who, against): the ensemble, or the median single training as the others have it;
    against the paper's methods, or against all that are `judged`, the control among them.
    """
    rows = {}
    for score, scores in comparison.scores.items():
        for name in ("DeepSEM", "DeepSEM*"):
            for against in (comparison.rivals, comparison.judged[1:]):
                ahead = leads(scores[[name, *against]], name)
                by_kind = ahead.groupby(level="network").agg(["sum", "size"])
                row = {
                    KIND_NAMES[kind]: f"{by_kind['sum'][kind]} of {by_kind['size'][kind]}"
                    for kind in KIND_NAMES
                    if kind in by_kind.index
                }
                row["all"] = f"{ahead.sum()} of {len(ahead)}"
                what = "the paper's others" if against == comparison.rivals else "all others"
                rows[score, WHO[name], f"{what} ({len(against)})"] = row
    return pd.DataFrame(rows).T.rename_axis(["score", "DeepSEM", "best against"])


def answer(comparison: Comparison) -> dict[str, float]:
    """The numbers of the chapter's answer, by name."""
    epr, published = comparison.scores["EPR"], datasets.published()
    ensemble = leads(epr[["DeepSEM", *comparison.rivals]], "DeepSEM")
    single = leads(epr[["DeepSEM*", *comparison.judged[1:]]], "DeepSEM*")
    table = ratios(epr, [("DeepSEM*", CONTROL), ("DeepSEM", CONTROL)]).set_index(["ours", "kind"])
    numbers = {
        "best": int(ensemble.sum()), "n": len(ensemble), "share": float(ensemble.mean()),
        "paper": published["epr_best"] / published["benchmarks"], "single": int(single.sum()),
        "of": len(single),
    }  # fmt: skip
    for who, ours in (("", "DeepSEM*"), ("ten_", "DeepSEM")):
        for name, kind in (("string", "STRING"), ("chip", "Non-Specific")):
            word, row = who + name, table.loc[ours, KIND_NAMES[kind]]
            numbers |= {word: row["ratio"], f"{word}_low": row["low"], f"{word}_high": row["high"]}
    return numbers


def single_pairs(comparison: Comparison) -> list[tuple[str, str]]:
    """A single training against single runs of the others, and the ensemble against it."""
    others = [*comparison.rivals, *comparison.others]
    return [("DeepSEM", "DeepSEM*"), *(("DeepSEM*", other) for other in others)]


def answer_rows(comparison: Comparison) -> pd.DataFrame:
    """Rows of the first figure: ensemble and single training over all others but AT_CHANCE."""
    others = [name for name in [*comparison.rivals, *comparison.others] if name not in AT_CHANCE]
    pairs = [(ours, other) for ours in WHO for other in others]
    table = ratios(comparison.scores["EPR"], pairs)
    return table.assign(name=table["other"].map(shown_name), series=table["ours"].map(WHO))


def complete(comparison: Comparison) -> pd.DataFrame:
    """EPR of the benchmarks that have a score of every judged method and control."""
    return comparison.scores["EPR"][[*comparison.judged, *CONTROLS]].dropna()


def medians_by_kind(comparison: Comparison) -> pd.DataFrame:
    """Median EPR over the `complete` benchmarks of a kind of network: kinds x methods."""
    by_kind = complete(comparison).groupby(level="network", sort=False).median().round(2)
    return by_kind.loc[[kind for kind in PRESET_OF if kind in by_kind.index]]


def by_cells(sampled: pd.DataFrame) -> pd.DataFrame:
    """network, matrix, n_cells, members, score (EPR) of the samples of cells, paper's presets."""
    as_paper = sampled["preset"] == sampled["network"].map(PRESET_OF)
    rows = sampled[as_paper & (sampled["error"] == "") & (sampled["network"] != "Lofgof")]
    columns = {
        "network": rows["network"],
        "matrix": rows["data"].str.extract(r"beeline/(.*)@")[0],
        "n_cells": rows["data"].str.extract(r"@(\d+)")[0].astype(int),
        "members": rows["n_members"],
        "score": rows["epr"],
    }
    return pd.DataFrame(columns)


def schedules(comparison: Comparison) -> pd.DataFrame:
    """EPR with the decaying learning rate over that with a constant one, as `readable_ratios`."""
    pairs = [(name, f"{name}/no-decay") for name in WHO]
    return readable_ratios(ratios(comparison.scores["EPR"], pairs))


def costs(recorded: pd.DataFrame) -> pd.DataFrame:
    """Method (preset) x median and largest CPU seconds and peak memory, and number of matrices."""
    rows = recorded[(recorded["error"] == "") & (recorded["n_members"] == 1)].drop_duplicates(KEY)
    preset = np.where(rows["preset"] == "", "", " (" + rows["preset"] + ")")
    groups = rows.assign(method=rows["method"] + preset).groupby("method")
    table = groups[["seconds", "peak_mb"]].agg(["median", "max"]).round(1)
    table["matrices"] = groups["data"].nunique()
    return table
