"""A text table of expression: which lines and columns are names, and whether rows are cells."""

import itertools
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from ..errors import BadInput, first_few
from . import metadata
from .choices import Choices
from .orientation import orientation
from .text_table import Layout, is_number, layout, pandas_options, rows_of, text


def read_text(path: Path, how: Choices) -> tuple[AnnData, list[str]]:
    """Expression (cells x genes) of a text table, with notes on what was found out about it.

    Raises BadInput, with the option that settles it, where names, orientation or what is no
    expression cannot be told.
    """
    table = layout(path)
    names, width = header_of(table, how)
    after = 1 if how.header else 0
    body = table.head[after:]
    if not body:
        raise BadInput(f"{path.name} holds a header and nothing else: it is empty.")
    at, notes = names_column(table, names, body, how)
    if not how.header:
        notes.append("names of the columns made up, as told: column_1, column_2, ...")
    texts = [
        i for i in range(width) if i != at and 2 * sum(is_text(row, i) for row in body) > len(body)
    ]
    unwanted = metadata_columns(path, names, texts, at, how)
    values = numbers(table, after, width, {i for i in (at, *unwanted) if i is not None})
    used = [i for i in range(width) if i != at and i not in unwanted]
    columns = [names[i] for i in used]
    rows = values[at].str.strip() if at is not None else numbered("row", len(values))
    X = values[used].to_numpy(np.float32)
    if unknown := sorted(how.unwanted - {*names, *rows}):
        raise BadInput(f"--drop-columns: {path.name} has no {first_few(unknown)}.")
    label = names[at] if at is not None else ""
    adata, more = oriented(X, list(rows), columns, label, how)
    left = [f"columns left out, as told: {', '.join(names[i] for i in unwanted)}"]
    return adata, [*table.notes, *notes, *(left if unwanted else []), *more]


def oriented(
    X: np.ndarray, rows: list[str], columns: list[str], label: str, how: Choices
) -> tuple[AnnData, list[str]]:
    """AnnData with cells in rows, without the rows and columns that were to be dropped."""
    notes = []
    rows_are = how.orientation
    if rows_are == "auto":
        rows_are, why = orientation(rows, columns, how.hints, label)
        notes.append(f"rows read as {rows_are}: {why}; --orientation tells otherwise")
    kept = ~pd.Index(rows).isin(how.unwanted)
    if not kept.all():
        notes.append(f"{(~kept).sum()} rows left out, as told")
        rows, X = list(itertools.compress(rows, kept)), X[kept]
    cells, genes = (columns, rows) if rows_are == "genes" else (rows, columns)
    X = X.T if rows_are == "genes" else X
    if not how.keeps_all:
        metadata.check(genes, X, metadata.OF_CELLS, "genes")
        metadata.check(cells, X.T, metadata.OF_GENES, "cells")
    return made(X, cells, genes), notes


def header_of(table: Layout, how: Choices) -> tuple[list[str], int]:
    """A name for each column of the rows, and how many columns there are."""
    name, first = table.path.name, table.head[0]
    body = table.head[1:] if how.header else table.head
    width = max((len(row) for row in body[:1]), default=len(first))
    used = max((i + 1 for row in body for i, field in enumerate(row) if field), default=0)
    if not how.header:
        return numbered("column", used), used
    if used < width and not any(first[used:]):  # separators at the end of each line
        width, first = used, first[:used]
    if body and len(first) == width - 1:
        first = ["", *first]  # R writes no name for the column of row names
    if body and len(first) != width:
        raise BadInput(
            f"{name}: line {table.lines[0] + 1} has {len(first)} names, but line "
            f"{table.lines[1] + 1} has {width} fields. Every line needs as many fields."
        )
    if all(map(is_number, first[1:])) and not are_labels(first[1:]):
        raise BadInput(
            f"{name}: the first line holds numbers ({', '.join(first[1:4])}), not names. If the "
            "file has no header, say so with --no-header (and --orientation, if no side has names)."
        )
    return first, width


def are_labels(values: list[str]) -> bool:
    """Whether numbers may be names: whole, and no two the same (numbered cells, Entrez)."""
    return all(map(str.isdecimal, values)) and len(set(values)) == len(values)


def names_column(
    table: Layout, names: list[str], body: list[list[str]], how: Choices
) -> tuple[int | None, list[str]]:
    """Which column holds the names of the rows: the first, or none if told, or what was named."""
    if how.gene_names is not None:
        if how.gene_names not in names:
            raise BadInput(f"{table.path.name} has no column {how.gene_names!r}; it has "
                           f"{first_few(names[:6])}.")  # fmt: skip
        return names.index(how.gene_names), []
    if not how.row_names:
        return None, ["names of the rows made up, as told: row_1, row_2, ..."]
    first = [row[0] for row in body if row]
    if not all(map(is_number, first)):
        return 0, []
    counting = are_labels(first) and np.ptp(np.diff(np.array(first, dtype=float)), axis=0) == 0
    texts = [row[1] for row in body if len(row) > 1]
    if counting and not any(map(is_number, texts)) and len(set(texts)) == len(texts) > 1:
        return 1, [f"names of the rows taken from {names[1]!r}: the column before it counts them"]
    if not are_labels(first) and names[0] != "":
        raise BadInput(
            f"{table.path.name}: the first column ({names[0]!r}) holds numbers, not names "
            f"({', '.join(first[:3])}). If its rows have no names, say so with --no-row-names."
        )
    if not are_labels(first) and len(set(first)) < len(first):
        raise BadInput(
            f"{table.path.name}: the first column holds numbers that repeat, not names. If its "
            "rows have no names, say so with --no-row-names."
        )
    return 0, [f"names of the rows are the numbers {', '.join(first[:3])}, ..."]


def metadata_columns(
    path: Path, names: list[str], texts: list[int], at: int | None, how: Choices
) -> list[int]:
    """Positions of the columns to leave out; BadInput for columns of text that nobody dropped."""
    unwanted = [i for i, name in enumerate(names) if name in how.unwanted and i != at]
    before = [0] if at == 1 and how.gene_names is None else []  # it counts the rows
    left = [i for i in texts if i not in unwanted and i not in before]
    if left:
        listed = [names[i] for i in left]
        if len(names) == 3 and len(left) == 1 and at == 0:
            [value] = [i for i in (1, 2) if i not in left]
            raise BadInput(
                f"{path.name} has a line for each gene and cell, not a column for each: make a "
                f"table of it first, in pandas table.pivot_table({names[value]!r}, {names[0]!r}, "
                f"{listed[0]!r}, fill_value=0).to_csv(...)."
            )
        raise BadInput(
            f"{path.name}: {first_few(listed)} hold{'s' if len(left) == 1 else ''} text, not "
            f"numbers: --drop-columns {','.join(listed[:20])} leaves "
            f"{'it' if len(left) == 1 else 'them'} out."
        )
    return sorted({*unwanted, *before})


def is_text(row: list[str], i: int) -> bool:
    return i < len(row) and row[i] != "" and not is_number(row[i].replace(",", "."))


def numbered(what: str, n: int) -> list[str]:
    return [f"{what}_{i}" for i in range(1, n + 1)]


def numbers(table: Layout, after: int, width: int, texts: set[int]) -> pd.DataFrame:
    """The columns as float32 (`texts` as text), or BadInput that names the first bad field."""
    fields = range(max(width, len(table.head[-1])))
    types = {i: np.str_ if i in texts or i >= width else np.float32 for i in fields}
    try:
        with text(table.path, table.encoding) as file, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            values = pd.read_csv(
                file, names=list(types), dtype=types, **pandas_options(table, after)
            )
        if (values.iloc[:, width:] == "").all(axis=None):
            return values.iloc[:, :width]
    except (ValueError, OverflowError, pd.errors.ParserWarning):
        pass  # read again as text, to say where it is wrong
    rows = [row for row in itertools.islice(rows_of(table), after, None) if any(row[1])]
    header = table.head[0] if after else []
    names = [""] * (width - len(header)) + header if len(header) < width else header
    values = np.full((len(rows), width), np.nan, np.float32)
    for r, (line, row) in enumerate(rows):
        check_row(table, line, row, names, width, texts)
        values[r] = [0 if i in texts else number(row[i], table.decimal) for i in range(width)]
    result = pd.DataFrame(values)
    for i in texts:
        result[i] = pd.Series([row[i] for _, row in rows], dtype=object)
    return result


def number(field: str, decimal: str) -> float:
    return float(field.replace(decimal, ".") if decimal != "." else field)


def check_row(
    table: Layout, line: int, row: list[str], names: list[str], width: int, texts: set[int]
) -> None:
    """BadInput if a row has too many fields, or a field that is not a number."""
    if len([field for field in row[width:] if field]):
        raise BadInput(
            f"{table.path.name}: Expected {width} fields in line {line}, saw {len(row)}. Every "
            "line needs as many fields."
        )
    for i in range(width):
        entry = row[i] if i < len(row) else ""
        if i in texts and i < len(row):
            continue
        try:
            number(entry, table.decimal)
        except ValueError:
            what = f"{entry!r} is not a number" if entry else "it is empty"
            raise BadInput(
                f"{table.path.name}, line {line}, column {names[i] if names else i + 1!r}: {what}. "
                "Every line needs a name and as many numbers as there are columns."
            ) from None


def made(X: Any, cells: Iterable[Any], genes: Iterable[Any]) -> AnnData:
    """X (cells x genes) with names; BadInput if their numbers do not fit."""
    cells, genes = list(map(str, cells)), list(map(str, genes))
    if X.shape != (len(cells), len(genes)):
        raise BadInput(f"The matrix is {X.shape}, but there are {len(cells)} cell names and "
                       f"{len(genes)} gene names.")  # fmt: skip
    return AnnData(X.astype(np.float32), pd.DataFrame(index=cells), pd.DataFrame(index=genes))
