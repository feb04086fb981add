"""The paper's claims on GRN inference, and the same benchmarks beside controls."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from .. import baselines, benchmark_table, datasets
from ..beeline.ablations import effects, judged, recorded_switches
from ..statistics import data_set_names
from .claim import CONTROL, UP, Claim

MIXTURE_DATA = "beeline/mDC-500"
RIVALS = ["PIDC", "GENIE3", "GRNBoost2", "ppcor", "SCODE", "SINCERITIES"]
WITH_GAIN = ["PIDC", "GENIE3", "GRNBoost2"]  # for which the paper prints gains and counts
CONTROLS = [baselines.CONTROL, baselines.CONTROL_BESIDE, "Pearson-detection", "TF-degree"]
SCORES = {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}
KINDS = ("STRING", "Non-Specific", "Specific")


def in_words(method: str) -> str:
    """A method's name in words: "GENIE3/n_trees=50" is "GENIE3 (50 trees)"."""
    return re.sub(r"/n_trees=(\d+)", r" (\1 trees)", method)


def counted(scores: pd.DataFrame) -> str:
    """What the rows of complete scores are: "benchmarks of 5 sets of cells"."""
    names = data_set_names(scores.dropna().index.get_level_values("data"))
    return f"benchmarks of {names.nunique()} sets of cells"


def by_chance(scores: pd.DataFrame, margin: float) -> float:
    """Per cent of benchmarks (complete rows) that a method (column) leads by `margin` if names of
    methods were shuffled: those that any method leads so, over the number of methods."""
    complete = scores.dropna()
    two = np.sort(complete.to_numpy(), axis=1)[:, -2:]
    led = two[:, 1] >= (1 + margin) * two[:, 0]
    return float(100 * led.mean() / complete.shape[1])


def beeline() -> Iterator[Claim]:
    """Counts and gains of Fig. 3 and Supp. Fig. 1; draws are sets of cells."""
    summary = benchmark_table.summarise(benchmark_table.recorded())
    run = {name.split("/")[0]: name for name in sorted(summary["method"], reverse=True)}
    rivals = [run[name] for name in RIVALS if name in run]
    for score, column in SCORES.items():
        scores = benchmark_table.matrix(summary, column, ["DeepSEM", *rivals])
        yield from counts(score, column, scores)
        for rival in (run[name] for name in WITH_GAIN if name in run):
            yield from beside_rival(score, rival, scores[["DeepSEM", rival]].dropna())
        yield from beside_controls(
            score, benchmark_table.matrix(summary, column, ["DeepSEM", *CONTROLS])
        )


def counts(score: str, column: str, scores: pd.DataFrame) -> Iterator[Claim]:
    """On how many benchmarks DeepSEM is best, and best by 10 %."""
    published = datasets.published()
    for margin, key in ((0.0, "best"), (0.1, "best_by_margin")):
        share = 100 * published[f"{column}_{key}"] / published["benchmarks"]
        what = f"{score} at least {margin:.0%} above the next" if margin else f"best {score}"
        of_names = "the best of seven methods"
        words = f"{score} at least {margin:.0%} above the next" if margin else of_names
        claim = Claim(
            f"{what}, % of benchmarks", share, by_chance(scores, margin),
            headline=f"{words}, % of benchmarks" if column == "epr" else "",
        )  # fmt: skip
        yield claim.of_hits(benchmark_table.leads(scores, "DeepSEM", margin), counted(scores))


def beside_rival(score: str, rival: str, both: pd.DataFrame) -> Iterator[Claim]:
    """The mean gain over one of WITH_GAIN, and how often DeepSEM is equal or better."""
    published, key = datasets.published(), rival.split("/")[0].lower()
    both = both[both[rival] > 0]
    gain, of, name = 100 * (both["DeepSEM"] / both[rival] - 1), counted(both), in_words(rival)
    in_introduction = score == "EPR"
    claim = Claim(
        f"mean gain in {score} over {name}, %", published[f"gain_over_{key}"], 0.0,
        headline=f"mean gain in EPR over {name}, %" if in_introduction else "",
    )  # fmt: skip
    yield claim.of_values(gain, of)
    share = 100 * published[f"not_below_{key}"] / published["benchmarks"]
    what = f"{score} equal to or above {name}, % of benchmarks"
    yield Claim(what, share, 50.0).of_hits(gain >= 0, of)


def beside_controls(score: str, scores: pd.DataFrame) -> Iterator[Claim]:
    """DeepSEM's mean gain over each control, and the share of benchmarks on which it is higher.

    A mean of percentages has no upper limit, but cannot fall below -100: a few large gains
    outweigh many losses. The share counts each benchmark alike.
    """
    for control in scores.columns.drop("DeepSEM"):
        both = scores[["DeepSEM", control]].dropna()
        of, gain = counted(both), 100 * (both["DeepSEM"] / both[control] - 1)
        what = f"mean gain in {score} over {control}, %"
        yield Claim(what, UP, 0.0, asked_by=CONTROL).of_values(gain[both[control] > 0], of)
        what = f"{score} above {control}, % of benchmarks"
        shown = score == "EPR" and control in ("TF-degree", baselines.CONTROL)
        claim = Claim(what, UP, 50.0, asked_by=CONTROL, headline=what if shown else "")
        yield claim.of_hits(benchmark_table.leads(both, "DeepSEM"), of)


def few_cells() -> Iterator[Claim]:
    """Supp. Fig. 2: the ensemble's EPR with 50 instead of 400 cells, and its gain with 50.

    A draw is a matrix; over all kinds of network it is the mean of its three.
    """
    table, published = judged(benchmark_table.recorded("cells")), datasets.published()
    parts = table["data"].str.partition("@")
    table = table.assign(data=parts[0], n_cells=pd.to_numeric(parts[2]))
    by = ["network", "n_cells", "data"]
    ensemble = table[table["n_members"] > 1].groupby(by)["epr"].median()
    single = table[table["n_members"] == 1].groupby(by)["epr"].median()
    changes = pd.DataFrame(
        {kind: 100 * (ensemble[kind, 50] / ensemble[kind, 400] - 1) for kind in KINDS}
    )
    what = "change of EPR with 50 instead of 400 cells, {}, %"
    claim = Claim(
        what.format("all three kinds of network"), published["cells_50_change"], 0.0,
        headline="change of EPR with 50 instead of 400 cells, %",
    )  # fmt: skip
    yield claim.of_values(changes.mean(axis=1), "matrices")
    for kind, change in changes.items():
        key = f"cells_50_change_{str(kind).lower().replace('-', '_')}"
        yield Claim(
            what.format(benchmark_table.shown_kind(str(kind))), published[key], 0.0
        ).of_values(change, "matrices")
    gains = pd.DataFrame(
        {kind: 100 * (ensemble[kind, 50] / single[kind, 50] - 1) for kind in KINDS}
    ).mean(axis=1)
    ends = [published[f"cells_50_ensemble_gain_{end}"] for end in ("lowest", "highest")]
    what = f"gain of the ensemble over one training, 50 cells (paper: {ends[0]} to {ends[1]}), %"
    nearest = float(np.clip(gains.mean(), *ends))  # of the published range
    yield Claim(what, nearest, 0.0).of_values(gains, "matrices")


def mixture() -> Iterator[Claim]:
    """Supp. Fig. 16: two to five components of the prior instead of one, on one set of cells.

    Counted are the networks whose interval over seeds lies above zero, as in chapter 7: a mean over
    networks would let their changes cancel. The count itself has no interval.
    """
    changes = effects(recorded_switches(), MIXTURE_DATA, "epr")
    name = MIXTURE_DATA.removeprefix("beeline/")
    for K in (2, 3, 4, 5):
        what = f"networks of {name} whose EPR is raised by {K} components of the prior"
        claim = Claim(what, 0.0, 0.0)
        of_K = changes[(changes["change"] == f"n_components={K}") & np.isfinite(changes["low"])]
        if len(of_K):
            fewest, most = of_K["n"].min(), of_K["n"].max()
            seeds = f"{most} seeds" if fewest == most else f"{fewest} to {most} seeds"
            raised = float((of_K["verdict"] == "raises").sum())
            claim = claim.of_count(raised, len(of_K), f"networks, {seeds}")
        yield claim
