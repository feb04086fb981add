"""Edge tables, and their candidates against a known network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

EDGE_COLUMNS = ["TF", "target", "importance"]


def edge_table(
    W: np.ndarray, genes: Sequence[str], tfs: Iterable[str] | None = None, signed: bool = False,
    regulators: Sequence[str] | None = None, top: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """All or `top` edges of W[target, regulator] as `TF, target, importance` = |W|, highest first.

    `signed` adds the column `sign` (-1, 0 or 1), which means something for `centred` scores. Self
    edges are left out; equal scores keep the order of `genes` (first by TF, then by target).
    `tfs` limits the regulators (compared in upper case; names that are not in `genes` are ignored).
    `regulators` name the columns of W where they are not the genes. Raises ValueError if W is not
    genes x regulators, holds NaN, or if no TF is among the regulators.
    """
    W = np.asarray(W)
    names = np.asarray(list(genes), dtype=object)
    columns = names if regulators is None else np.asarray(list(regulators), dtype=object)
    if W.shape != (shape := (len(names), len(columns))):
        raise ValueError(f"W has shape {W.shape}; {shape} is needed: target x regulator")
    if not np.isfinite(W).all():
        raise ValueError("W holds NaN or infinite values: check the training before making edges")
    at = np.arange(len(columns)) if tfs is None else np.flatnonzero(tf_mask(list(columns), tfs))
    scores = W[:, at].T.ravel()  # (TF, target)
    size = np.abs(scores)
    size.reshape(len(at), -1)[columns[at][:, None] == names] = -1  # self edges: last, and cut off
    n_edges = int((size >= 0).sum())
    order = first_of(size, n_edges if top is None else min(top, n_edges))
    tf_index, target_index = np.divmod(order, len(names))
    tf, target, score = columns[at[tf_index]], names[target_index], scores[order]
    edges = pd.DataFrame({"TF": tf, "target": target, "importance": np.abs(score)})
    return edges.assign(sign=np.sign(score).astype(int)) if signed else edges


def first_of(size: np.ndarray, n: int) -> np.ndarray:
    """Positions of the n largest, largest first; equal ones in their order. Sorts no more."""
    if 0 < n < len(size):
        least = np.partition(size, len(size) - n)[len(size) - n]
        chosen = np.flatnonzero(size >= least)
    else:
        chosen = np.arange(len(size))
    return chosen[np.argsort(-size[chosen], kind="stable")[:n]]


def centred(W: np.ndarray, itself: np.ndarray | None = None) -> np.ndarray:
    """W[target, regulator] as a signed score: its distance from what it would be without an edge.

    All entries share an offset: what is left of the start (1 / (m - 1) in the paper), and what a
    regulator says of every gene because it follows what all genes have in common, such as depth.
    |W| ranks the sign that lies beyond the offset below pairs without an edge. The centre is the
    median of the regulator's column, since most targets have no edge from it. The sign is that of
    the distance; it means something although f₂ may fall, as h and -h solve h (I - Wᵀ) = z by the
    same W. The size is the distance less what its target's and regulator's mean distances explain
    (`product_corrected`), shifted so that the smallest is 0. `itself` (columns,) is the row of the
    regulator of each column where W is not square.
    """
    distance, columns = np.array(W, dtype=float), np.arange(W.shape[1])
    diagonal = (columns if itself is None else itself), columns
    distance[diagonal] = np.nan
    distance -= np.nanmedian(distance, axis=0)
    size = product_corrected(np.abs(distance))
    scores = (size - np.nanmin(size)) * np.sign(distance)
    scores[diagonal] = 0
    return scores


def product_corrected(size: np.ndarray) -> np.ndarray:
    """`size` (k x k, ≥ 0) less the product of its row and column means over the mean of all.

    The average product correction of Dunn, Wahl & Gloor, Bioinformatics 2008, doi
    10.1093/bioinformatics/btm604: hubs need more to rank high. NaN off the means, as the diagonal.
    """
    rows, columns = (np.nanmean(size, axis=axis, keepdims=True) for axis in (1, 0))
    return size - rows * columns / max(np.nanmean(size), 1e-30)


def tf_mask(genes: Sequence[str], tfs: Iterable[str]) -> np.ndarray:
    """Boolean mask of the genes that are TFs (upper-case comparison); ValueError if none is."""
    wanted = {str(name).upper() for name in ([tfs] if isinstance(tfs, str) else tfs)}
    mask = np.array([str(gene).upper() in wanted for gene in genes], dtype=bool)
    if not mask.any():
        raise ValueError("none of the TFs is among the genes: check species and gene naming")
    return mask


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
    check_edges(edges)
    truth = known_edges(network)
    listed = pd.unique(pd.concat([edges["TF"], edges["target"]])) if genes is None else genes
    present = upper_index(listed)
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
    rows, columns = positions(edges["TF"], tfs), positions(edges["target"], nodes)
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


def check_edges(edges: pd.DataFrame) -> None:
    """ValueError unless the table has its columns and finite importances."""
    missing = [name for name in EDGE_COLUMNS if name not in edges.columns]
    if missing:
        raise ValueError(f"the edge table lacks the column(s) {missing}: it needs {EDGE_COLUMNS}")
    if not np.isfinite(edges["importance"].to_numpy(dtype=float)).all():
        raise ValueError("the edge table holds NaN or infinite importances: repair these rows")


def upper_index(genes: Iterable[str]) -> pd.Index:
    """Upper-case names as an index; ValueError naming the genes that only differ in case."""
    names = pd.Series(list(genes), dtype=object).astype(str)
    upper = names.str.upper()
    clash = names[upper.duplicated(keep=False)]
    if len(clash):
        raise ValueError(
            f"genes that are identical up to case: {first_few(clash)}; merge or drop them"
        )
    return pd.Index(upper)


def positions(names: pd.Series, index: pd.Index) -> np.ndarray:
    """Position of each name (upper case) in the index, -1 where absent; one look-up per name."""
    codes, unique = pd.factorize(names)
    upper = pd.Index(pd.Series(unique, dtype=object).astype(str).str.upper())
    return index.get_indexer(upper)[codes]


def first_few(names: Iterable[object], at_most: int = 6) -> str:
    """The first of the sorted names and how many more there are, for an error message."""
    listed = sorted({str(name) for name in names})
    more = len(listed) - at_most
    return ", ".join(listed[:at_most]) + (f" and {more} more" if more > 0 else "")
