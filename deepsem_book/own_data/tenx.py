"""Counts as Cell Ranger, STARsolo, kb and GEO give them: a matrix.mtx with its names, or a .h5."""

import re
from pathlib import Path

import h5py
import pandas as pd
from anndata import AnnData
from scipy import io, sparse

from ..errors import BadInput, first_few
from .annotated import read_anndata
from .choices import Choices
from .kinds import KINDS, one_of
from .packed import on_disk, unpacked_name
from .text_expression import made
from .text_table import layout, rows_of

GENES_FILE = (  # in this order: symbols before identifiers
    "features", "genes.names", "gene_names", "genes", "all_genes", "var", "mtx_rows",
)  # fmt: skip
CELLS_FILE = ("barcodes", "cells", "cell_names", "cell_metadata", "obs", "mtx_cols")
TABLES = (".tsv", ".txt", ".csv", "")
CELLS_FIRST = ("cells_x_genes", "quants_mat", "dge", "count_matrix")  # cells in rows: kb, alevin
KIND = re.compile(rf"{'|'.join(KINDS)}|.*capture|peaks|abseq|custom", re.IGNORECASE)
SYMBOLS = ("gene_name", "gene_names", "symbol", "gene_symbol", "gene_short_name", "name")


def read_10x_folder(path: Path, how: Choices) -> tuple[AnnData, list[str]]:
    """A folder or a named .mtx with the names of its rows and columns beside it.

    Names: barcodes.tsv and features.tsv or genes.tsv, with the prefix of the matrix
    (GSM123_matrix.mtx.gz), kb's cells_x_genes.*, STARsolo's and others of these kinds.
    """
    matrix, notes = (path, []) if path.is_file() else the_matrix(path)
    with on_disk(matrix) as file:  # scipy may end the process on a stream that is damaged
        values = io.mmread(file)
    genes_file, cells_file = beside(matrix)
    var = features(genes_file, values.shape)
    cells = names_of(cells_file, values.shape)
    square = len(var) == len(cells) and unpacked_name(matrix).startswith(CELLS_FIRST)
    if values.shape == (len(var), len(cells)) and not square:
        values = values.T
    adata = made(sparse.csr_matrix(values), cells, var.pop("symbol"))
    for name in var:
        adata.var[name] = var[name].to_numpy()
    return adata, [*notes, f"read {matrix.name}, {genes_file.name} and {cells_file.name}"]


def files_of(path: Path) -> list[Path]:
    """The files that reading a 10x folder or an .mtx touches, as far as they can be told."""
    try:
        matrix = path if path.is_file() else the_matrix(path)[0]
        return [matrix, *beside(matrix)]
    except BadInput:
        return []


def the_matrix(folder: Path) -> tuple[Path, list[str]]:
    """The one matrix of a folder; BadInput that names them where there are several."""
    files = sorted(file for file in folder.iterdir() if unpacked_name(file).endswith(".mtx"))
    packed_first = sorted(files, key=lambda file: -len(file.name))
    by_name = {unpacked_name(file): file for file in packed_first}  # unpacked wins over its copy
    if "matrix.mtx" in by_name:
        others = [file.name for file in files if file != by_name["matrix.mtx"]]
        notes = [f"{first_few(others, 3)} in the same folder not read"] if others else []
        return by_name["matrix.mtx"], notes
    if len(by_name) > 1:
        raise BadInput(f"{folder} holds several matrices ({first_few(by_name)}): name the one to "
                       "be read.")  # fmt: skip
    if not by_name:
        below = sorted(str(file.parent) for file in folder.glob("*/*.mtx*"))
        where = f"; name one of its folders: {first_few(below, 3)}" if below else ""
        raise BadInput(f"{folder} holds no matrix.mtx: a 10x folder needs it{where}.")
    [file] = by_name.values()
    return file, []


def beside(matrix: Path) -> tuple[Path, Path]:
    """The files with the names of the genes and of the cells that belong to a matrix."""
    alevin = unpacked_name(matrix) == "quants_mat.mtx"
    return (
        companion(matrix, ("cols",) if alevin else GENES_FILE, "features.tsv or genes.tsv"),
        companion(matrix, ("rows",) if alevin else CELLS_FILE, "barcodes.tsv"),
    )


def companion(matrix: Path, words: tuple[str, ...], usual: str) -> Path:
    """The file beside `matrix` with one of its prefixes and a name of this kind, unpacked first.

    Only where no other matrix lies in the folder may the file be without the prefix.
    """
    files = sorted(matrix.parent.iterdir(), key=lambda file: -len(file.name))
    there = {unpacked_name(file): file for file in files if file.is_file()}
    stem = unpacked_name(matrix).removesuffix(".mtx")
    prefix = re.sub(r"(count_|raw_)?(matrix|counts?|dge)$", "", stem)
    alone = sum(name.endswith(".mtx") for name in there) == 1
    prefixes = [prefix, *(stem + end for end in "._-"), *([""] if alone else [])]
    for before in dict.fromkeys(prefixes):
        for name in (before + word + table for word in words for table in TABLES):
            if name in there:
                return there[name]
    raise BadInput(
        f"{matrix.parent} holds no {usual} for {matrix.name} (looked for {prefix}"
        f"{usual.split()[0]} and the like): a matrix needs the names of both sides."
    )


# --- Names of rows and columns --------------------------------------------------------------------


def table_of(path: Path, shape: tuple[int, ...]) -> tuple[list[list[str]], list[str]]:
    """The rows of a table of names, as many as a side of the matrix, and its header, if any."""
    rows = [row for _, row in rows_of(layout(path, ("\t", ",", ";")))]
    header: list[str] = []
    if len(rows) not in shape and len(rows) - 1 in shape:
        header, rows = rows[0], rows[1:]
    if len(rows) not in shape:
        raise BadInput(f"{path.name} has {len(rows)} names, but the matrix is {shape[0]} x "
                       f"{shape[1]}: it belongs to another matrix, or is cut off.")  # fmt: skip
    if len(header) == len(rows[0]) - 1:
        header = ["", *header]
    return rows, header


def names_of(path: Path, shape: tuple[int, ...]) -> list[str]:
    """The first column, or the second where the first only counts."""
    rows, _ = table_of(path, shape)
    return [row[int(counts_rows(rows))] for row in rows]


def counts_rows(rows: list[list[str]]) -> bool:
    """Whether the first of several columns is 1, 2, 3, ..."""
    numbers = [row[0] for row in rows]
    return len(rows[0]) > 1 and (
        numbers == [str(i) for i in range(len(rows))]
        or numbers == [str(i) for i in range(1, len(rows) + 1)]
    )


def features(path: Path, shape: tuple[int, ...]) -> pd.DataFrame:
    """Columns symbol (the identifier where there is none) and gene_ids; feature_types and genome
    where the file has them."""
    rows, header = table_of(path, shape)
    lower = [name.lower() for name in header]
    at = next((lower.index(name) for name in SYMBOLS if name in lower), None)
    first = int(counts_rows(rows))
    if at is None:
        at = first if header else min(first + 1, len(rows[0]) - 1)
    table = pd.DataFrame({
        "symbol": [row[at] if len(row) > at and row[at] else row[first] for row in rows],
        "gene_ids": [row[first] for row in rows],
    })  # fmt: skip
    third = [row[2] for row in rows if len(row) > 2]
    if len(third) == len(rows) and any(map(KIND.fullmatch, third)):  # not the biotype of genes
        table["feature_types"] = third
    if "genome" in lower:
        table["genome"] = [row[lower.index("genome")] for row in rows]
    return table


# --- The .h5 of Cell Ranger -----------------------------------------------------------------------


def read_10x_h5(path: Path, how: Choices) -> tuple[AnnData, list[str]]:
    """A 10x file of version 2 (a group for each genome) or 3."""
    import scanpy

    with h5py.File(path) as file:
        if {"obs", "var"} <= set(file):
            return read_anndata(path, how)
        genomes = [name for name in file if {"data", "indptr", "barcodes"} <= set(file[name])]
        is_new = "matrix" in file
        if not genomes:
            raise BadInput(f"{path.name} holds no count matrix of 10x (it has {first_few(file)}): "
                           "give filtered_feature_bc_matrix.h5.")  # fmt: skip
    wanted = None if is_new else one_of(genomes, how.genome, "genomes", "--genome")
    adata = scanpy.read_10x_h5(path, gex_only=False, genome=wanted)
    columns = {name: adata.var[name].to_numpy() for name in adata.var}
    fresh = made(adata.X, adata.obs_names, adata.var_names)
    for name, values in columns.items():
        fresh.var[name] = values
    if wanted is not None:
        fresh.var["genome"] = wanted
    return fresh, []
