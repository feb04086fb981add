"""What a score is read against: chance, correlation, depth, degrees and the ceiling."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deepsem_minimal import metrics
from deepsem_minimal.networks import edge_table

from ..baselines import pearson
from ..baselines.controls import degree_oracle, random_scores

N_RANDOM = 20  # draws of random scores
SCORES = ("epr", "auprc_ratio")


def without(X: np.ndarray, covariate: np.ndarray) -> np.ndarray:
    """X (cells x genes) minus its least-squares line in a covariate (cells,)."""
    design = np.c_[np.ones(len(X)), covariate]
    return X - design @ np.linalg.lstsq(design, X, rcond=None)[0]


def by_correlation(X: np.ndarray, genes: Sequence[str]) -> pd.DataFrame:
    """Edge table of |r|, every gene a possible regulator; X is (cells x genes)."""
    return edge_table(pearson.infer(X, genes, genes), genes)


def control_scores(
    truths: Mapping[str, pd.DataFrame], X: np.ndarray, genes: Sequence[str]
) -> pd.DataFrame:
    """EPR and AUPRC ratio of correlation and its controls against each known network.

    Columns truth, method, score ("epr", "auprc_ratio"), value; one row per draw of random scores.
    """
    zeros = (X == 0).sum(axis=1)
    fixed = {
        "random": [random_scores(genes, seed=seed) for seed in range(N_RANDOM)],
        "Pearson |r|": [by_correlation(X, genes)],
        "Pearson-detection": [by_correlation(without(X, zeros), genes)],  # |r| without depth
    }
    rows = []
    for kind, network in truths.items():
        for method, tables in (fixed | {"degrees": [degree_oracle(network)]}).items():
            for table in tables:
                scores = metrics.evaluate(table, network, genes)
                rows += [(kind, method, score, scores[score]) for score in SCORES]
        rows += [(kind, "ceiling", score, scores["max_epr"]) for score in SCORES]
    return pd.DataFrame(rows, columns=["truth", "method", "score", "value"])


def mean_and_spread(controls: pd.DataFrame) -> pd.DataFrame:
    """`control_scores` as text, one column per method: the mean, with ± sd over random draws."""
    groups = controls.groupby(["truth", "score", "method"], sort=False)["value"]
    spread = groups.std().map(" ± {:.2f}".format).where(groups.size() > 1, "")
    text = groups.mean().map("{:.2f}".format) + spread
    return text.unstack()[list(controls["method"].unique())].loc[list(controls["truth"].unique())]
