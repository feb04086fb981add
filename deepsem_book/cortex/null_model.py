"""Are predicted regulators right more often than any list of common ones? The null that is fair.

The paper asks, gene by gene, what share of the predicted regulators have a motif in a regulatory
element within 200 kb of the gene's transcription start (Fig. 4a). Two tables carry the answer, both
bool, genes x TFs: `regulators` (who is predicted) and `evidence` (whose motif is there). Most TFs
with frequent motifs have evidence near any gene, so a share means nothing alone: `against_null`
keeps the TFs that were predicted and exchanges the genes that they were predicted for.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import BadInput, first_few
from .epigenome import Bool
from .read import upper_index

Z = 3.0  # standard deviations of the permuted networks that a verdict asks for


def top_regulators(
    W: NDArray[np.floating], genes: Sequence[str], tfs: Sequence[str], k: int
) -> Bool:
    """(genes x TFs): the k TFs of highest |W[target, regulator]| for each gene, itself excluded.

    Raises BadInput if a TF is not among the genes, or there are not k TFs to choose from.
    """
    column = pd.Index(genes).get_indexer(list(tfs))
    if (column < 0).any():
        raise BadInput(f"TFs {first_few(np.array(tfs)[column < 0])} are not among the genes.")
    if not 0 < k < len(tfs):
        raise BadInput(f"k = {k}: there are {len(tfs)} TFs, and a gene does not regulate itself.")
    score = np.abs(W)[:, column].astype(float)
    score[column, np.arange(len(tfs))] = -1.0  # no regulator of itself
    best = np.argpartition(-score, k - 1, axis=1)[:, :k]
    chosen = np.zeros(score.shape, dtype=bool)
    np.put_along_axis(chosen, best, True, axis=1)
    return chosen


def edge_regulators(edges: pd.DataFrame, genes: Sequence[str], tfs: Sequence[str]) -> Bool:
    """(genes x TFs): the edges of a known network, DataFrame[Gene1, Gene2], names in any case."""
    row, column = (
        upper_index(names).get_indexer(upper_index(edges[of]))
        for names, of in ((genes, "Gene2"), (tfs, "Gene1"))
    )
    chosen = np.zeros((len(genes), len(tfs)), dtype=bool)
    known = (row >= 0) & (column >= 0)
    chosen[row[known], column[known]] = True
    return chosen


# --- the test -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Support:
    """Mean share of a gene's regulators that have evidence, beside what it is to be held against.

    `random`: the same number of TFs drawn at random. `null`: the same TFs
    for exchanged genes. `effect` = observed - null. 95 % bootstrap intervals over genes: of the
    share `observed_low` to `observed_high`, of the effect `low` to `high`; `z` and `p` (one-sided)
    from the permutations.
    """

    n_genes: int
    observed: float
    observed_low: float
    observed_high: float
    random: float
    null: float
    effect: float
    low: float
    high: float
    z: float
    p: float


def strata(*columns: NDArray, n_bins: int = 4) -> NDArray[np.intp]:
    """One group number per gene (genes,): the same quantile bin in every column.

    Bins follow the ranks; equal values always share a bin.
    """
    codes = [
        np.minimum((pd.Series(c).rank(method="min", pct=True) * n_bins).to_numpy().astype(int),
                   n_bins - 1)
        for c in columns
    ]  # fmt: skip
    return pd.DataFrame(codes).T.groupby(list(range(len(codes)))).ngroup().to_numpy()


def against_null(
    regulators: Bool, evidence: Bool, groups: NDArray[np.intp], n: int = 1000, seed: int = 0
) -> Support:
    """How often predicted regulators have evidence, and how often they would near other genes.

    Null: the regulators of a gene are held against the evidence of another gene of the same group
    (see `strata`), n permutations. The TFs, and how many regulators a gene has, stay; only who
    regulates whom changes. Genes without regulators do not count. Raises BadInput when fewer than
    two genes have any, or every group holds one gene.
    """
    has = regulators.any(axis=1)
    R, E, groups = regulators[has].astype(np.float32), evidence[has], groups[has]
    if len(R) < 2 or len(np.unique(groups)) == len(R):
        raise BadInput(f"{len(R)} genes in {len(np.unique(groups))} groups: nothing to exchange.")
    share = (R / R.sum(axis=1, keepdims=True)) @ E.T.astype(np.float32)  # [list of, evidence at]
    rng = np.random.default_rng(seed)
    order = permutations(groups, n, rng)
    draws = share[np.arange(len(R)), order].mean(axis=1)  # (n,)
    own = np.diag(share)
    same = groups[:, None] == groups
    expected = (share * same).sum(axis=1) / same.sum(axis=1)  # the null's mean, gene by gene
    effects = own - expected
    again = rng.integers(len(R), size=(n, len(R)))  # genes, drawn with replacement
    low, high = np.quantile(effects[again].mean(axis=1), [0.025, 0.975])
    observed_low, observed_high = np.quantile(own[again].mean(axis=1), [0.025, 0.975])
    spread = draws.std(ddof=1)
    return Support(
        n_genes=len(R),
        observed=float(own.mean()),
        observed_low=float(observed_low),
        observed_high=float(observed_high),
        random=float(E.mean()),
        null=float(expected.mean()),
        effect=float(effects.mean()),
        low=float(low),
        high=float(high),
        z=float((own.mean() - expected.mean()) / spread) if spread > 1e-12 else np.nan,
        p=float((1 + (draws >= own.mean() - 1e-9).sum()) / (n + 1)),
    )


def permutations(groups: NDArray[np.intp], n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """(n x genes) random permutations that exchange genes within their group only."""
    place = np.argsort(groups, kind="stable")
    sorted_groups = groups[place].astype(float)
    shuffled = np.argsort(sorted_groups + rng.random((n, len(groups))), axis=1)
    result = np.empty((n, len(groups)), dtype=np.intp)
    result[:, place] = place[shuffled]
    return result


def padded_control(
    known: Bool,
    evidence: Bool,
    matched: Sequence[NDArray],
    k: int,
    n_genes: int,
    n_draws: int = 10,
    n: int = 300,
    seed: int = 0,
) -> pd.DataFrame:
    """What lists of k regulators score that hold every known one: one row of `Support` per draw.

    `known`, `evidence`: genes x TFs; `matched`: the columns (genes,) from which `strata` makes the
    null's groups. Each draw takes `n_genes` of the genes with a known regulator (all, if there are
    fewer) and fills each gene's list up to k with random other TFs; of more than k known ones it
    keeps k. So its shape is that of a prediction, and its z is what knowing all these edges would
    give at that size. Raises BadInput unless 0 < k < TFs.
    """
    if not 0 < k < known.shape[1]:
        raise BadInput(f"k = {k}: there are {known.shape[1]} TFs to fill the lists from.")
    genes = np.flatnonzero(known.any(axis=1))
    rows = []
    for draw in range(n_draws):
        rng = np.random.default_rng([seed, draw])
        pick = rng.choice(genes, min(n_genes, len(genes)), replace=False)
        order = known[pick] + rng.random((len(pick), known.shape[1]))  # the known ones lead
        lists = np.zeros(order.shape, dtype=bool)
        np.put_along_axis(lists, np.argpartition(-order, k - 1, axis=1)[:, :k], True, axis=1)
        groups = strata(*(column[pick] for column in matched), n_bins=3)
        rows.append(asdict(against_null(lists, evidence[pick], groups, n, draw)))
    return pd.DataFrame(rows)


def motif_verdict(support: Support) -> str:
    """Whether the motif follows the prediction, by z and interval: a row of `Support` in words."""
    if not np.isfinite(support.z):
        return "cannot be judged"
    if support.z > Z and support.low > 0:
        return "above its matched null"
    if support.z < -Z and support.high < 0:
        return "below its matched null"
    return "not distinguishable from its matched null"
