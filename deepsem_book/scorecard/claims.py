"""The paper's claims beside our recorded tables: one row per claim, with an interval and a verdict.

Nothing is trained here. Each claim is a number of the paper (doi 10.1038/s43588-021-00099-8), the
value that it would have if there were nothing to it, and the same quantity from `data/results`.
Beside them stand comparisons that the paper does not make, with controls that model no network.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict

import numpy as np
import pandas as pd

from .. import baselines, benchmark_table, datasets
from ..beeline.ablations import effects, judged, recorded_switches
from ..statistics import data_set_names, over_data_sets
from .claim import CONTROL, DOWN, PAPER, UP, Claim, claim_verdict, mean_and_interval

MIXTURE_DATA = "beeline/mDC-500"
RIVALS = ["PIDC", "GENIE3", "GRNBoost2", "ppcor", "SCODE", "SINCERITIES"]
CONTROLS = [baselines.CONTROL, baselines.CONTROL_BESIDE, "Pearson-detection", "TF-degree"]
SCORES = {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}


def scorecard() -> pd.DataFrame:
    """One row per claim: part and page of the book, the fields of Claim, and `verdict`.

    Numbers are NaN, and n is 0, where no table has them.
    """
    rows = [
        {"part": part, "page": page, **asdict(claim)}
        for claims, part, page in PARTS
        for claim in claims()
    ]
    table = pd.DataFrame(rows)
    judge = zip(table["low"], table["high"], table["published"], table["nothing"])
    table["verdict"] = [claim_verdict(*row) for row in judge]
    alone = np.isfinite(table["measured"]) & ~np.isfinite(table["low"])
    table.loc[alone, "verdict"] = "no interval"
    table.loc[~table["comparable"], "verdict"] = "not comparable"
    return table


# --- GRN inference --------------------------------------------------------------------------------


def in_words(method: str) -> str:
    """A method's name in words: "GENIE3/n_trees=50" is "GENIE3 (50 trees)"."""
    return re.sub(r"/n_trees=(\d+)", r" (\1 trees)", method)


def counted(scores: pd.DataFrame) -> str:
    """What the rows of complete scores are: "benchmarks of 5 sets of cells"."""
    names = data_set_names(scores.dropna().index.get_level_values("data"))
    return f"benchmarks of {names.nunique()} sets of cells"


def beeline() -> Iterator[Claim]:
    """Counts and gains of Fig. 3 and Supp. Fig. 1; intervals over sets of cells."""
    summary = benchmark_table.summarise(benchmark_table.recorded())
    run = {name.split("/")[0]: name for name in sorted(summary["method"], reverse=True)}
    rivals = [run[name] for name in RIVALS if name in run]
    published = datasets.published()
    gains = {
        name: published[f"gain_over_{name.lower()}"] for name in ("PIDC", "GENIE3", "GRNBoost2")
    }
    for score, column in SCORES.items():
        scores = benchmark_table.matrix(summary, column, ["DeepSEM", *rivals])
        for margin in (0.0, 0.1):
            ahead = benchmark_table.leads(scores, "DeepSEM", margin)
            what = f"{score} at least {margin:.0%} above the next" if margin else f"best {score}"
            count = published[f"{column}_best" + ("_by_margin" if margin else "")]
            share = 100 * count / published["benchmarks"]
            nothing = 0.0 if margin else 100 / (len(rivals) + 1)
            low, high = np.clip(over_data_sets(100 * ahead.astype(float)), 0, 100)
            yield Claim(
                f"{what}, % of benchmarks",
                share,
                nothing,
                100 * ahead.mean(),
                low,
                high,
                len(ahead),
                counted(scores),
            )
        for row in benchmark_table.gains(scores, "DeepSEM").itertuples():
            if (name := row.method.split("/")[0]) in gains:
                yield Claim(
                    f"mean gain in {score} over {in_words(row.method)}, %",
                    gains[name],
                    0.0,
                    row.gain,
                    row.low,
                    row.high,
                    row.n,
                    counted(scores[["DeepSEM", row.method]]),
                )
        yield from beside_controls(
            score, benchmark_table.matrix(summary, column, ["DeepSEM", *CONTROLS])
        )


def beside_controls(score: str, scores: pd.DataFrame) -> Iterator[Claim]:
    """DeepSEM's mean gain over each control, and the share of benchmarks on which it is higher.

    A mean of percentages has no upper limit, but cannot fall below -100: a few large gains
    outweigh many losses. The share counts each benchmark alike.
    """
    for row in benchmark_table.gains(scores, "DeepSEM").itertuples():
        both = scores[["DeepSEM", row.method]]
        of = counted(both)
        what = f"mean gain in {score} over {row.method}, %"
        yield Claim(what, UP, 0.0, row.gain, row.low, row.high, row.n, of, CONTROL)
        above = 100 * benchmark_table.leads(both, "DeepSEM").astype(float)
        low, high = np.clip(over_data_sets(above), 0, 100)
        what = f"{score} above {row.method}, % of benchmarks"
        yield Claim(what, UP, 50.0, above.mean(), low, high, len(above), of, CONTROL)


def few_cells() -> Iterator[Claim]:
    """Supp. Fig. 2: the ensemble's EPR with 50 instead of 400 cells, per kind of network."""
    table = judged(benchmark_table.recorded("cells"))
    table = table.assign(
        matrix=table["data"].str.partition("@")[0],
        n_cells=pd.to_numeric(table["data"].str.partition("@")[2]),
    )
    table = table[table["n_members"] > 1]
    ensemble = table.set_index(["network", "n_cells", "matrix"])["epr"].sort_index()
    for kind in ("STRING", "Non-Specific", "Specific"):
        published = datasets.published()[f"cells_50_change_{kind.lower().replace('-', '_')}"]
        change = 100 * (ensemble[kind, 50] / ensemble[kind, 400] - 1)
        yield Claim(
            f"change of EPR with 50 instead of 400 cells, {kind}, %",
            published,
            0.0,
            *mean_and_interval(change),
            "matrices",
        )


def mixture() -> Iterator[Claim]:
    """Supp. Fig. 16: two to five components of the prior instead of one, on one set of cells.

    Counted are the networks whose interval over seeds lies above zero, as in chapter 7: a mean over
    networks would let their changes cancel. The count itself has no interval.
    """
    changes = effects(recorded_switches(), MIXTURE_DATA, "epr")
    name = MIXTURE_DATA.removeprefix("beeline/")
    for K in (2, 3, 4, 5):
        of_K = changes[(changes["change"] == f"n_components={K}") & np.isfinite(changes["low"])]
        raised = float((of_K["verdict"] == "raises").sum()) if len(of_K) else np.nan
        of = "networks"
        if len(of_K):
            fewest, most = of_K["n"].min(), of_K["n"].max()
            of += f", {most} seeds" if fewest == most else f", {fewest} to {most} seeds"
        what = f"networks of {name} whose EPR is raised by {K} components of the prior"
        yield Claim(what, 0.0, 0.0, raised, raised, raised, len(of_K), of)


# --- Cortex ---------------------------------------------------------------------------------------


def cortex() -> Iterator[Claim]:
    """Fig. 4a: the share of regulators with a motif near the target, against two nulls."""
    table = datasets.results("cortex")
    deep = table[table["method"].str.startswith("DeepSEM") & (table["n_members"] > 1)]
    deep = deep[(deep["k"] == 12) & (deep["type"] == "all")]  # 12 regulators: Supp. Table 4
    for by, what, gap in (
        (PAPER, "random regulators", deep["observed"] - deep["random"]),
        (CONTROL, "the same TFs with other targets", deep["effect"]),
    ):
        by_cells = gap.groupby(deep["data"]).mean()
        yield Claim(
            f"share of regulators with a motif near the target, over {what}",
            UP,
            0.0,
            *mean_and_interval(by_cells),
            "sets of cells",
            by,
        )


# --- Embedding ------------------------------------------------------------------------------------


def cell_types() -> Iterator[Claim]:
    """Fig. 5 and Supp. Fig. 6, and what the GRN layer adds."""
    table = datasets.results("embedding")
    main = table[(table["genes"] == "sd") & (table["labels"] == "cell_type")]
    mean = main.groupby(["data", "method"])["ari"].mean().unstack()
    rivals = dict.fromkeys(("scVI", "DCA", "ZIFA", "FA"), PAPER)
    rivals |= dict.fromkeys(("trained without W", "PCA, same input"), CONTROL)
    for rival, by in rivals.items():
        gap = mean["DeepSEM"] - mean[rival] if rival in mean else []
        name = "the same model trained without W" if rival == "trained without W" else rival
        yield Claim(f"gain in ARI over {name}", UP, 0.0, *mean_and_interval(gap), "data sets", by)


# --- Simulation -----------------------------------------------------------------------------------


def simulated_cells() -> Iterator[Claim]:
    """Fig. 6b and c: realism and GRN consistency against the two GANs and against copies.

    Per cent are of means over repeats. Repeats are splits of the same cells: each data set counts
    once. Our GANs are smaller and less trained than the published ones, so that beating them says
    nothing about the claim; they are compared where there are networks, as in chapter 12.
    """
    table = datasets.results("simulation")
    with_network = table.dropna(subset="top_0.1")
    name = ", ".join(with_network["data"].unique())
    quantities = {
        "simulation_auc_lower_than": ("auc", -1, "change of the forest's AUC from {} to DeepSEM"),
        "simulation_overlap_gain_over": ("top_0.1", 1, "gain in GRN consistency at 0.1 % over {}"),
    }
    for gan in ("cscGAN", "scGAN"):
        for key, (column, sign, text) in quantities.items():
            published = sign * datasets.published()[f"{key}_{gan}"]
            measured = mean_and_interval(change_of_means(with_network, column, gan))
            what = f"{text.format(gan)}, {name}, %"
            yield Claim(what, published, 0.0, *measured, "data set", comparable=False)
    measured = mean_and_interval(change_of_means(table, "auc", "copy"))
    what = "change of the forest's AUC from copies of real cells to DeepSEM, %"
    yield Claim(what, DOWN, 0.0, *measured, "data sets", CONTROL)


def change_of_means(table: pd.DataFrame, column: str, other: str) -> pd.Series:
    """Per cent by which DeepSEM's mean over repeats differs from `other`'s, by data set."""
    mean = table.groupby(["data", "simulator"])[column].mean().unstack()
    return 100 * (mean["DeepSEM, posterior"] / mean[other] - 1)


PARTS: list[tuple[Callable[[], Iterator[Claim]], str, str]] = [
    (beeline, "GRN inference", "05b_the_whole_benchmark"),
    (few_cells, "GRN inference", "05b_the_whole_benchmark"),
    (mixture, "GRN inference", "07_does_it_hold"),
    (cortex, "Cortex", "11_mouse_cortex"),
    (cell_types, "Embedding", "10_embedding_and_clustering"),
    (simulated_cells, "Simulation", "12_simulating_cells"),
]
