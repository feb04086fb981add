"""Known networks as matrices: what they share, and which way their edges point."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from deepsem_minimal import metrics
from deepsem_minimal.networks import known_edges

from .. import datasets
from ..baselines.controls import random_scores
from ..benchmark_table import KIND_NAMES

KINDS = {KIND_NAMES[file]: file for file in datasets.KINDS}


def truths_of(name: str) -> dict[str, pd.DataFrame]:
    """The known networks of a data set by kind, columns Gene1 (TF) and Gene2 (target).

    A simulation has one truth; a random half of it stands for an incomplete experiment.
    """
    if name.startswith("sim/"):
        whole = datasets.load_network(f"{name}/truth")
        return {"truth": whole, "half of it": whole.sample(frac=0.5, random_state=0)}
    return {kind: datasets.load_network(f"{name}/{file}") for kind, file in KINDS.items()}


def as_matrix(network: pd.DataFrame) -> pd.DataFrame:
    """A known network as a bool table TF x gene (all genes that it names), without self edges."""
    edges = known_edges(network)
    nodes = sorted(set(edges["Gene1"]) | set(edges["Gene2"]))
    counts = pd.crosstab(edges["Gene1"], edges["Gene2"]).reindex(columns=nodes, fill_value=0)
    return (counts > 0) & (counts.index.to_numpy()[:, None] != counts.columns.to_numpy())


def described(
    truths: Mapping[str, pd.DataFrame], genes: Sequence[str], tfs: Iterable[str]
) -> pd.DataFrame:
    """One row per network: size and density among `genes`, and how many edges go both ways."""
    random = random_scores(genes, tfs)
    rows = {}
    for kind, network in truths.items():
        scores = metrics.evaluate(random, network, genes)
        matrix = as_matrix(network)
        among_tfs = matrix[matrix.index].to_numpy()
        both_ways = (among_tfs & among_tfs.T).sum() / max(1, among_tfs.sum())
        rows[kind] = {
            "TFs": scores["n_tfs"],
            "genes": scores["n_genes"],
            "edges": scores["n_edges"],
            "candidates": scores["n_candidates"],
            "density": f"{scores['density']:.3f}",
            "edges between TFs": among_tfs.sum(),
            "of these both ways": f"{both_ways:.0%}",
        }
    return pd.DataFrame(rows).T


def on_common(*matrices: pd.DataFrame) -> list[pd.DataFrame]:
    """The same networks, cut to the TFs and genes that all of them name."""
    tfs = sorted(set.intersection(*(set(matrix.index) for matrix in matrices)))
    genes = sorted(set.intersection(*(set(matrix.columns) for matrix in matrices)))
    return [matrix.loc[tfs, genes] for matrix in matrices]


def overlaps(matrices: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Shared edges of each pair of networks (`as_matrix`) beside what two unrelated ones share.

    "expected by chance": edges may lie anywhere; "expected from degrees": each network keeps how
    many edges every TF and every gene has.
    """
    rows = {}
    for first, second in combinations(matrices, 2):
        tables = on_common(matrices[first], matrices[second])
        a, b = (table.to_numpy() for table in tables)
        n_self = len(set(matrices[first].index) & set(matrices[second].index))
        expected = a.sum() * b.sum() / (a.size - n_self)
        hubs = (a.sum(1) @ b.sum(1)) * (a.sum(0) @ b.sum(0)) / (a.sum() * b.sum())
        rows[f"{first} and {second}"] = {
            "TFs of both": len(a),
            "edges": f"{a.sum()} and {b.sum()}",
            "shared": (a & b).sum(),
            "expected by chance": f"{expected:.0f}",
            "times chance": f"{(a & b).sum() / expected:.1f}",
            "expected from degrees": f"{hubs:.0f}",
            "shared, of all their edges": f"{(a & b).sum() / (a | b).sum():.0%}",
        }
    return pd.DataFrame(rows).T


def side_by_side(matrices: Mapping[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """The networks on what all of them name (TF x gene), genes with most edges first."""
    panels = [table.to_numpy() for table in on_common(*matrices.values())]
    order = np.argsort(-sum(panel.sum(axis=0) for panel in panels), kind="stable")
    return {kind: panel[:, order] for kind, panel in zip(matrices, panels, strict=True)}


def one_way_edges(matrices: Mapping[str, pd.DataFrame], scores: pd.DataFrame) -> pd.DataFrame:
    """Of the pairs of TFs with an edge in one direction only: which of the two scores higher?

    `scores` is [target, regulator] with the genes as index and columns. A gap below 1e-12 is a tie.
    """
    rows = {}
    for kind, matrix in matrices.items():
        tfs = [gene for gene in matrix.index if gene in scores]
        edge = matrix.loc[tfs, tfs].to_numpy().T  # [target, regulator]
        score = scores.loc[tfs, tfs].to_numpy()  # the same orientation
        gap = (score - score.T)[edge & ~edge.T]
        right, wrong = (gap > 1e-12).sum(), (gap < -1e-12).sum()
        rows[kind] = {"one-way edges": len(gap), "right": right, "wrong": wrong}
        rows[kind]["tie"] = len(gap) - right - wrong
    return pd.DataFrame(rows).T
