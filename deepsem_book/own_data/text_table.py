"""A text table of expression: separator, numbers, and whether its rows are cells or genes."""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from ..errors import BadInput

BARCODE = re.compile(r"([ACGT]{8,}[-._]?\w{0,4}|(cell|barcode|sample)[-_.]?\d+)", re.IGNORECASE)
GENE = re.compile(  # names that nearly every table of mammalian genes has
    r"(RP[LS]\d+\w?|MT-\w+|ACTB|GAPDH|B2M|EEF1A1|TMSB\w+|MALAT1|Z(NF|FP)\d+|ENS\w*G\d{6,}(\.\d+)?)",
    re.IGNORECASE,
)


def read_text(path: Path, orientation: str, hints: Iterable[str]) -> tuple[AnnData, list[str]]:
    """A table with names in the first row and column; which of the two are genes is guessed."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig") as file:
        first, second = file.readline().rstrip("\r\n"), file.readline().rstrip("\r\n")
    sep = max("\t,; ", key=first.count)
    values = numbers(path, sep)
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
        return made(X.T, columns, values.index), notes
    return made(X, values.index, columns), notes


def numbers(path: Path, sep: str) -> pd.DataFrame:
    """The table as numbers, or BadInput that names the first line and field that is not."""
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
        entry = table.iat[row, column]
        what = f"{entry!r} is not a number" if isinstance(entry, str) and entry else "it is empty"
        raise BadInput(
            f"{path.name}, line {row + 2}, column {table.columns[column]!r}: {what} ({len(wrong)} "
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


def made(X: Any, cells: Iterable[Any], genes: Iterable[Any]) -> AnnData:
    """X (cells x genes) with names; BadInput if their numbers do not fit."""
    cells, genes = list(map(str, cells)), list(map(str, genes))
    if X.shape != (len(cells), len(genes)):
        raise BadInput(f"The matrix is {X.shape}, but there are {len(cells)} cell names and "
                       f"{len(genes)} gene names.")  # fmt: skip
    return AnnData(X.astype(np.float32), pd.DataFrame(index=cells), pd.DataFrame(index=genes))
