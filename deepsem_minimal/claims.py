"""The paper's claims beside our recorded tables: one row a claim, with an interval and a verdict.

Nothing is trained here. Each claim is a number of the paper (doi 10.1038/s43588-021-00099-8), the
value that it would have if there were nothing to it, and the same quantity from `data/results`.
Beside them stand comparisons that the paper does not make, with controls that model no network.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from deepsem_minimal import data, records
from deepsem_minimal.intervals import over_cells, t_interval
from deepsem_minimal.switches import differences, judged
from deepsem_minimal.switches import recorded as recorded_switches

RIVALS = ["PIDC", "GENIE3", "GRNBoost2", "ppcor", "SCODE", "SINCERITIES"]
SCORES = {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}
UP, DOWN = np.inf, -np.inf  # the paper gives a direction and no number
PAPER, CONTROL = "the paper", "a control"  # who compares: the paper, or this book


@dataclass(frozen=True)
class Claim:
    """A claim, its published value, and what our tables say of the same quantity."""

    claim: str
    published: float  # UP or DOWN where only a direction is given
    nothing: float  # the value if there were nothing to the claim
    here: float  # our mean, with its 95 % interval
    low: float
    high: float
    n: int
    of: str  # what n counts
    asked_by: str = PAPER
    comparable: bool = True  # whether rival or control is what the paper compares with


def verdict(low: float, high: float, published: float, nothing: float) -> str:
    """What an interval says of a claim. `nothing`: the value if there were nothing to the claim.

    A claim of no effect (published = nothing) holds as far as the interval includes it.
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        return "not measured"
    if published == nothing:
        return "not contradicted" if low <= nothing <= high else "contradicted"
    if low <= nothing <= high:
        possible = np.isinf(published) or low <= published <= high
        return "undecided" if possible else "weaker or none"
    if (low > nothing) != (published > nothing):
        return "opposite"
    if np.isinf(published):
        return "same direction"
    if low <= published <= high:
        return "as published"
    farthest = max(abs(low - nothing), abs(high - nothing))
    return "weaker" if farthest < abs(published - nothing) else "stronger"


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
    table["verdict"] = [verdict(*row) for row in judge]
    table.loc[np.isfinite(table["here"]) & ~np.isfinite(table["low"]), "verdict"] = "no interval"
    table.loc[~table["comparable"], "verdict"] = "not comparable"
    return table


def mean_and_interval(values: Iterable[float]) -> tuple[float, float, float, int]:
    """`intervals.t_interval` of the finite values, and their number."""
    finite = [value for value in values if np.isfinite(value)]
    return *t_interval(finite), len(finite)


# --- GRN inference --------------------------------------------------------------------------------


def beeline() -> Iterator[Claim]:
    """Counts and gains of Fig. 3 and Supp. Fig. 1; intervals over sets of cells."""
    summary = records.summarise(records.recorded())
    run = {name.split("/")[0]: name for name in sorted(summary["method"], reverse=True)}
    rivals = [run[name] for name in RIVALS if name in run]
    counts = {"EPR": {0.0: 36, 0.1: 24}, "AUPRC ratio": {0.0: 38, 0.1: 24}}  # of 44
    gains = {"PIDC": 12.46, "GENIE3": 14.38, "GRNBoost2": 20.70}
    for score, column in SCORES.items():
        scores = records.matrix(summary, column, ["DeepSEM", *rivals])
        for margin in (0.0, 0.1):
            ahead = records.leads(scores, "DeepSEM", margin)
            what = f"{score} at least {margin:.0%} above the next" if margin else f"best {score}"
            share = 100 * counts[score][margin] / 44
            nothing = 0.0 if margin else 100 / (len(rivals) + 1)
            low, high = np.clip(over_cells(100 * ahead.astype(float)), 0, 100)
            yield Claim(
                f"{what}, % of benchmarks",
                share,
                nothing,
                100 * ahead.mean(),
                low,
                high,
                len(ahead),
                "benchmarks",
            )
        for row in records.gains(scores, "DeepSEM").itertuples():
            if (name := row.method.split("/")[0]) in gains:
                yield Claim(
                    f"mean gain in {score} over {row.method}, %",
                    gains[name],
                    0.0,
                    row.gain,
                    row.low,
                    row.high,
                    row.n,
                    "benchmarks",
                )
        controls = records.matrix(summary, column, ["DeepSEM", "Pearson-detection", "TF-degree"])
        for row in records.gains(controls, "DeepSEM").itertuples():
            yield Claim(
                f"mean gain in {score} over {row.method}, %",
                UP,
                0.0,
                row.gain,
                row.low,
                row.high,
                row.n,
                "benchmarks",
                CONTROL,
            )


def few_cells() -> Iterator[Claim]:
    """Supp. Fig. 2: the ensemble's EPR with 50 instead of 400 cells, per kind of network."""
    table = judged(records.recorded("cells"))
    table = table.assign(
        matrix=table["data"].str.partition("@")[0],
        n_cells=pd.to_numeric(table["data"].str.partition("@")[2]),
    )
    table = table[table["n_members"] > 1]
    ensemble = table.set_index(["network", "n_cells", "matrix"])["epr"].sort_index()
    for kind, drop in {"STRING": -31.47, "Non-Specific": -28.35, "Specific": -3.39}.items():
        change = 100 * (ensemble[kind, 50] / ensemble[kind, 400] - 1)
        yield Claim(
            f"change of EPR with 50 instead of 400 cells, {kind}, %",
            drop,
            0.0,
            *mean_and_interval(change),
            "matrices",
        )


def mixture() -> Iterator[Claim]:
    """Supp. Fig. 16: two to five components of the prior instead of one.

    A seed counts if it has every kind of network.
    """
    changes = differences(recorded_switches(), "epr")
    for K in (2, 3, 4, 5):
        same = changes[changes["change"] == f"n_components={K}"]
        by_seed = same.groupby(["data", "seed"])["value"].agg(["mean", "size"])
        change = by_seed.loc[by_seed["size"] == by_seed["size"].max(), "mean"]
        yield Claim(
            f"change of EPR with {K} components of the prior",
            0.0,
            0.0,
            *mean_and_interval(change),
            "seeds",
        )


# --- Cortex ---------------------------------------------------------------------------------------


def cortex() -> Iterator[Claim]:
    """Fig. 4a: the share of regulators with a motif near the target, against two nulls."""
    table = data.results("cortex")
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
    table = data.results("embedding")
    main = table[(table["genes"] == "sd") & (table["labels"] == "cell_type")]
    mean = main.groupby(["data", "method"])["ari"].mean().unstack()
    rivals = dict.fromkeys(("scVI", "DCA", "ZIFA", "FA"), PAPER)
    rivals |= dict.fromkeys(("no GRN", "PCA, same input"), CONTROL)
    for rival, by in rivals.items():
        gap = mean["DeepSEM"] - mean[rival] if rival in mean else []
        name = "the same encoder without its GRN layer" if rival == "no GRN" else rival
        yield Claim(f"gain in ARI over {name}", UP, 0.0, *mean_and_interval(gap), "data sets", by)


# --- Simulation -----------------------------------------------------------------------------------


def simulated_cells() -> Iterator[Claim]:
    """Fig. 6b and c: realism and GRN consistency against the two GANs and against copies.

    Repeats are splits of the same cells: each data set counts once. Our GANs are smaller and less
    trained than the published ones, so that beating them says nothing of the claim.
    """
    table = data.results("simulation").set_index(["data", "repeat", "simulator"])
    auc, edges = table["auc"].unstack(), table["top_0.1"].unstack()
    forest = "change of the forest's AUC from {} to DeepSEM, %"
    network = "gain in GRN consistency at 0.1 % over {}, %"
    for text, scores, other, published, by in (
        (forest, auc, "cscGAN", -1.21, PAPER),
        (network, edges, "cscGAN", 33.07, PAPER),
        (forest, auc, "scGAN", -19.77, PAPER),
        (network, edges, "scGAN", 156.14, PAPER),
        (forest, auc, "copy", DOWN, CONTROL),
    ):
        change = 100 * (scores["DeepSEM, posterior"] / scores[other] - 1)
        copies = other == "copy"
        yield Claim(
            text.format("copies of real cells" if copies else other),
            published,
            0.0,
            *mean_and_interval(change.groupby("data").mean()),
            "data sets",
            by,
            comparable=copies,
        )


PARTS: list[tuple[Callable[[], Iterator[Claim]], str, str]] = [
    (beeline, "GRN inference", "05_grn_inference_beeline"),
    (few_cells, "GRN inference", "05_grn_inference_beeline"),
    (mixture, "GRN inference", "07_does_it_hold"),
    (cortex, "Cortex", "11_mouse_cortex"),
    (cell_types, "Embedding", "10_embedding_and_clustering"),
    (simulated_cells, "Simulation", "12_simulating_cells"),
]
