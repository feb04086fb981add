"""Edge tables, and their candidates against a known network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

EDGE_COLUMNS = ["TF", "target", "importance"]


def edge_table(
    W: np.ndarray, genes: Sequence[str], tfs: Iterable[str] | None = None,
    regulators: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """All edges of W[target, regulator] as `TF, target, importance` = |W|, highest first.

    Self edges are left out; equal scores keep the order of `genes` (first by TF, then by target).
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
    scores = np.abs(W[:, at]).T  # (TF, target)
    keep = columns[at][:, None] != names
    tf_index, target_index = np.nonzero(keep)
    importance = scores[keep]
    order = np.argsort(-importance, kind="stable")
    tf, target = columns[at[tf_index[order]]], names[target_index[order]]
    return pd.DataFrame({"TF": tf, "target": target, "importance": importance[order]})


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
    check_edges(edges)
    index = upper_index(genes)
    named = pd.concat([edges["TF"], edges["target"]])
    if len(unknown := named[positions(named, index) < 0]):
        raise ValueError(f"genes of the edge table missing from `genes`: {first_few(unknown)}")
    W, at = (
        np.zeros((len(index),) * 2),
        [positions(edges[name], index) for name in ("target", "TF")],
    )
    np.maximum.at(W, tuple(at), edges["importance"].to_numpy(dtype=float))
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
