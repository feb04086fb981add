"""A hundred simulated genes: which start, which learning rate, and what |W| hides of the signs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import centred, edge_table
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression, standardise
from deepsem_minimal.train import train

from ..known_truth import both_signs

# The penalty on one weight is α/m²; with 100 genes α has to be smaller for the same penalty.
COMMON: dict[str, Any] = {"n_epochs": 40, "alpha": 100 * (100 / 800) ** 2}
SETTINGS = {
    "authors": Config.nonspecific(W_init="authors", **COMMON),
    "safe": Config.nonspecific(W_init="safe", **COMMON),
    "safe, larger lr_W": Config.nonspecific(W_init="safe", lr_W=4e-4, **COMMON),  # as in chapter 2
}


def starts(adata: AnnData, truth: pd.DataFrame, n_seeds: int = 3) -> pd.DataFrame:
    """SETTINGS on simulated cells with a known network: row sum, largest |W|, MSE and scores.

    Means over seeds, by setting; the last row is correlation.
    """
    cells, tfs = standardise(np.asarray(adata.X)), adata.var_names[adata.var["tf"]]

    def scores(W: np.ndarray) -> dict[str, float]:
        all_scores = evaluate(edge_table(W, adata.var_names, tfs), truth)
        return {"EPR": all_scores["epr"], "AUPRC ratio": all_scores["auprc_ratio"]}

    rows = {}
    for name, config in SETTINGS.items():
        members = train_ensemble(cells, config, range(n_seeds))
        facts = [
            {
                "row sum": m.W.sum(1).mean(), "largest |W|": np.abs(m.W).max(),
                "MSE": m.history[-1]["mse"], **scores(m.W),
            }
            for m in members
        ]  # fmt: skip
        rows[name] = pd.DataFrame(facts).mean()
    rows["Pearson |r|"] = pd.Series(scores(np.corrcoef(cells.X.T)))
    return pd.DataFrame(rows).T.reindex(columns=rows["authors"].index)


def trained_Ws(adata: AnnData) -> dict[str, np.ndarray]:
    """W (target x regulator) of one seed: the paper's specific preset, and `for_data`."""
    X = np.asarray(adata.X)
    configs = {
        "specific preset": Config.cell_type_specific(),
        "for_data": Config.for_data(*adata.shape),
    }
    return {
        name: train(Expression.of(X, config), config, seed=0).W for name, config in configs.items()
    }


def signs(Ws: Mapping[str, np.ndarray], adata: AnnData) -> pd.DataFrame:
    """`both_signs` of |W| and of centred W for each W, beside signed correlation."""
    truth, n_tfs = np.asarray(adata.varp["true_W"]), int(adata.var["tf"].sum())
    rows = {}
    for name, W in Ws.items():
        rows[name, "|W|"] = both_signs(np.abs(W), truth, n_tfs) | {"sign": np.nan}  # it has none
        rows[name, "centred"] = both_signs(centred(W), truth, n_tfs)
    rows["Pearson r", ""] = both_signs(np.corrcoef(np.asarray(adata.X).T), truth, n_tfs)
    return pd.DataFrame(rows).T


def by_kind(W: np.ndarray, adata: AnnData) -> dict[str, np.ndarray]:
    """Entries of W[target, regulator] of the TFs, by what is true of the pair."""
    truth, n_tfs = np.asarray(adata.varp["true_W"]), int(adata.var["tf"].sum())
    allowed = np.arange(n_tfs) != np.arange(len(truth))[:, None]
    true, entries = truth[:, :n_tfs][allowed], W[:, :n_tfs][allowed]
    return {
        "no edge": entries[true == 0],
        "activating": entries[true > 0],
        "repressing": entries[true < 0],
    }
