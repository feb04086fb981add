"""What `fit` takes, made of a reader's matrix: checked, log expression, TFs and varying genes.

Nothing is guessed in silence: `prepare_cells` returns a note on each step, and raises `BadInput`
with what to do where two readings are possible.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse
from sklearn.utils.sparsefuncs import mean_variance_axis

from deepsem_minimal.preprocess import dense

from .. import datasets
from ..errors import BadInput, first_few
from .read import Input

LARGEST_LOG = 30  # e^30 counts are not possible, so log expression ends below
SPECIES = ("human", "mouse")
TOO_FEW = (
    "{} cells x {} genes are left: DeepSEM needs at least 2 cells and 3 genes with expression; "
    "give more with --genes, or another matrix with --layer or --raw."
)


def prepare_cells(
    adata: AnnData,
    tfs: Iterable[str] | None = None,
    n_genes: int | None = 1000,
    scale: str = "auto",
    sum_duplicates: bool = False,
    detected: float = 0.1,
) -> Input:
    """Log expression of TFs and the `n_genes` most varying other genes, with `var["tf"]`.

    Only genes that are above 0 in the share `detected` of the cells count, as in BEELINE's data.

    `scale`: "counts" become ln(1 + counts per 10^4), "log" is used as it is; "auto" takes whole
    numbers above 30 for counts and others for log expression, and refuses whole numbers up to 30,
    which may be either. Cells and genes without expression are dropped (`mended`). Genes of one
    name are refused or, with `sum_duplicates`, added up. `n_genes` None keeps all. Sparse stays
    sparse. TFs are compared in upper case. Raises BadInput.
    """
    notes: list[str] = []
    X, names = checked_matrix(adata)
    expressed, seen = totals(X, 1) > 0, totals(X, 0) > 0
    if not expressed.any():
        raise BadInput("All values are zero: choose another matrix with --layer or --raw.")
    mended = [
        f"{(~kept).sum()} {what} without any expression left out"
        for what, kept in (("cells", expressed), ("genes", seen))
        if not kept.all()
    ]
    if mended:
        X, names = X[expressed][:, seen], names[seen]
    if len(names) < 3 or X.shape[0] < 2:
        raise BadInput(TOO_FEW.format(*X.shape))
    if not names.is_unique:
        X, names = added_up(X, names, sum_duplicates)
        notes.append("counts of genes with the same name added up")
    X, how = logged(X, scale)
    often = n_detected(X) >= detected * X.shape[0]
    notes += [*mended, how]
    if not often.all():
        X, names = X[:, often], names[often]
        notes.append(
            f"{(~often).sum()} genes seen in less than {detected:.0%} of the cells left out"
        )
    is_tf = np.zeros(len(names), dtype=bool)
    if tfs is not None:
        wanted = {str(tf).upper() for tf in tfs}
        is_tf = names.str.upper().isin(wanted)
        if not is_tf.any():
            raise BadInput(without_tfs(adata, wanted))
    keep = most_varying(X, is_tf, n_genes)
    chosen = X[:, keep]
    ready = AnnData(chosen, adata.obs[expressed].copy(), pd.DataFrame(index=names[keep]))
    if tfs is not None:
        ready.var["tf"] = is_tf[keep]
        notes.append(f"{is_tf[keep].sum()} TFs and {(~is_tf[keep]).sum()} other genes used")
    if ready.n_vars < 3:
        raise BadInput(TOO_FEW.format(*ready.shape))
    if not (dense(chosen.max(0)) > dense(chosen.min(0))).any():
        raise BadInput(
            "Every gene has the same value in all cells: there is nothing to learn from."
        )
    return Input(ready, notes, mended)


def checked_matrix(adata: AnnData) -> tuple[Any, pd.Index]:
    """X (cells x genes, csr or dense, float32) and the names of the genes, or BadInput."""
    X: Any = adata.X if sparse.issparse(adata.X) else np.asarray(adata.X)
    if X.dtype.kind not in "fiub":
        raise BadInput("Expression must be numbers; .X holds something else.")
    if 0 in X.shape:
        raise BadInput(f"The matrix is empty: {X.shape[0]} cells x {X.shape[1]} genes.")
    X = sparse.csr_matrix(X) if sparse.issparse(X) else X
    X = X.astype(np.float32, copy=False)
    values = X.data if sparse.issparse(X) else X
    if not np.isfinite(values).all():
        raise BadInput("Expression holds NaN or infinite values: replace or remove them.")
    if (values < 0).any():
        raise BadInput("Expression holds negative values, so it was scaled: give counts or log "
                       "expression, for instance with --layer counts or --raw.")  # fmt: skip
    if not adata.obs_names.is_unique:
        twice = adata.obs_names[adata.obs_names.duplicated()]
        raise BadInput(f"{len(twice)} cell names occur more than once ({first_few(twice, 3)}): "
                       "rename them, or remove cells that are in the file twice.")  # fmt: skip
    return X, adata.var_names.astype(str)


def added_up(X: Any, names: pd.Index, allowed: bool) -> tuple[Any, pd.Index]:
    """One column per name; only counts can be added."""
    if not allowed:
        twice = names[names.duplicated()]
        raise BadInput(f"{len(twice)} gene names occur more than once ({first_few(twice, 3)}): "
                       "rename them, or let --sum-duplicates add up their counts.")  # fmt: skip
    if not is_whole(X):
        raise BadInput("Genes of one name can be added up only as counts, and these are not "
                       "whole numbers: rename the genes.")  # fmt: skip
    codes, unique = pd.factorize(names)
    ones = np.ones(len(codes), np.float32)
    to = sparse.csr_matrix((ones, (np.arange(len(codes)), codes)), (len(codes), len(unique)))
    return (X @ to).tocsr() if sparse.issparse(X) else X @ to, pd.Index(unique)


def most_varying(X: Any, is_tf: np.ndarray, n_genes: int | None) -> np.ndarray:
    """Sorted positions of all varying TFs and the `n_genes` other genes of largest variance."""
    if n_genes is None:
        return np.arange(X.shape[1])
    variance = mean_variance_axis(X, 0)[1] if sparse.issparse(X) else X.var(0, dtype=np.float64)
    others = np.flatnonzero(~is_tf)
    best = others[np.argsort(-variance[others], kind="stable")[:n_genes]]
    return np.sort(np.r_[best, np.flatnonzero(is_tf & (variance > 1e-8))])


def totals(X: Any, axis: int) -> np.ndarray:
    """Sums over an axis, in float64."""
    return np.asarray(X.sum(axis=axis, dtype=np.float64)).ravel()


def n_detected(X: Any) -> np.ndarray:
    """In how many cells each gene is above 0."""
    if sparse.issparse(X):
        return np.bincount(X.indices[X.data > 0], minlength=X.shape[1])
    return (X > 0).sum(0)


def is_whole(X: Any) -> bool:
    """Whether all values are whole numbers; in pieces, since a large matrix has no room for two."""
    values = (X.data if sparse.issparse(X) else np.ascontiguousarray(X)).ravel()
    pieces = np.array_split(values, values.size // 2**22 + 1)
    return all(np.array_equal(piece, np.rint(piece)) for piece in pieces)


def logged(X: Any, scale: str) -> tuple[Any, str]:
    """Log expression, a new matrix where it differs from X, and what was done."""
    top = float((X.data if sparse.issparse(X) else X).max())
    whole = is_whole(X)
    if scale == "auto" and whole and top <= LARGEST_LOG:
        raise BadInput(
            f"Whole numbers up to {top:.0f} may be raw counts or rounded log expression: say "
            "which with --scale counts or --scale log (rounded logs give poor networks; better "
            "take the unrounded ones)."
        )
    if scale == "counts" or (scale == "auto" and whole):
        factor = (1e4 / totals(X, 1)).astype(np.float32)
        X = sparse.diags(factor).tocsr() @ X if sparse.issparse(X) else X * factor[:, None]
        read = "read as" if scale == "auto" else "taken, as told, as"
        how = f"values up to {top:.5g} {read} raw counts: ln(1 + count / total * 10^4) used"
    elif scale == "auto" and top > LARGEST_LOG:
        X = X.copy()
        how = f"values up to {top:.4g} read as normalised without log: ln(1 + x) used"
    else:
        read = "read as" if scale == "auto" else "taken, as told, as"
        return X, f"values up to {top:.3g} {read} log expression: used as they are"
    values = X.data if sparse.issparse(X) else X
    np.log1p(values, out=values)
    return X, how


def without_tfs(adata: AnnData, wanted: set[str]) -> str:
    """What to do when no TF is among the genes, or none that enough cells show."""
    if rare := adata.var_names.str.upper().isin(wanted).sum():
        return f"{rare} TFs are in the data, but none in enough cells: lower --detected."
    columns = [name for name in adata.var if adata.var[name].dtype.kind not in "fiub"]
    other = (
        f"; --gene-names takes them from a column of var: {first_few(columns)}" if columns else ""
    )
    return (
        f"None of the TFs is among the genes ({first_few(adata.var_names, 3)}): gene symbols are "
        f"needed{other}, and the list must be of the species; try --tfs human or --tfs mouse."
    )


def transcription_factors(where: str) -> list[str]:
    """TFs of a list by name (`datasets.LISTS`) or of a text file, one per line."""
    if where in datasets.LISTS:
        try:
            return sorted(datasets.transcription_factors(where, quiet=True))
        except datasets.DataUnavailable:
            raise BadInput(
                f"The list of TFs {where!r} is not in the cache and could not be downloaded. Go "
                "online once, set DEEPSEM_MIRROR (`deepsem data fetch "
                f"{datasets.LISTS[where]}` shows what was tried), or give a file with one TF per "
                "line: --tfs my_tfs.txt."
            ) from None
    try:
        lines = Path(where).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise BadInput(f"TF list {where}: {getattr(error, 'strerror', None) or 'not a text file'}; "
                       f"give a file or one of {', '.join(datasets.LISTS)}.") from None  # fmt: skip
    names = [line.split(",")[0].split("\t")[0].strip().strip('"') for line in lines]
    names = [name for name in names if name and name not in ("TF", "gene")]
    if not names:
        raise BadInput(f"TF list {where} is empty: one name per line is expected.")
    return names


def check_species(genes: Iterable[str], species: str) -> None:
    """BadInput if the genes hold more TFs that only the other species has than only this one.

    Upper case hides the species of most names (GATA1, Gata1), but not of those: ZNF10, Zfp10.
    BEELINE's two lists are asked, which were made in the same way.
    """
    species = species.removeprefix("beeline-")
    [other] = set(SPECIES) - {species}
    try:
        lists = {
            name: datasets.transcription_factors(f"beeline-{name}", quiet=True) for name in SPECIES
        }
    except datasets.DataUnavailable:
        return
    names = {str(gene).upper() for gene in genes}
    ours, theirs = (names & (lists[a] - lists[b]) for a, b in ((species, other), (other, species)))
    if len(theirs) > len(ours):
        raise BadInput(
            f"The genes look like {other}: {len(theirs)} of them are TFs of the {other} list alone "
            f"({first_few(theirs, 3)}), {len(ours)} of the {species} list alone. "
            f"Use --tfs {other}, or give your list as a file."
        )
