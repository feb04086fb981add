"""A reader's own file of any common format as AnnData, cells x genes.

`read` says in plain words what it guessed and raises `BadInput` with what to do for what it cannot
read; `prepare.prepare_cells` turns the result into what `fit` takes.
"""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pandas as pd
from anndata import AnnData, read_h5ad
from scipy import io, sparse

from ..errors import BadInput, first_few
from .text_table import made, read_text

FORMATS = ".h5ad, .loom, 10x .h5, a 10x folder with matrix.mtx, .csv, .tsv, .txt (also .gz)"
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
            adata, notes = read_10x_folder(path if path.is_dir() else path.parent)
        elif name.endswith(".h5ad"):
            adata = chosen(read_h5ad(path), layer, raw)
        elif name.endswith(".loom"):
            adata = read_loom(path, layer)
        elif name.endswith(".h5"):
            adata, notes = read_10x_h5(path)
        elif name.endswith((".csv", ".tsv", ".txt")):
            adata, notes = read_text(path, orientation, hints)
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
    return Input(renamed(adata, gene_names), notes)


def chosen(adata: AnnData, layer: str | None, raw: bool) -> AnnData:
    """AnnData whose X is what the reader asked for."""
    if raw and layer is not None:
        raise BadInput("Give --layer or --raw, not both.")
    if raw:
        if adata.raw is None:
            raise BadInput("The file has no .raw: leave --raw out.")
        source = adata.raw.to_adata()
        source.obs = adata.obs
        return source
    if layer is not None:
        adata.X = adata.layers[known_layer(layer, adata.layers)]
    if adata.X is None:
        raise BadInput("The file has no .X: choose with --layer or --raw.")
    return adata


def known_layer(layer: str, layers: Iterable[str]) -> str:
    if layer not in layers:
        raise BadInput(f"The file has no layer {layer!r}; it has {first_few(layers) or 'none'}.")
    return layer


def renamed(adata: AnnData, column: str | None) -> AnnData:
    """AnnData whose genes are named by a column of var, as CELLxGENE's feature_name."""
    if column is not None:
        if column not in adata.var:
            raise BadInput(
                f"var has no column {column!r}; it has {first_few(adata.var) or 'none'}."
            )
        adata.var_names = pd.Index(adata.var[column].astype(str).to_numpy())
    return adata


def read_10x_folder(folder: Path) -> tuple[AnnData, list[str]]:
    """A 10x folder: matrix.mtx (genes x cells), barcodes.tsv and features.tsv or genes.tsv.

    Files may have a prefix, as GEO gives them (GSM123_matrix.mtx.gz), if there is one of each.
    scanpy.read_10x_mtx wants the prefix to be named, and all files packed or none.
    """

    def find(*names: str) -> Path:
        for name in names:
            exact = [folder / name, folder / f"{name}.gz"]
            prefixed = [*folder.glob(f"*{name}"), *folder.glob(f"*{name}.gz")]
            if files := [file for file in exact if file.exists()] or prefixed:
                if len(files) > 1 and files == prefixed:
                    raise BadInput(f"{folder} holds several {name}: give one folder per sample.")
                return files[0]
        raise BadInput(f"{folder} holds no {' or '.join(names)}: a 10x folder needs it.")

    matrix = io.mmread(find("matrix.mtx"))
    table = {"sep": "\t", "header": None, "dtype": str, "na_filter": False}
    features = pd.read_csv(find("features.tsv", "genes.tsv"), **table)
    cells = pd.read_csv(find("barcodes.tsv"), **table)[0]
    symbols = features[1] if features.shape[1] > 1 else features[0]
    adata = made(sparse.csr_matrix(matrix.T), cells, symbols)
    return only_expression(adata, features[2] if features.shape[1] > 2 else [])


def read_10x_h5(path: Path) -> tuple[AnnData, list[str]]:
    """A 10x file of version 2 (one genome) or 3."""
    import scanpy

    with h5py.File(path) as file:
        genomes = [] if "matrix" in file else list(file)
    if len(genomes) > 1:
        raise BadInput(
            f"{path.name} holds several genomes ({first_few(genomes)}): give one in a file."
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* names are not unique", UserWarning)  # checked later
        adata = scanpy.read_10x_h5(path, gex_only=False)
    kinds = adata.var.get("feature_types", [])
    return only_expression(made(adata.X, adata.obs_names, adata.var_names), kinds)


def only_expression(adata: AnnData, types: Iterable[str]) -> tuple[AnnData, list[str]]:
    """Genes without the antibodies, guides or peaks that 10x files may hold beside them."""
    is_gene = np.array([kind == EXPRESSION for kind in types], dtype=bool)
    if is_gene.all() or not is_gene.any():  # also if no kinds are given
        return adata, []
    return adata[:, is_gene].copy(), [f"{(~is_gene).sum()} features that are not genes left out"]


def read_loom(path: Path, layer: str | None) -> AnnData:
    def names(group: h5py.Group, keys: Iterable[str], what: str, n: int) -> list[str]:
        for key in keys:
            if key in group:
                return as_text(group[key][:])
        return [f"{what}_{i}" for i in range(n)]

    with h5py.File(path) as file:
        layers = file.get("layers", {})
        matrix = file["matrix"] if layer is None else layers[known_layer(layer, layers)]
        X = sparse.vstack(  # a loom is dense on disk and mostly zeros
            [sparse.csr_matrix(matrix[i : i + 512, :]) for i in range(0, matrix.shape[0], 512)]
        )
        genes = names(file["row_attrs"], ("Gene", "gene", "var_names"), "gene", X.shape[0])
        cells = names(file["col_attrs"], ("CellID", "cell_id", "obs_names"), "cell", X.shape[1])
    return made(sparse.csr_matrix(X.T), cells, genes)


def as_text(values: Any) -> list[str]:
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]
