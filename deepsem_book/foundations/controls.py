"""What a score is read against: chance, correlation, depth, degrees and the ceiling."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal import metrics
from deepsem_minimal.networks import edge_table

from ..baselines import pearson
from ..baselines.controls import degree_oracle, random_scores
from .known import as_matrix, side_by_side, truths_of

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
        for method, tables in (fixed | {"TF-degree oracle": [degree_oracle(network)]}).items():
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


def answer(controls: pd.DataFrame, panels: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The numbers of chapter 1's answer: EPR of the controls, and edges that all networks share.

    `controls` as in `control_scores`; `panels`: the networks on the same TFs x genes (bool).
    """
    epr = controls[controls["score"] == "epr"].groupby(["method", "truth"])["value"].mean()
    tables = list(panels.values())
    in_all, in_any = np.logical_and.reduce(tables).sum(), np.logical_or.reduce(tables).sum()
    names = {"Pearson |r|": "r", "TF-degree oracle": "degrees", "ceiling": "ceiling"}
    ends = {
        f"{short}_{end}": value
        for name, short in names.items()
        for end, value in (("low", epr[name].min()), ("high", epr[name].max()))
    }
    n_tfs, n_genes = tables[0].shape
    shared = {"networks": len(tables), "tfs": n_tfs, "genes": n_genes, "share": in_all / in_any}
    return shared | ends


class Evidence(NamedTuple):
    """The known networks of a data set, side by side, and what the controls score."""

    truths: dict[str, pd.DataFrame]  # Gene1 (TF), Gene2 (target)
    matrices: dict[str, pd.DataFrame]  # bool, TF x gene
    panels: dict[str, np.ndarray]  # bool, the TFs x genes that all know
    controls: pd.DataFrame  # `control_scores`

    @classmethod
    def of(cls, adata: AnnData) -> "Evidence":
        truths = truths_of(adata.uns["source"]["name"])
        matrices = {kind: as_matrix(network) for kind, network in truths.items()}
        scores = control_scores(truths, np.asarray(adata.X), adata.var_names.str.upper())
        return cls(truths, matrices, side_by_side(matrices), scores)
