"""What chapter 5 trains itself, beside its controls: rankings, scores, the head of each list."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import candidates, edge_table
from deepsem_minimal.result import Result

from ..baselines import CONTROL, CONTROL_BESIDE, METHODS
from ..baselines.controls import degree_oracle, random_scores
from ..benchmark_table import PRESET_OF, as_in_paper
from ..datasets.problem import Problem
from ..statistics import t_interval
from .epr import within_tf_auroc

HEAD = 100  # edges that a laboratory could test
N_RANDOM = 5
COMPARED = ["random", "Pearson", CONTROL, "TF-degree"]
METHODS_SHOWN = ["DeepSEM*", "DeepSEM", "Pearson-detection", CONTROL_BESIDE, *COMPARED]
Rankings = list[tuple[str, pd.DataFrame]]


def rankings(problem: Problem, kind: str, result: Result) -> Rankings:
    """All answers for one network: (method, edges); DeepSEM* are the members of `result`."""
    genes, tfs = problem.genes, problem.tfs
    return [
        *(("random", random_scores(genes, tfs, seed)) for seed in range(N_RANDOM)),
        *(
            (name, edge_table(METHODS[name](problem.X, genes, tfs), genes, tfs))
            for name in ("Pearson", "Pearson-detection", CONTROL_BESIDE, CONTROL)
        ),
        *(("DeepSEM*", edge_table(W, genes, tfs)) for W in result.Ws),
        ("DeepSEM", result.edges(tfs, score="paper")),
        ("TF-degree", degree_oracle(problem.networks[kind])),
    ]


def scored(problem: Problem, answers: Mapping[str, Rankings]) -> pd.DataFrame:
    """One row per network and ranking: network, method, and what `evaluate` gives."""
    return pd.DataFrame(
        {
            "network": kind,
            "method": method,
            **evaluate(edges, problem.networks[kind], problem.genes),
        }
        for kind, ranked in answers.items()
        for method, edges in ranked
    )


def recorded_scores(recorded: pd.DataFrame, data: str) -> pd.DataFrame:
    """Recorded rankings of a matrix in the columns of `scored`, with the paper's presets.

    DeepSEM* are single trainings, DeepSEM is the largest ensemble; methods: METHODS_SHOWN.
    """
    rows = as_in_paper(recorded[(recorded["data"] == data) & (recorded["error"] == "")])
    largest = rows.groupby(["network", "method"])["n_members"].transform("max")
    kept = (rows["n_members"] == largest) & rows["method"].isin(METHODS_SHOWN)
    return rows[kept].sort_values("network", key=lambda kinds: kinds.map([*PRESET_OF].index))


def answer(scores: pd.DataFrame) -> dict[str, float]:
    """The numbers of the chapter's answer from `recorded_scores`: median EPR by network."""
    epr = scores.groupby(["network", "method"])["epr"]
    numbers: dict[str, float] = {}
    for kind, word in (("STRING", "string"), ("Non-Specific", "chip"), ("Specific", "own")):
        numbers[word] = epr.median()[kind, "DeepSEM"]
        numbers[f"{word}_control"] = epr.median()[kind, CONTROL]
        numbers[f"{word}_low"] = epr.min()[kind, "DeepSEM*"]
        numbers[f"{word}_high"] = epr.max()[kind, "DeepSEM*"]
    return numbers


def shown(scores: pd.DataFrame) -> pd.DataFrame:
    """(network, method) x EPR and AUPRC ratio: median and, of several rankings, the range."""
    names = {"epr": "EPR", "auprc_ratio": "AUPRC ratio"}
    table = scores.groupby(["network", "method"], sort=False)[[*names]].agg(spread)
    return table.rename(columns=names)


def spread(values: pd.Series) -> str:
    """Median, and the range of several values."""
    median = f"{values.median():.2f}"
    return f"{median} ({values.min():.2f} to {values.max():.2f})" if len(values) > 1 else median


def verdicts(scores: pd.DataFrame) -> pd.DataFrame:
    """By network: the single trainings beside each control, and whether all are above it."""
    rows = {}
    for kind, of_kind in scores.groupby("network", sort=False):
        epr = of_kind.groupby("method")["epr"]
        seeds = epr.get_group("DeepSEM*")
        row = {"ensemble": f"{epr.median()['DeepSEM']:.2f}", "single trainings": spread(seeds)}
        for method in COMPARED:
            best = epr.max()[method]  # of the random rankings, the luckiest
            row[f"above {method}?"] = f"{above(seeds, best)} ({best:.2f})"
        rows[kind] = row | {"ceiling": f"{of_kind['max_epr'].iloc[0]:.1f}"}
    return pd.DataFrame(rows).T.rename_axis("network")


def above(seeds: pd.Series, bar: float) -> str:
    """Whether single trainings are above a bar: all, none, or how many."""
    n = int((seeds > bar).sum())
    return {0: "none", len(seeds): "all"}.get(n, f"{n} of {len(seeds)}")


def curve(problem: Problem, kind: str, method: str, edges: pd.DataFrame) -> pd.DataFrame:
    """Precision and recall of the first edges at some 200 lengths of the list.

    Columns k, recall, precision, ratio (precision / density), network, method. Ties count by their
    mean.
    """
    is_true, scores = candidates(edges, problem.networks[kind], problem.genes).flat
    order = np.argsort(-scores, kind="stable")
    end_of_tie = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits_at_end = np.cumsum(is_true[order])[end_of_tie]
    taken = np.unique([HEAD, *np.geomspace(20, len(order), 200).astype(int)])
    hits = np.interp(taken, [0, *(end_of_tie + 1)], [0, *hits_at_end])
    columns = {"k": taken, "recall": hits / is_true.sum(), "precision": hits / taken}
    columns["ratio"] = columns["precision"] / is_true.mean()
    return pd.DataFrame(columns).assign(network=kind, method=method)


def curves(problem: Problem, answers: Mapping[str, Rankings]) -> pd.DataFrame:
    """`curve` of each method but single trainings and r²; of several rankings, of the last."""
    return pd.concat(
        curve(problem, kind, method, edges)
        for kind, ranked in answers.items()
        for method, edges in dict(ranked).items()
        if method not in ("DeepSEM*", CONTROL_BESIDE)
    )


def of_seeds(problem: Problem, results: Mapping[str, Result]) -> pd.DataFrame:
    """`curve` of the single trainings; `results` by network."""
    return pd.concat(
        curve(problem, kind, f"seed {seed}", edge_table(W, problem.genes, problem.tfs))
        for kind, result in results.items()
        for seed, W in enumerate(result.Ws)
    )


def heads(curves: pd.DataFrame) -> pd.DataFrame:
    """(network, method) x ratio (precision over density) and hits among the first HEAD."""
    at_head = curves[curves["k"] == HEAD].set_index(["network", "method"])
    return at_head[["ratio"]].assign(hits=at_head["precision"] * HEAD)


def head_table(
    curves: pd.DataFrame, of_single: pd.DataFrame, densities: Mapping[str, float]
) -> pd.DataFrame:
    """True edges among the first HEAD by network, and whether DeepSEM's differ from the control's.

    `curves`: of the methods; `of_single`: `of_seeds`; `densities`: by network.
    """
    hits, single = heads(curves)["hits"], heads(of_single)["hits"]
    rows = {}
    for kind, density in densities.items():
        of_kind, by_chance = hits[kind], HEAD * density
        rows[kind] = {
            "by chance": f"{by_chance:.1f} ± {sd_of_count(by_chance):.1f}",
            "DeepSEM": f"{of_kind['DeepSEM']:.0f}",
            "single trainings": f"{single[kind].min():.0f} to {single[kind].max():.0f}",
            **{name: f"{of_kind[name]:.0f}" for name in (CONTROL, "Pearson", "TF-degree")},
            f"DeepSEM and {CONTROL}": apart(of_kind["DeepSEM"], of_kind[CONTROL]),
        }
    return pd.DataFrame(rows).T.rename_axis(f"true edges of {HEAD}")


def sd_of_count(hits: float) -> float:
    """Standard deviation of a count among the first HEAD edges (binomial)."""
    return float(np.sqrt(hits * (1 - hits / HEAD)))


def apart(ours: float, theirs: float) -> str:
    """A verdict on two counts, only where they are two sd of their difference apart."""
    if abs(ours - theirs) <= 2 * np.hypot(sd_of_count(ours), sd_of_count(theirs)):
        return "cannot be told apart"
    return "more" if ours > theirs else "fewer"


# --- For the exercises ----------------------------------------------------------------------------


def epr_of(problem: Problem, kind: str, W: np.ndarray) -> float:
    """EPR of one matrix of importances on one network."""
    edges = edge_table(W, problem.genes, problem.tfs)
    return evaluate(edges, problem.networks[kind], problem.genes)["epr"]


def sign_orders(problem: Problem, kind: str, Ws: np.ndarray) -> pd.DataFrame:
    """Change of EPR by sorting edges by signed W instead of |W|, with a t interval over seeds."""
    plain = np.array([epr_of(problem, kind, W) for W in Ws])
    rows = {}
    # evaluate ignores signs, so the weights are shifted first
    for name, order in {
        "largest W first": Ws - Ws.min(),
        "smallest W first": Ws.max() - Ws,
    }.items():
        mean, low, high = t_interval(
            epr_of(problem, kind, W) - p for W, p in zip(order, plain, strict=True)
        )
        rows[name] = {"|W|": plain.mean(), "change": mean, "low": low, "high": high}
    return pd.DataFrame(rows).T.rename_axis(kind)


def within_tfs(problem: Problem, kind: str, ranked: Rankings, n_random: int = 19) -> pd.DataFrame:
    """Mean AUROC within TFs of each method, and whether it is above all of `n_random` rankings."""
    genes, tfs, network = problem.genes, problem.tfs, problem.networks[kind]

    def mean(edges: pd.DataFrame) -> float:
        return float(within_tf_auroc(edges, network, genes)["auroc"].mean())

    best = max(mean(random_scores(genes, tfs, seed)) for seed in range(n_random))
    methods = {name: edges for name, edges in dict(ranked).items() if name != "random"}
    table = pd.DataFrame({kind: {name: mean(edges) for name, edges in methods.items()}})
    return table.assign(**{f"above {n_random} random": table[kind] > best})
