"""How much of an EPR is degrees: its limits on a network, and rankings against rewired truths."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import candidates, edge_table

from ..baselines.controls import degree_oracle
from ..datasets.problem import Problem
from ..statistics import holm
from .epr import rewire

ORACLES = {"TF-degree": "TF", "target-degree": "target", "both degrees": "both"}
N_SHUFFLES = 20


def chance_sd(scores: Mapping[str, float]) -> float:
    """Standard deviation of the EPR of a random ranking, from what `evaluate` gives.

    The hits are hypergeometric: k of n candidates are drawn, k of the n are true.
    """
    n, k, p = scores["n_candidates"], scores["n_edges"], scores["density"]
    return float(np.sqrt((1 - p) * (n - k) / (n - 1) / (k * p)))


def limits(network: pd.DataFrame, genes: Sequence[str]) -> dict[str, float]:
    """What EPR can be on this network without any method.

    Keys: true edges, ceiling, sd of random rankings (`chance_sd`), and the EPR of the ORACLES.
    """
    oracles = {
        name: evaluate(degree_oracle(network, of), network, genes) for name, of in ORACLES.items()
    }
    of_tfs = oracles["TF-degree"]
    return {
        "true edges": of_tfs["n_edges"],
        "ceiling": of_tfs["max_epr"],
        "random, sd": chance_sd(of_tfs),
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

    Columns: method, epr, null_mean, null_low, null_high, headroom ((epr - null_mean) / (ceiling -
    null_mean)) and z (NaN for a ranking that no rewiring changes).
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
                "headroom": (epr[0] - null.mean()) / (1 / c.flat[0].mean() - null.mean()),
                "z": (epr[0] - null.mean()) / sd if sd > 1e-9 else np.nan,
            }
        )
    return pd.DataFrame(rows)


def with_shuffled_names(
    W: np.ndarray, problem: Problem, kind: str, n: int = N_SHUFFLES, seed: int = 0
) -> np.ndarray:
    """EPR (n,) of the same matrix given to renamed genes: TFs among TFs, others among others.

    Random rankings have independent scores; in a real matrix a hub carries all its edges along, so
    chance scatters more. W is [target, regulator].
    """
    rng = np.random.default_rng(seed)
    is_tf = np.isin(problem.genes, problem.tfs)
    scores = []
    for _ in range(n):
        order = np.arange(len(is_tf))
        for group in (is_tf, ~is_tf):
            order[group] = rng.permutation(order[group])
        edges = edge_table(W[np.ix_(order, order)], problem.genes, problem.tfs)
        scores.append(evaluate(edges, problem.networks[kind], problem.genes)["epr"])
    return np.array(scores)


def chance_table(Ws: Mapping[str, np.ndarray], problem: Problem) -> pd.DataFrame:
    """(network, method): EPR, chance by `with_shuffled_names`, and of random rankings alone.

    p (Holm): one-sided, of a normal distribution with mean and sd of the shuffled names, corrected
    for all rows; above chance: below 0.05.
    """
    rows, p = {}, []
    for kind, network in problem.networks.items():
        sd = limits(network, problem.genes)["random, sd"]
        for name, W in Ws.items():
            edges = edge_table(W, problem.genes, problem.tfs)
            epr = evaluate(edges, network, problem.genes)["epr"]
            shuffled = with_shuffled_names(W, problem, kind)
            mean, spread = shuffled.mean(), shuffled.std(ddof=1)
            rows[kind, name] = {
                "EPR": f"{epr:.2f}",
                "shuffled names": f"{mean:.2f} ± {spread:.2f}",
                "random rankings": f"1.00 ± {sd:.2f}",
            }
            p.append(stats.norm.sf(epr, mean, spread))
    table = pd.DataFrame(rows).T.rename_axis(["network", "method"])
    corrected = holm(p)
    above = ["yes" if value < 0.05 else "not shown" for value in corrected]
    return table.assign(**{"p (Holm)": corrected.round(3), "above chance": above})
