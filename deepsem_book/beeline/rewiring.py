"""How much of an EPR is degrees: its limits on a network, and rankings against rewired truths."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import candidates

from ..baselines.controls import degree_oracle
from .epr import rewire

ORACLES = {"TF-degree": "TF", "target-degree": "target", "both degrees": "both"}
MIN_Z = 3  # distance from the rewired scores, in their standard deviations
MIN_RATIO = 1.1  # EPR / mean on rewired truths: z alone grows with the network
VERDICTS = [
    "edges", "edges, hidden by degrees", "above chance only", "not shown", "not run here",
]  # fmt: skip
SHOW_EDGES = VERDICTS[:2]


def chance_sd(scores: Mapping[str, float]) -> float:
    """Standard deviation of the EPR of a random ranking, from what `evaluate` gives.

    The hits are hypergeometric: k of n candidates are drawn, k of the n are true.
    """
    n, k, p = scores["n_candidates"], scores["n_edges"], scores["density"]
    return float(np.sqrt((1 - p) * (n - k) / (n - 1) / (k * p)))


def limits(network: pd.DataFrame, genes: Sequence[str]) -> dict[str, float]:
    """What EPR can be on this network without any method.

    Keys: true edges, ceiling, chance (1 + 3 `chance_sd`), and the EPR of the three ORACLES.
    """
    oracles = {
        name: evaluate(degree_oracle(network, of), network, genes) for name, of in ORACLES.items()
    }
    of_tfs = oracles["TF-degree"]
    return {
        "true edges": of_tfs["n_edges"],
        "ceiling": of_tfs["max_epr"],
        "chance": 1 + 3 * chance_sd(of_tfs),
        **{name: scores["epr"] for name, scores in oracles.items()},
    }


def selected(edges: pd.DataFrame, network: pd.DataFrame, genes: Sequence[str]) -> np.ndarray:
    """The candidates (TF x gene, bool) that EPR counts: as `early_precision` selects them."""
    aligned = candidates(edges, network, genes)
    truth, scores = aligned.flat
    kth = np.partition(scores, len(scores) - truth.sum())[len(scores) - truth.sum()]
    return aligned.allowed & (aligned.scores >= kth) & (aligned.scores > 0)


def against_rewired(
    rankings: Mapping[str, pd.DataFrame],
    network: pd.DataFrame,
    genes: Sequence[str],
    n: int,
    seed: int = 0,
) -> pd.DataFrame:
    """EPR of each ranking on the truth and on n rewired truths (the same for all rankings).

    Columns: method, epr, null_mean, null_low, null_high, z (NaN for a ranking that no rewiring
    changes) and p, the share of truths, the real one included, with at least this EPR.
    """
    rng = np.random.default_rng(seed)
    c = candidates(next(iter(rankings.values())), network, genes)
    top = {name: selected(edges, network, genes) for name, edges in rankings.items()}
    truths = [c.truth, *(rewire(c.truth, c.allowed, rng) for _ in range(n))]
    rows = []
    for name, chosen in top.items():
        epr = np.array([truth[chosen].mean() for truth in truths]) / c.flat[0].mean()
        null, sd = epr[1:], epr[1:].std(ddof=1)
        rows.append(
            {
                "method": name,
                "epr": epr[0],
                "null_mean": null.mean(),
                "null_low": null.min(),
                "null_high": null.max(),
                "z": (epr[0] - null.mean()) / sd if sd > 1e-9 else np.nan,
                "p": (1 + (null >= epr[0] - 1e-9).sum()) / (n + 1),
            }
        )
    return pd.DataFrame(rows)


def beyond_degrees(epr: float, null_mean: float, z: float) -> bool:
    """Whether a ranking holds more true edges than degrees explain (False where z is NaN)."""
    return bool(z > MIN_Z and epr >= MIN_RATIO * null_mean)


def rewiring_verdict(epr: float, null_mean: float, z: float, chance: float) -> str:
    """What an EPR shows, one of VERDICTS; NaN was not run here."""
    if np.isnan(epr):
        return "not run here"
    beyond = beyond_degrees(epr, null_mean, z)
    if epr > chance:
        return "edges" if beyond else "above chance only"
    return "edges, hidden by degrees" if beyond else "not shown"


def standing(recorded: pd.DataFrame) -> pd.DataFrame:
    """Methods on the recorded rewired truths, the largest median of EPR / rewired first.

    `recorded`: rows of data/results/rewired.csv of one metric. A method with several recorded seeds
    counts once per benchmark, with their median.
    """
    once = (
        recorded.assign(ratio=recorded["observed"] / recorded["null_mean"])
        .groupby(["method", "data", "network"])[["observed", "null_mean", "ratio", "z"]]
        .median()
    )
    once["beyond"] = (once["z"] > MIN_Z) & (once["ratio"] >= MIN_RATIO)
    by_method = once.groupby("method")
    columns = {
        "benchmarks": by_method.size(),
        "edges beyond degrees on": by_method["beyond"].sum(),
        "median EPR": by_method["observed"].median(),
        "rewired": by_method["null_mean"].median(),
        "EPR / rewired": by_method["ratio"].median(),
        "median z": by_method["z"].median(),
    }
    return pd.DataFrame(columns).sort_values("EPR / rewired", ascending=False)
