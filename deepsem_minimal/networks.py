"""Edge tables against a known network: EPR, AUPRC ratio, and what these scores are made of.

A score matrix is W[target, regulator]; an edge table has the columns `TF, target, importance`,
a known network the columns `Gene1` (the TF) and `Gene2` (its target). Gene names are compared in
upper case, because BEELINE's label files and expression files differ in case (hESC: C3orf14).

Candidates are all pairs (TF of the network, gene of the network) whose two genes are in the
table, minus self edges; a candidate without a score counts as 0. With k true edges among n
candidates, the density k/n is what a random ranking reaches (Pratapa et al., Nat. Methods 2020,
doi 10.1038/s41592-019-0690-6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

EDGE_COLUMNS = ["TF", "target", "importance"]


def edge_table(
    W: np.ndarray, genes: Sequence[str], tfs: Iterable[str] | None = None
) -> pd.DataFrame:
    """All edges of W[target, regulator] as `TF, target, importance` = |W|, highest first.

    Self edges are left out; equal scores keep the order of `genes` (first by TF, then by target).
    `tfs` limits the regulators (compared in upper case; names that are not in `genes` are ignored).
    Raises ValueError if W is not genes x genes, holds NaN, or if no TF is among the genes.
    """
    W = np.asarray(W)
    names = np.asarray(list(genes), dtype=object)
    n = len(names)
    if W.shape != (n, n):
        raise ValueError(f"W has shape {W.shape}; {n} genes need ({n}, {n}): target x regulator")
    if not np.isfinite(W).all():
        raise ValueError("W holds NaN or infinite values: check the training before making edges")
    regulators = np.arange(n) if tfs is None else np.flatnonzero(tf_mask(genes, tfs))
    scores = np.abs(W[:, regulators]).T  # (TF, target)
    keep = regulators[:, None] != np.arange(n)
    tf_index, target_index = np.nonzero(keep)
    importance = scores[keep]
    order = np.argsort(-importance, kind="stable")
    return pd.DataFrame(
        {
            "TF": names[regulators[tf_index[order]]],
            "target": names[target_index[order]],
            "importance": importance[order],
        }
    )


def tf_mask(genes: Sequence[str], tfs: Iterable[str]) -> np.ndarray:
    """Boolean mask of the genes that are TFs (upper-case comparison); ValueError if none is."""
    wanted = {str(name).upper() for name in tfs}
    mask = np.array([str(gene).upper() in wanted for gene in genes], dtype=bool)
    if not mask.any():
        raise ValueError("none of the TFs is among the genes: check species and gene naming")
    return mask


def to_matrix(edges: pd.DataFrame, genes: Sequence[str]) -> np.ndarray:
    """Edge table -> W[target, regulator] (float64, genes x genes); edges not listed are 0.

    Of several rows for one edge the largest importance counts. Raises ValueError for unknown genes.
    """
    _check_edges(edges)
    index = _upper_index(genes)
    W = np.zeros((len(index), len(index)))
    tf, target = _codes(edges["TF"], index), _codes(edges["target"], index)
    if (tf < 0).any() or (target < 0).any():
        unknown = set(edges["TF"][tf < 0]) | set(edges["target"][target < 0])
        raise ValueError(f"genes of the edge table missing from `genes`: {_some(unknown)}")
    np.maximum.at(W, (target, tf), edges["importance"].to_numpy(dtype=float))
    return W


@dataclass(frozen=True)
class Candidates:
    """The candidate edges of one evaluation as matrices TF x gene (names in upper case)."""

    tfs: np.ndarray  # (T,) regulators of the network that are in the table
    genes: np.ndarray  # (G,) genes of the network that are in the table; the TFs are among them
    scores: np.ndarray  # (T, G) |importance|, 0 where the table has no row
    truth: np.ndarray  # (T, G) bool, the edges of the network, self edges included
    allowed: np.ndarray  # (T, G) bool, False for self edges

    @property
    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """(truth, scores) of the allowed candidates, each of shape (n_candidates,)."""
        return self.truth[self.allowed], self.scores[self.allowed]


def candidates(
    edges: pd.DataFrame, network: pd.DataFrame, genes: Sequence[str] | None = None
) -> Candidates:
    """Align an edge table with a network.

    `genes`: the genes of the expression matrix; default: the genes seen in `edges`. Give it when
    the table was cut to its best edges, otherwise genes without an edge leave the evaluation.
    The sign of an importance is ignored; of several rows for one edge the largest counts.
    Raises ValueError for missing columns, NaN importance, two genes identical up to case, and
    when no TF, no gene or no edge of the network is in the table.
    """
    _check_edges(edges)
    truth = known_edges(network)
    listed = pd.unique(pd.concat([edges["TF"], edges["target"]])) if genes is None else genes
    present = _upper_index(listed)
    tfs = pd.Index(truth["Gene1"].unique()).intersection(present, sort=False)
    both = pd.unique(pd.concat([truth["Gene1"], truth["Gene2"]]))
    nodes = pd.Index(both).intersection(present, sort=False)
    if not len(tfs):
        what = "TF" if len(nodes) else "gene"
        raise ValueError(f"no {what} of the network is in the edge table: check species and naming")

    true = np.zeros((len(tfs), len(nodes)), dtype=bool)
    rows, columns = tfs.get_indexer(truth["Gene1"]), nodes.get_indexer(truth["Gene2"])
    inside = (rows >= 0) & (columns >= 0)
    true[rows[inside], columns[inside]] = True
    allowed = nodes.get_indexer(tfs)[:, None] != np.arange(len(nodes))
    if not (true & allowed).any():
        raise ValueError("no edge of the network joins two genes of the table")

    rows, columns = _codes(edges["TF"], tfs), _codes(edges["target"], nodes)
    inside = (rows >= 0) & (columns >= 0)
    scores = np.zeros(true.shape)
    weight = np.abs(edges["importance"].to_numpy(dtype=float))
    np.maximum.at(scores, (rows[inside], columns[inside]), weight[inside])
    return Candidates(tfs.to_numpy(), nodes.to_numpy(), scores, true, allowed)


def known_edges(network: pd.DataFrame) -> pd.DataFrame:
    """A network's `Gene1, Gene2` in upper case without repeated rows (self edges stay)."""
    missing = {"Gene1", "Gene2"} - set(network.columns)
    if missing:
        raise ValueError(f"the network lacks the column(s) {sorted(missing)}; Gene1 is the TF")
    if network[["Gene1", "Gene2"]].isna().any(axis=None):
        raise ValueError("the network has rows without a gene name")
    upper = {name: network[name].astype(str).str.upper() for name in ("Gene1", "Gene2")}
    return pd.DataFrame(upper).drop_duplicates(ignore_index=True)


def evaluate(
    edges: pd.DataFrame, network: pd.DataFrame, genes: Sequence[str] | None = None
) -> dict[str, float]:
    """EPR, AUPRC ratio and AUROC of an edge table against a network (arguments: `candidates`).

    epr               early precision / density; early precision as BEELINE v1.1 counts it, see
                      `early_edges` (scores are not rounded here; BEELINE rounds to 6 decimals)
    auprc_ratio       average precision / density, ties as scikit-learn treats them
    max_epr           1 / density, what a perfect ranking reaches
    n_tfs, n_genes    TFs and genes of the network that are in the table
    n_edges           k, the true edges among the n_candidates
    also: auprc, auroc (NaN when every candidate is true), early_precision, density.
    """
    aligned = candidates(edges, network, genes)
    truth, scores = aligned.flat
    density = float(truth.mean())
    early = early_precision(truth, scores)
    auprc, auroc = ranking_areas(truth, scores)
    return {
        "epr": early / density,
        "auprc_ratio": auprc / density,
        "auroc": auroc,
        "auprc": auprc,
        "early_precision": early,
        "density": density,
        "max_epr": 1 / density,
        "n_tfs": len(aligned.tfs),
        "n_genes": len(aligned.genes),
        "n_edges": int(truth.sum()),
        "n_candidates": len(truth),
    }


def early_precision(truth: np.ndarray, scores: np.ndarray) -> float:
    """True share of the top k = truth.sum() candidates, expanded over ties as BEELINE v1.1 does.

    Selected are the scores >= the k-th largest, but zeros never; with fewer than k scores above
    zero all of these are selected. The share is taken of the number selected, so a tie at the cut
    costs precision instead of depending on the row order. No score above zero: 0.
    """
    k = int(truth.sum())
    kth = np.partition(scores, len(scores) - k)[len(scores) - k]
    selected = (scores >= kth) & (scores > 0)
    return float(truth[selected].mean()) if selected.any() else 0.0


def ranking_areas(truth: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """(average precision, AUROC) from one sort; tied scores enter together, as in scikit-learn.

    AUROC is NaN when every candidate is true.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(truth[order])[last_of_tie]
    misses = last_of_tie + 1 - hits
    n_true, n_false = hits[-1], misses[-1]
    average_precision = np.sum(np.diff(hits, prepend=0) * hits / (hits + misses)) / n_true
    if n_false == 0:
        return float(average_precision), float("nan")
    mean_hits = (hits + np.append(0, hits[:-1])) / 2  # trapezoids: a tie counts half
    auroc = np.sum(np.diff(misses, prepend=0) * mean_hits) / (n_true * n_false)
    return float(average_precision), float(auroc)


def epr_variants(
    edges: pd.DataFrame, network: pd.DataFrame, genes: Sequence[str] | None = None
) -> dict[str, float]:
    """The same predictions under BEELINE's EPR and the four other definitions in circulation.

    beeline           `early_precision` / density (BLEval/computeEarlyPrec.py of BEELINE v1.1)
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
    ranked = _ranked_truth(edges, c)
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


def _ranked_truth(edges: pd.DataFrame, c: Candidates) -> np.ndarray:
    """Truth of the table's candidate rows in the table's own order after a stable sort."""
    rows, columns = _codes(edges["TF"], pd.Index(c.tfs)), _codes(edges["target"], pd.Index(c.genes))
    keep = np.flatnonzero((rows >= 0) & (columns >= 0))
    keep = keep[c.allowed[rows[keep], columns[keep]]]
    weight = np.abs(edges["importance"].to_numpy(dtype=float)[keep])
    keep = keep[np.argsort(-weight, kind="stable")]
    return c.truth[rows[keep], columns[keep]]


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


def decompose(edges: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Split importances into "TF mean", "target mean" and "rest", each an edge table of its own.

    Two-way layout: importance = grand mean + TF effect + target effect + rest. Only the ranking of
    the parts has a meaning: "rest" is shifted to a minimum of 0, because `evaluate` ignores signs.
    """
    _check_edges(edges)
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
    order = np.argsort(-scores, kind="stable")  # once: what is sorted already sorts in no time
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


def _check_edges(edges: pd.DataFrame) -> None:
    missing = [name for name in EDGE_COLUMNS if name not in edges.columns]
    if missing:
        raise ValueError(f"the edge table lacks the column(s) {missing}: it needs {EDGE_COLUMNS}")
    if not np.isfinite(edges["importance"].to_numpy(dtype=float)).all():
        raise ValueError("the edge table holds NaN or infinite importances: repair these rows")


def _upper_index(genes: Iterable[str]) -> pd.Index:
    """Upper-case names as an index; ValueError naming the genes that only differ in case."""
    names = pd.Series(list(genes), dtype=object).astype(str)
    upper = names.str.upper()
    clash = names[upper.duplicated(keep=False)]
    if len(clash):
        raise ValueError(f"genes that are identical up to case: {_some(clash)}; merge or drop them")
    return pd.Index(upper)


def _codes(names: pd.Series, index: pd.Index) -> np.ndarray:
    """Position of each name (upper case) in the index, -1 where absent; one look-up per name."""
    codes, unique = pd.factorize(names)
    upper = pd.Index(pd.Series(unique, dtype=object).astype(str).str.upper())
    return index.get_indexer(upper)[codes]


def _some(names: Iterable[str], at_most: int = 6) -> str:
    listed = sorted({str(name) for name in names})
    more = len(listed) - at_most
    return ", ".join(listed[:at_most]) + (f" and {more} more" if more > 0 else "")
