"""Rankings that know no edge: chance, and the degrees of the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from deepsem_minimal.networks import edge_table, known_edges


def random_scores(
    genes: Sequence[str], tfs: Iterable[str] | None = None, seed: int = 0
) -> pd.DataFrame:
    """Edge table of uniform random importances: the control with expected EPR 1."""
    n = len(genes)
    return edge_table(np.random.default_rng(seed).uniform(size=(n, n)), genes, tfs)


def degree_oracle(network: pd.DataFrame, of: str = "TF") -> pd.DataFrame:
    """Edge table that knows only the degrees of the truth: what EPR pays without any edge known.

    of="TF": importance = number of targets the TF has in the network; of="target": number of TFs
    that the target has; of="both": their product (expected edges under independence, up to scale).
    """
    truth = known_edges(network)
    truth = truth[truth["Gene1"] != truth["Gene2"]]
    tfs = pd.Index(truth["Gene1"].unique())
    genes = pd.Index(pd.unique(pd.concat([truth["Gene1"], truth["Gene2"]])))
    out_degree = truth["Gene1"].value_counts().reindex(genes, fill_value=0).to_numpy(dtype=float)
    in_degree = truth["Gene2"].value_counts().reindex(genes, fill_value=0).to_numpy(dtype=float)
    ones = np.ones(len(genes))
    choices = {
        "TF": (ones, out_degree),
        "target": (in_degree, ones),
        "both": (in_degree, out_degree),
    }
    if of not in choices:
        raise ValueError(f"of={of!r}: choose one of {sorted(choices)}")
    return edge_table(np.outer(*choices[of]), list(genes), tfs)
