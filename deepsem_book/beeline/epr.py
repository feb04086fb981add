"""What EPR rewards: its variants, the parts of a ranking, truths with the same degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from deepsem_minimal.metrics import early_precision, ranking_areas
from deepsem_minimal.networks import Candidates, candidates, check_edges, positions


def epr_variants(
    edges: pd.DataFrame, network: pd.DataFrame, genes: Sequence[str] | None = None
) -> dict[str, float]:
    """The same predictions under BEELINE's EPR and the four other definitions in circulation.

    beeline           `early_precision` / density (BLEval/EarlyPrecision.py of BEELINE 1.1)
    deepsem_code      DeepSEM's src/utils.py: score > the (k+1)-th largest, divided by k; a tie at
                      the cut drops all tied edges
    deepsem_tutorial  DeepSEM's GRN notebook: the first k rows of the sorted table, divided by k;
                      ties fall as the rows happen to lie
    dazzle            DAZZLE's get_metrics: score > the k-th largest, hence at most k - 1 edges,
                      divided by k
    regdiffusion      RegDiffusion 0.2.3's GRNEvaluator: as DAZZLE, with self edges among the
                      candidates and, where the network lists them, among the true edges
    Self edges of the network also enter k in the two DeepSEM variants. Without ties, and without
    self edges in the network, the first three agree.
    """
    c = candidates(edges, network, genes)
    truth, scores = c.flat
    k, k_no_self = int(c.truth.sum()), int(truth.sum())
    descending = np.sort(scores)[::-1]
    cut_code = descending[k] if k < len(descending) else 0.0
    ranked = ranked_truth(edges, c)
    with_self = c.scores.ravel()

    def ratio(hits: float, n_true: int, n_candidates: int) -> float:
        return float(hits / (n_true**2 / n_candidates))

    return {
        "beeline": early_precision(truth, scores) / float(truth.mean()),
        "deepsem_code": ratio(truth[scores > cut_code].sum(), k, truth.size),
        "deepsem_tutorial": ratio(ranked[:k].sum(), k, truth.size),
        "dazzle": ratio(truth[scores > descending[k_no_self - 1]].sum(), k_no_self, truth.size),
        "regdiffusion": ratio(
            c.truth.ravel()[with_self > np.sort(with_self)[-k]].sum(), k, with_self.size
        ),
    }


def ranked_truth(edges: pd.DataFrame, c: Candidates) -> np.ndarray:
    """Truth of the table's candidate rows in the table's own order after a stable sort."""
    rows = positions(edges["TF"], pd.Index(c.tfs))
    columns = positions(edges["target"], pd.Index(c.genes))
    keep = np.flatnonzero((rows >= 0) & (columns >= 0))
    keep = keep[c.allowed[rows[keep], columns[keep]]]
    weight = np.abs(edges["importance"].to_numpy(dtype=float)[keep])
    keep = keep[np.argsort(-weight, kind="stable")]
    return c.truth[rows[keep], columns[keep]]


def decompose(edges: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Split importances into "TF mean", "target mean" and "rest", each an edge table of its own.

    Two-way layout: importance = grand mean + TF effect + target effect + rest. Only the ranking of
    the parts has a meaning: "rest" is shifted to a minimum of 0, because `evaluate` ignores signs.
    Raises ValueError for missing columns and importances that are not finite.
    """
    check_edges(edges)
    importance = edges["importance"].abs()
    tf_mean = importance.groupby(edges["TF"], sort=False).transform("mean")
    target_mean = importance.groupby(edges["target"], sort=False).transform("mean")
    rest = importance - tf_mean - target_mean
    parts = {"TF mean": tf_mean, "target mean": target_mean, "rest": rest - rest.min()}
    return {
        name: edges[["TF", "target"]]
        .assign(importance=part)
        .sort_values("importance", ascending=False, kind="stable", ignore_index=True)
        for name, part in parts.items()
    }


def within_tf_auroc(
    edges: pd.DataFrame, network: pd.DataFrame, genes: Sequence[str] | None = None
) -> pd.DataFrame:
    """AUROC over the targets of each TF apart: `TF, n_targets, auroc`, blind to TF degrees.

    TFs for which every candidate, or none, is true have no AUROC and are left out.
    """
    c = candidates(edges, network, genes)
    rows = []
    for tf, scores, truth, allowed in zip(c.tfs, c.scores, c.truth, c.allowed, strict=True):
        if 0 < truth[allowed].sum() < allowed.sum():
            auroc = ranking_areas(truth[allowed], scores[allowed])[1]
            rows.append({"TF": tf, "n_targets": int(truth[allowed].sum()), "auroc": auroc})
    return pd.DataFrame(rows, columns=["TF", "n_targets", "auroc"])


def rewire(
    truth: np.ndarray, allowed: np.ndarray, rng: np.random.Generator, trades_per_tf: int = 10
) -> np.ndarray:
    """Random network with the same out- and in-degrees: bool (TF x gene), inside `allowed`.

    Curveball trades (Strona et al., Nat. Commun. 2014, doi 10.1038/ncomms5114): two TFs pool the
    targets that only one of them has and draw them anew. Targets that one of the two may not have
    (itself) stay where they are. The input is not changed; edges outside `allowed` are dropped.
    """
    random = truth & allowed
    n_tfs = len(random)
    for _ in range(trades_per_tf * n_tfs if n_tfs > 1 else 0):
        a, b = rng.choice(n_tfs, size=2, replace=False)
        pool = np.flatnonzero((random[a] ^ random[b]) & allowed[a] & allowed[b])
        n_of_a = int(random[a, pool].sum())
        rng.shuffle(pool)
        random[a, pool[:n_of_a]], random[a, pool[n_of_a:]] = True, False
        random[b, pool[:n_of_a]], random[b, pool[n_of_a:]] = False, True
    return random


def rewiring_test(
    edges: pd.DataFrame,
    network: pd.DataFrame,
    genes: Sequence[str] | None = None,
    n_rewirings: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """Observed EPR and AUPRC ratio against networks that share only the degrees of the truth.

    Returns one row per metric: `metric, observed, null_mean, null_sd, z`; z near 0 says that the
    score is explained by which TFs and targets have many edges. Constant null: z is NaN.
    """
    c = candidates(edges, network, genes)
    rng = np.random.default_rng(seed)
    scores, density = c.scores[c.allowed], c.truth[c.allowed].mean()
    order = np.argsort(-scores, kind="stable")  # once: sorted data sort fast
    scores = scores[order]

    def metrics(truth: np.ndarray) -> tuple[float, float]:
        flat = truth[c.allowed][order]
        return early_precision(flat, scores) / density, ranking_areas(flat, scores)[0] / density

    observed = np.array(metrics(c.truth))
    null = np.array([metrics(rewire(c.truth, c.allowed, rng)) for _ in range(n_rewirings)])
    mean, sd = null.mean(axis=0), null.std(axis=0, ddof=1)
    z = np.divide(observed - mean, sd, out=np.full(2, np.nan), where=sd > 0)
    return pd.DataFrame(
        {
            "metric": ["epr", "auprc_ratio"],
            "observed": observed,
            "null_mean": mean,
            "null_sd": sd,
            "z": z,
        }
    )


def spread_of_variants(variants: pd.DataFrame) -> pd.Series:
    """How far the definitions of EPR (columns) lie apart, in units of BEELINE's."""
    beeline = variants["beeline"]
    return (variants.max(axis=1) - variants.min(axis=1)) / beeline.where(beeline > 0)
