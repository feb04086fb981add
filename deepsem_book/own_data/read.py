"""A reader's own file as AnnData, cells x genes: formats and the orientation of text tables.

`read` says in plain words what it guessed and raises `BadInput` with what to do for what it cannot
read; `prepare.prepare` makes of the result what `ensemble.fit` takes.
"""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pandas as pd
from anndata import AnnData, read_h5ad
from scipy import io, sparse

from ..errors import BadInput, first_few

FORMATS = ".h5ad, .loom, 10x .h5, a 10x folder with matrix.mtx, .csv, .tsv, .txt (also .gz)"
BARCODE = re.compile(r"([ACGT]{8,}[-._]?\w{0,4}|(cell|barcode|sample)[-_.]?\d+)", re.IGNORECASE)
GENE = re.compile(  # names that nearly every table of mammalian genes has
    r"(RP[LS]\d+\w?|MT-\w+|ACTB|GAPDH|B2M|EEF1A1|TMSB\w+|MALAT1|Z(NF|FP)\d+|ENS\w*G\d{6,}(\.\d+)?)",
    re.IGNORECASE,
)
EXPRESSION = "Gene Expression"  # the kind of feature of 10x files that also count antibodies


class Input(NamedTuple):
    """Expression with what was guessed, and what was changed (`mended`, among the notes too)."""

    adata: AnnData
    notes: list[str]
    mended: list[str] = []  # noqa: RUF012


def read(
    path: Path | str,
    layer: str | None = None,
    raw: bool = False,
    orientation: str = "auto",
    gene_names: str | None = None,
    hints: Iterable[str] = (),
) -> Input:
    """Expression (cells x genes) of a file as it is there: counts or log, sparse stays sparse.

    `layer` picks a layer of an .h5ad or .loom, `raw` .raw of an .h5ad, `gene_names` the column of
    var that names the genes. `orientation` of a text file is "cells" (rows are cells), "genes" or
    "auto"; `hints` are names of genes that help to guess it. Raises BadInput for what cannot be
    read.
    """
    path = Path(path)
    notes: list[str] = []
    if not path.exists():
        raise BadInput(f"{path} does not exist.")
    name = path.name.lower().removesuffix(".gz")
    try:
        if path.is_dir() or name.endswith("matrix.mtx"):
            adata, notes = _read_mtx(path if path.is_dir() else path.parent)
        elif name.endswith(".h5ad"):
            adata = _chosen(read_h5ad(path), layer, raw)
        elif name.endswith(".loom"):
            adata = _read_loom(path, layer)
        elif name.endswith(".h5"):
            adata, notes = _read_10x_h5(path)
        elif name.endswith((".csv", ".tsv", ".txt")):
            adata, notes = _read_text(path, orientation, hints)
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
    if layer is not None and not name.endswith((".h5ad", ".loom")):
        raise BadInput("--layer needs an .h5ad or .loom: leave it out.")
    if raw and not name.endswith(".h5ad"):
        raise BadInput("--raw needs an .h5ad: leave it out.")
    return Input(_named(adata, gene_names), notes)


def _chosen(adata: AnnData, layer: str | None, raw: bool) -> AnnData:
    """AnnData whose X is what the reader asked for."""
    if raw and layer is not None:
        raise BadInput("Give --layer or --raw, not both.")
    if raw:
        if adata.raw is None:
            raise BadInput("The file has no .raw: leave --raw out.")
        found = adata.raw.to_adata()
        found.obs = adata.obs
        return found
    if layer is not None:
        adata.X = adata.layers[_known(layer, adata.layers)]
    if adata.X is None:
        raise BadInput("The file has no .X: choose with --layer or --raw.")
    return adata


def _known(layer: str, layers: Iterable[str]) -> str:
    if layer not in layers:
        raise BadInput(f"The file has no layer {layer!r}; it has {first_few(layers) or 'none'}.")
    return layer


def _named(adata: AnnData, column: str | None) -> AnnData:
    """AnnData whose genes are named by a column of var, as CELLxGENE's feature_name."""
    if column is not None:
        if column not in adata.var:
            raise BadInput(
                f"var has no column {column!r}; it has {first_few(adata.var) or 'none'}."
            )
        adata.var_names = pd.Index(adata.var[column].astype(str).to_numpy())
    return adata


def _read_mtx(folder: Path) -> tuple[AnnData, list[str]]:
    """A 10x folder: matrix.mtx (genes x cells), barcodes.tsv and features.tsv or genes.tsv.

    Files may have a prefix, as GEO gives them (GSM123_matrix.mtx.gz), if there is one of each.
    """

    def find(*names: str) -> Path:
        for name in names:
            exact = [folder / name, folder / f"{name}.gz"]
            prefixed = [*folder.glob(f"*{name}"), *folder.glob(f"*{name}.gz")]
            if found := [file for file in exact if file.exists()] or prefixed:
                if len(found) > 1 and found == prefixed:
                    raise BadInput(f"{folder} holds several {name}: one folder a sample is needed.")
                return found[0]
        raise BadInput(f"{folder} holds no {' or '.join(names)}: a 10x folder needs it.")

    matrix = io.mmread(find("matrix.mtx"))
    table = {"sep": "\t", "header": None, "dtype": str, "na_filter": False}
    features = pd.read_csv(find("features.tsv", "genes.tsv"), **table)
    cells = pd.read_csv(find("barcodes.tsv"), **table)[0]
    symbols = features[1] if features.shape[1] > 1 else features[0]
    adata = _made(sparse.csr_matrix(matrix.T), cells, symbols)
    return _only_expression(adata, features[2] if features.shape[1] > 2 else [])


def _read_10x_h5(path: Path) -> tuple[AnnData, list[str]]:
    with h5py.File(path) as file:
        group = file["matrix"] if "matrix" in file else file[next(iter(file))]
        parts = [group[key][:] for key in ("data", "indices", "indptr")]
        shape = tuple(group["shape"][:])[::-1]  # stored genes x cells, column by column
        genes = group["features/name"][:] if "features" in group else group["gene_names"][:]
        types = group["features/feature_type"][:] if "features/feature_type" in group else []
        cells = group["barcodes"][:]
    adata = _made(sparse.csr_matrix(tuple(parts), shape=shape), _text(cells), _text(genes))
    return _only_expression(adata, _text(types))


def _only_expression(adata: AnnData, types: Iterable[str]) -> tuple[AnnData, list[str]]:
    """Genes without the antibodies, guides or peaks that 10x files may hold beside them."""
    is_gene = np.array([kind == EXPRESSION for kind in types], dtype=bool)
    if is_gene.all() or not is_gene.any():  # also if no kinds are given
        return adata, []
    return adata[:, is_gene].copy(), [f"{(~is_gene).sum()} features that are no genes left out"]


def _read_loom(path: Path, layer: str | None) -> AnnData:
    def names(group: h5py.Group, keys: Iterable[str], what: str, n: int) -> list[str]:
        for key in keys:
            if key in group:
                return _text(group[key][:])
        return [f"{what}_{i}" for i in range(n)]

    with h5py.File(path) as file:
        layers = file.get("layers", {})
        matrix = file["matrix"] if layer is None else layers[_known(layer, layers)]
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


def _read_text(path: Path, orientation: str, hints: Iterable[str]) -> tuple[AnnData, list[str]]:
    """A table with names in the first row and column; which of the two are genes is guessed."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig") as file:
        first, second = file.readline().rstrip("\r\n"), file.readline().rstrip("\r\n")
    sep = max("\t,; ", key=first.count)
    values = _numbers(path, sep)
    rows_are = orientation
    notes = []
    if orientation == "auto":
        rows_are, why = guess_orientation(values.index, values.columns, hints)
        notes.append(f"rows read as {rows_are}: {why}; --orientation tells otherwise")
    # The header as it is in the file, since pandas renames twins; R writes no name for the index.
    header = [name.strip().strip('"') for name in first.split(sep)]
    header = header[1:] if len(header) == len(second.split(sep)) else header
    columns = header if len(header) == values.shape[1] else values.columns
    X = values.to_numpy(np.float32)
    if rows_are == "genes":
        return _made(X.T, columns, values.index), notes
    return _made(X, values.index, columns), notes


def _numbers(path: Path, sep: str) -> pd.DataFrame:
    """The table as numbers, or BadInput that names the first line and field that is none."""
    names: dict[Any, Any] = {"sep": sep, "index_col": 0, "na_filter": False}
    try:
        first = pd.read_csv(path, sep=sep, nrows=0).columns[:1]
        types = defaultdict(lambda: np.float32, dict.fromkeys(first, np.str_))
        return pd.read_csv(path, dtype=types, **names)
    except (ValueError, OverflowError):  # read again as text, to say where it is wrong
        pass
    try:
        table = pd.read_csv(path, dtype=str, **names)
    except pd.errors.ParserError as error:
        raise BadInput(
            f"{path.name}: {str(error).strip()}. Every line needs as many fields."
        ) from None
    except pd.errors.EmptyDataError:
        raise BadInput(f"{path.name} is empty.") from None
    values = table.apply(pd.to_numeric, errors="coerce").astype(np.float32)
    wrong = np.argwhere(values.isna().to_numpy())
    if len(wrong):
        row, column = wrong[0]
        found = table.iat[row, column]
        said = f"{found!r} is no number" if isinstance(found, str) and found else "nothing is there"
        raise BadInput(
            f"{path.name}, line {row + 2}, column {table.columns[column]!r}: {said} ({len(wrong)} "
            "such entries). Every line needs a name and as many numbers as there are columns."
        )
    return values


def guess_orientation(
    rows: Iterable[str], columns: Iterable[str], hints: Iterable[str] = ()
) -> tuple[str, str]:
    """("cells" or "genes", reason): what the rows are, by names of genes (`hints` and those that
    nearly every table has), by barcodes, or by the longer side."""
    sides = [[str(name) for name in names] for names in (rows, columns)]
    known = {str(name).upper() for name in hints}
    genes, barcodes = (
        [sum(map(bool, map(test, side))) for side in sides]
        for test in (lambda n: n.upper() in known or GENE.fullmatch(n), BARCODE.fullmatch)
    )
    for what, hits, in_rows, in_columns in (
        ("known gene names", genes, "genes", "cells"),
        ("cell barcodes", barcodes, "cells", "genes"),
    ):
        if hits[0] != hits[1]:
            first = hits[0] > hits[1]
            why = f"{max(hits)} {what} in the {'first column' if first else 'first line'}"
            return (in_rows if first else in_columns), why
    if len(sides[0]) != len(sides[1]):
        return (
            "genes" if len(sides[0]) > len(sides[1]) else "cells"
        ), "genes taken as the longer side"
    return "genes", "both sides are equally long, and most such files have genes in rows"
