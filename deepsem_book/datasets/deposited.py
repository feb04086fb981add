"""Cell types as the authors deposited them: Zeisel with all genes, Muraro and Segerstolpe.

No checksum of these files is published, so a reader looks for the rows and columns that its file
must have and raises ValueError where they are missing. Each returns counts (cells x genes,
float32), names of cells and genes, and labels (NaN: none).
"""

import gzip
import zipfile
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import pandas as pd


class Deposited(NamedTuple):
    counts: np.ndarray  # cells x genes
    cells: list[str]
    genes: list[str]
    labels: pd.DataFrame  # one row per cell: cell_type and, where known, cell_type_level2


def zeisel(path: Path) -> Deposited:
    """expression_mRNA_17-Aug-2014.txt: ten rows that describe cells, an empty one, then genes.

    The first column names genes, the second names the rows of cells (GSE60361 and
    linnarssonlab.org/cortex).
    """
    head = pd.read_csv(path, sep="\t", header=None, nrows=10, dtype=str).set_index(1).iloc[:, 1:]
    needed = ["cell_id", "level1class", "level2class"]
    if missing := [name for name in needed if name not in head.index]:
        raise ValueError(f"{path}: no row named {', '.join(missing)} among the first ten.")
    rows = pd.read_csv(path, sep="\t", header=None, skiprows=11, index_col=0, na_filter=False)
    counts = rows.iloc[:, 1:].to_numpy(np.float32).T
    labels = head.loc[["level1class", "level2class"]].T.replace("(none)", np.nan)
    labels.columns = ["cell_type", "cell_type_level2"]
    return checked(path, counts, list(head.loc["cell_id"]), list(rows.index.astype(str)), labels)


def muraro(path: Path, annotation: Path) -> Deposited:
    """GSE85241, counts that were corrected for colliding barcodes (rounded here), and its types.

    Genes are called SYMBOL__chromosome. R has turned the "-" of the annotation's names into ".".
    """
    with gzip.open(path, "rt") as file:
        rows = pd.read_csv(file, sep="\t", index_col=0, na_filter=False)
    types = pd.read_csv(annotation, sep=r"\s+", skiprows=1, header=None, index_col=0)[1]
    types.index = types.index.str.replace("-", ".")
    cells = rows.columns.str.replace("-", ".")
    if not types.index.isin(cells).any():
        raise ValueError(f"{annotation} names no cell of {path}.")
    labels = pd.DataFrame({"cell_type": types.reindex(cells)})
    genes = [name.split("__")[0] for name in rows.index]
    return checked(path, np.rint(rows.to_numpy(np.float32).T), list(cells), genes, labels)


def segerstolpe(path: Path, annotation: Path) -> Deposited:
    """E-MTAB-5061: a zip with one table of RPKM and then counts, and its description of samples.

    Cells of low quality have the type "not applicable", which is not a label. eGFP is left out.
    """
    with zipfile.ZipFile(path) as archive:
        tables = [name for name in archive.namelist() if name.endswith("3514sc.txt")]
        if len(tables) != 1:
            raise ValueError(f"{path}: no table of 3514 cells among {archive.namelist()}.")
        with archive.open(tables[0]) as file:
            cells, rows = _rpkm_and_counts(file)
    samples = pd.read_csv(annotation, sep="\t", dtype=str)
    kinds = [c for c in samples if "[cell type]" in c.lower()]
    if "Extract Name" not in samples or not kinds:
        raise ValueError(f"{annotation}: no columns Extract Name and Characteristics[cell type].")
    types = samples.drop_duplicates("Extract Name").set_index("Extract Name")[kinds[0]]
    types = types.reindex(cells).replace("not applicable", np.nan)
    rows = rows[rows.index != "eGFP"]
    labels = pd.DataFrame({"cell_type": types.str.removesuffix(" cell")})
    return checked(path, rows.to_numpy(np.float32).T, cells, list(rows.index), labels)


def _rpkm_and_counts(file: IO[bytes]) -> tuple[list[str], pd.DataFrame]:
    """Names of the cells, and counts (genes x cells): the columns after as many of RPKM."""
    cells = file.readline().decode().rstrip("\r\n").split("\t")[1:]
    rows = pd.read_csv(file, sep="\t", header=None, index_col=0, na_filter=False)
    if rows.shape[1] != 1 + 2 * len(cells):  # identifiers, RPKM, counts
        raise ValueError(f"{rows.shape[1]} columns where {1 + 2 * len(cells)} should be.")
    return cells, rows.iloc[:, 1 + len(cells) :]


def checked(
    path: Path, counts: np.ndarray, cells: list[str], genes: list[str], labels: pd.DataFrame
) -> Deposited:
    """The parts, if they fit together and are counts; a gene named twice is kept once."""
    if counts.shape != (len(cells), len(genes)) or not len(counts):
        raise ValueError(f"{path}: {counts.shape} numbers, {len(cells)} cells, {len(genes)} genes.")
    if (counts < 0).any() or (counts != np.rint(counts)).any():
        raise ValueError(f"{path} does not hold counts.")
    first = ~pd.Index(genes).duplicated()
    labels = labels.set_axis(pd.Index(cells, dtype=str))
    return Deposited(counts[:, first], cells, list(np.array(genes)[first]), labels)
