"""A reader's own file as log expression: recognise the format, the orientation and the scale.

`read` opens a file, `prepare` makes of it what `ensemble.fit` takes. Both return notes in plain
words about every guess, and raise `BadInput` with what to do instead of guessing in silence.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pandas as pd
from anndata import AnnData, read_h5ad
from scipy import io, sparse

from . import data
from .records import BadInput, some

FORMATS = ".h5ad, .loom, 10x .h5, a 10x folder with matrix.mtx, .csv, .tsv, .txt (also .gz)"


class Input(NamedTuple):
    """Expression with what was guessed or changed on the way."""

    adata: AnnData
    notes: list[str]


def read(
    path: Path | str, layer: str | None = None, raw: bool = False, orientation: str = "auto"
) -> Input:
    """Expression (cells x genes) of a file as it is there: counts or log, sparse stays sparse.

    `layer` or `raw` pick `.layers[layer]` or `.raw` of an .h5ad. `orientation` of a text file is
    "cells" (rows are cells), "genes" or "auto". Raises BadInput for what cannot be read.
    """
    path = Path(path)
    notes: list[str] = []
    if not path.exists():
        raise BadInput(f"{path} does not exist.")
    name = path.name.lower().removesuffix(".gz")
    try:
        if path.is_dir():
            adata = _read_mtx(path)
        elif name.endswith(".h5ad"):
            adata = read_h5ad(path)
        elif name.endswith(".loom"):
            adata = _read_loom(path)
        elif name.endswith(".h5"):
            adata = _read_10x_h5(path)
        elif name.endswith((".csv", ".tsv", ".txt")):
            adata, notes = _read_text(path, orientation)
        else:
            raise BadInput(f"{path.name}: unknown format; known are {FORMATS}.")
    except BadInput:
        raise
    except PermissionError:
        raise BadInput(f"{path}: no permission to read it.") from None
    except Exception as error:  # a damaged file can fail anywhere in the libraries below
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise BadInput(
            f"{path} cannot be read ({reason}). It may be cut off or of another format: "
            "copy or download it again."
        ) from None
    return Input(_chosen(adata, layer, raw), notes)


def _chosen(adata: AnnData, layer: str | None, raw: bool) -> AnnData:
    """AnnData whose X is what the reader asked for."""
    if raw:
        if adata.raw is None:
            raise BadInput("The file has no .raw: leave --raw out.")
        found = adata.raw.to_adata()
        found.obs = adata.obs
        return found
    if layer is not None:
        if layer not in adata.layers:
            raise BadInput(
                f"The file has no layer {layer!r}; it has {some(adata.layers) or 'none'}."
            )
        adata.X = adata.layers[layer]
    if adata.X is None:
        raise BadInput("The file has no .X: choose with --layer or --raw.")
    return adata


def _read_mtx(folder: Path) -> AnnData:
    """A 10x folder: matrix.mtx (genes x cells), barcodes.tsv and features.tsv or genes.tsv."""

    def find(*names: str) -> Path:
        for name in names:
            for file in (folder / name, folder / f"{name}.gz"):
                if file.exists():
                    return file
        raise BadInput(f"{folder} holds no {' or '.join(names)}: a 10x folder needs it.")

    matrix = io.mmread(find("matrix.mtx"))
    table = {"sep": "\t", "header": None, "dtype": str, "na_filter": False}
    features = pd.read_csv(find("features.tsv", "genes.tsv"), **table)
    cells = pd.read_csv(find("barcodes.tsv"), **table)[0]
    symbols = features[1] if features.shape[1] > 1 else features[0]
    return _made(sparse.csr_matrix(matrix.T), cells, symbols)


def _read_10x_h5(path: Path) -> AnnData:
    with h5py.File(path) as file:
        group = file["matrix"] if "matrix" in file else file[next(iter(file))]
        parts = [group[key][:] for key in ("data", "indices", "indptr")]
        shape = tuple(group["shape"][:])[::-1]  # stored genes x cells, column by column
        genes = group["features/name"][:] if "features" in group else group["gene_names"][:]
        cells = group["barcodes"][:]
    return _made(sparse.csr_matrix(tuple(parts), shape=shape), _text(cells), _text(genes))


def _read_loom(path: Path) -> AnnData:
    def names(group: h5py.Group, keys: Iterable[str], what: str, n: int) -> list[str]:
        for key in keys:
            if key in group:
                return _text(group[key][:])
        return [f"{what}_{i}" for i in range(n)]

    with h5py.File(path) as file:
        matrix = file["matrix"]
        X = sparse.vstack(  # a loom is dense on disk and mostly zeros
            [sparse.csr_matrix(matrix[i : i + 512, :]) for i in range(0, matrix.shape[0], 512)]
        )
        genes = names(file["row_attrs"], ("Gene", "gene", "var_names"), "gene", X.shape[0])
        cells = names(file["col_attrs"], ("CellID", "cell_id", "obs_names"), "cell", X.shape[1])
    return _made(sparse.csr_matrix(X.T), cells, genes)


def _text(values: Any) -> list[str]:
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def _made(X: Any, cells: Iterable[Any], genes: Iterable[Any]) -> AnnData:
    cells, genes = list(map(str, cells)), list(map(str, genes))
    if X.shape != (len(cells), len(genes)):
        raise BadInput(f"The matrix is {X.shape}, but there are {len(cells)} cell names and "
                       f"{len(genes)} gene names.")  # fmt: skip
    return AnnData(X.astype(np.float32), pd.DataFrame(index=cells), pd.DataFrame(index=genes))


def _read_text(path: Path, orientation: str) -> tuple[AnnData, list[str]]:
    """A table with names in the first row and column; which of the two are genes is guessed."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        first = file.readline()
    sep = max("\t,; ", key=first.count)
    try:
        table = pd.read_csv(path, sep=sep, index_col=0, na_filter=False, dtype=str)
    except pd.errors.ParserError as error:
        raise BadInput(
            f"{path.name}: {str(error).strip()}. Every line needs as many fields."
        ) from None
    except pd.errors.EmptyDataError:
        raise BadInput(f"{path.name} is empty.") from None
    values = table.apply(pd.to_numeric, errors="coerce")
    wrong = np.argwhere(values.isna().to_numpy())
    if len(wrong):
        row, column = wrong[0]
        raise BadInput(
            f"{path.name}, line {row + 2}, column {table.columns[column]!r}: "
            f"{table.iat[row, column]!r} is no number ({len(wrong)} such entries)."
        )
    rows_are = orientation
    notes = []
    if orientation == "auto":
        rows_are, why = guess_orientation(table.index, table.columns)
        notes.append(f"rows read as {rows_are}: {why}; --orientation tells otherwise")
    first_row = pd.Series(first.rstrip("\n").split(sep)[1:]).str.strip('"')  # as it is in the file
    columns = first_row if len(first_row) == values.shape[1] else table.columns
    X = values.to_numpy(np.float32)
    if rows_are == "genes":
        return _made(X.T, columns, table.index), notes
    return _made(X, table.index, columns), notes


def guess_orientation(rows: Iterable[str], columns: Iterable[str]) -> tuple[str, str]:
    """("cells" or "genes", reason): what the rows are, by known TFs, barcodes, or the longer side.

    The TFs are those of `data.transcription_factors`, where they can be had.
    """
    rows, columns = [str(r).upper() for r in rows], [str(c).upper() for c in columns]
    try:
        known = data.transcription_factors("human", True) | data.transcription_factors(
            "mouse", True
        )
    except data.DataUnavailable:
        known = set()
    hits = len(known & set(rows)), len(known & set(columns))
    if hits[0] != hits[1]:
        return ("genes" if hits[0] > hits[1] else "cells"), f"{max(hits)} TF names on that side"
    if len(rows) != len(columns):
        return ("genes" if len(rows) > len(columns) else "cells"), "genes taken as the longer side"
    return "genes", "both sides are equally long, and most such files have genes in rows"


def prepare(adata: AnnData, tfs: Iterable[str] | None = None, n_genes: int | None = 1000) -> Input:
    """Log expression of TFs and the `n_genes` most varying other genes, with `var["tf"]`.

    Raw counts are detected (whole numbers, a maximum above 30) and become ln(1 + counts per 10^4);
    cells and genes without expression are dropped. None keeps all genes. Raises BadInput.
    """
    notes = []
    X: Any = adata.X if sparse.issparse(adata.X) else np.asarray(adata.X)
    if X.dtype.kind not in "fiub":
        raise BadInput("Expression must be numbers; .X holds something else.")
    X = X.tocsr().astype(np.float32) if sparse.issparse(X) else X.astype(np.float32)
    _check(X, adata)
    expressed, seen = _sum(X, 1) > 0, _sum(X, 0) > 0
    if not expressed.any():
        raise BadInput("All values are zero: choose another matrix with --layer or --raw.")
    for what, kept in (("cells", expressed), ("genes", seen)):
        if not kept.all():
            notes.append(f"{(~kept).sum()} {what} without any expression left out")
    X, names = X[expressed][:, seen], adata.var_names.astype(str)[seen]
    X, scale = _logged(X)
    notes.append(scale)
    is_tf = np.zeros(len(names), dtype=bool)
    if tfs is not None:
        is_tf = names.str.upper().isin({str(tf).upper() for tf in tfs})
        if not is_tf.any():
            raise BadInput(
                f"None of the TFs is among the genes ({some(names, 3)}): gene symbols are needed, "
                "and the list must be of the species; try --tfs human or --tfs mouse."
            )
    keep = most_varying(X, is_tf, n_genes)
    chosen = X[:, keep].toarray() if sparse.issparse(X) else X[:, keep]
    found = AnnData(chosen, adata.obs[expressed].copy(), pd.DataFrame(index=names[keep]))
    if tfs is not None:
        found.var["tf"] = is_tf[keep]
        notes.append(f"{is_tf[keep].sum()} TFs and {(~is_tf[keep]).sum()} other genes used")
    varying = (chosen.max(0) > chosen.min(0)).sum()
    if len(found) < 2 or found.n_vars < 3 or varying < 1:
        raise BadInput(f"{len(found)} cells x {found.n_vars} genes with expression, {varying} of "
                       "them varying: DeepSEM needs at least 2 cells and 3 genes.")  # fmt: skip
    return Input(found, notes)


def most_varying(X: Any, is_tf: np.ndarray, n_genes: int | None) -> np.ndarray:
    """Sorted positions of all varying TFs and the `n_genes` other genes of largest variance."""
    mean = np.asarray(X.mean(0)).ravel()
    square = X.multiply(X) if sparse.issparse(X) else X**2
    variance = np.asarray(square.mean(0)).ravel() - mean**2
    if n_genes is None:
        return np.arange(X.shape[1])
    others = np.flatnonzero(~is_tf)
    best = others[np.argsort(-variance[others], kind="stable")[:n_genes]]
    return np.sort(np.r_[best, np.flatnonzero(is_tf & (variance > 1e-8))])


def _check(X: Any, adata: AnnData) -> None:
    if 0 in X.shape:
        raise BadInput(f"The matrix is empty: {X.shape[0]} cells x {X.shape[1]} genes.")
    values = X.data if sparse.issparse(X) else X
    if not np.isfinite(values).all():
        raise BadInput("Expression holds NaN or infinite values: replace or remove them.")
    if (values < 0).any():
        raise BadInput("Expression holds negative values, so it was scaled: give counts or log "
                       "expression, for instance with --layer counts or --raw.")  # fmt: skip
    for what, index in (("gene", adata.var_names), ("cell", adata.obs_names)):
        if not index.is_unique:
            twice = index[index.duplicated()]
            raise BadInput(f"{len(twice)} {what} names occur more than once ({some(twice, 3)}): "
                           "merge or rename them.")  # fmt: skip


def _sum(X: Any, axis: int) -> np.ndarray:
    return np.asarray(X.sum(axis=axis, dtype=np.float64)).ravel()


def _logged(X: Any) -> tuple[Any, str]:
    """Log expression and what was done; whole numbers up to 30 are refused as ambiguous."""
    values = X.data if sparse.issparse(X) else X
    top = float(values.max())
    if not np.array_equal(values, np.rint(values)):
        if top > 30:  # e^30 counts are not possible: normalised, but not yet logged
            return (X.log1p() if sparse.issparse(X) else np.log1p(X)), (
                f"values up to {top:.4g} read as normalised without log: ln(1 + x) taken"
            )
        return X, f"values up to {top:.3g} read as log expression: used as they are"
    note = f"whole numbers up to {top:.0f} read as raw counts: ln(1 + count / total * 10^4) taken"
    if top <= 30:
        note += "; should they be rounded log values, give the unrounded ones"
    factor = (1e4 / _sum(X, 1)).astype(np.float32)
    if sparse.issparse(X):
        return (sparse.diags(factor) @ X).tocsr().log1p(), note
    return np.log1p(X * factor[:, None]), note


def transcription_factors(where: str) -> list[str]:
    """TFs of "human" or "mouse" (BEELINE's lists) or of a text file, one a line."""
    if where in ("human", "mouse"):
        return sorted(data.transcription_factors(where, quiet=True))
    try:
        lines = Path(where).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"TF list {where}: {getattr(error, 'strerror', None) or 'no text'}; "
                       "give a file, human or mouse.") from None  # fmt: skip
    names = [line.split(",")[0].split("\t")[0].strip().strip('"') for line in lines]
    names = [name for name in names if name and name not in ("TF", "gene")]
    if not names:
        raise BadInput(f"TF list {where} is empty: one name a line is expected.")
    return names
