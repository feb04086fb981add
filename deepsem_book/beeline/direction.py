"""Does a ranking know which way an edge points? Pairs of TFs that are listed one way can say."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import edge_table

from ..datasets.problem import Problem
from ..known_truth import larger


def one_way(network: pd.DataFrame, genes: Sequence[str]) -> np.ndarray:
    """Positions (pair, [regulator, target]) of edges between TFs of the network listed one way."""
    index = pd.Index(pd.Series(genes).str.upper())
    pairs = set(zip(network["Gene1"].str.upper(), network["Gene2"].str.upper(), strict=True))
    regulators = {a for a, _ in pairs} & set(index)
    kept = sorted((a, b) for a, b in pairs if {a, b} <= regulators and (b, a) not in pairs)
    return np.array([index.get_indexer(pair) for pair in kept], dtype=int).reshape(-1, 2)


def pointing(W: np.ndarray, pairs: np.ndarray) -> float:
    """Share of one-way edges with |W[target, regulator]| above the transposed entry; ties half.

    NaN without pairs.
    """
    if not len(pairs):
        return np.nan
    regulator, target = pairs.T
    return float(larger(np.abs(W[target, regulator]), np.abs(W[regulator, target])).mean())


def directions(problem: Problem, Ws: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """(network, method) x one-way pairs, share right, EPR among TFs, EPR transposed.

    `Ws`: W[target, regulator] by method; the TF-degree oracle is added.
    """
    genes, rows = problem.genes, []
    for kind, network in problem.networks.items():
        pairs = one_way(network, genes)
        hubs = network["Gene1"].str.upper().value_counts()
        degree = pd.Series(genes).str.upper().map(hubs).fillna(0).to_numpy()
        among = network[network["Gene2"].str.upper().isin(network["Gene1"].str.upper())]
        for name, W in {**Ws, "TF-degree": np.tile(degree, (len(genes), 1))}.items():
            both_ways = [
                evaluate(edge_table(V, genes, network["Gene1"]), among, genes)["epr"]
                for V in (W, W.T)
            ]
            rows.append([kind, name, len(pairs), pointing(W, pairs), *both_ways])
    names = ["one-way pairs", "share right", "EPR among TFs", "EPR transposed"]
    table = pd.DataFrame(rows, columns=["network", "method", *names])
    return table.set_index(["network", "method"])
