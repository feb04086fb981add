"""Edges and networks for `deepsem evaluate`: ours, BEELINE's and those of other programs."""

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import BadInput, first_few
from .text_table import Layout, is_number, layout, pandas_options, rows_of, text

TF = ("tf", "gene1", "regulator", "regulatorygene", "regulatory_gene", "source", "from")
TARGET = ("target", "gene2", "targetgene", "target_gene", "to")
IMPORTANCE = ("importance", "edgeweight", "weight", "score")


def read_edges(path: Path) -> pd.DataFrame:
    """Edges TF, target, importance of a table that calls them so, or as BEELINE or GENIE3 do.

    Raises BadInput for other columns and for importances that are not numbers, with the line.
    """
    table, how = columns(path, {"TF": TF, "target": TARGET, "importance": IMPORTANCE})
    values = pd.to_numeric(table["importance"].str.replace(how.decimal, "."), errors="coerce")
    wrong = np.flatnonzero(~np.isfinite(values.to_numpy(dtype=float)))
    if len(wrong):
        entry = table["importance"].iloc[wrong[0]]
        what = f"{entry!r} is not a number" if entry else "it is empty"
        raise BadInput(
            f"{path.name}, line {line_of(how, wrong[0] + 1)}, column "
            f"'importance': {what} ({len(wrong)} such lines)."
        )
    return table.assign(importance=values.astype(float))


def read_network(path: Path) -> pd.DataFrame:
    """True edges Gene1 (the TF), Gene2 (its target). Raises BadInput for other columns."""
    table, how = columns(path, {"Gene1": TF, "Gene2": TARGET})
    if {"importance", "edgeweight"} & {name.lower() for name in how.head[0]}:
        raise BadInput(
            f"{path.name} is a ranking (it has importances), not a network of true edges: leave "
            "only those edges in it that are known, in the columns Gene1 (TF), Gene2 (target)."
        )
    return table


def columns(path: Path, wanted: dict[str, tuple[str, ...]]) -> tuple[pd.DataFrame, Layout]:
    """The wanted columns as text without blanks around it, under the names that are wanted."""
    if not path.exists():
        raise BadInput(f"{path} does not exist.")
    try:
        how = layout(path)
        header = how.head[0]
        lower = [name.lower() for name in header]
        at = {name: next((lower.index(k) for k in keys if k in lower), -1)
              for name, keys in wanted.items()}  # fmt: skip
        if missing := [name for name, i in at.items() if i < 0]:
            first = " (its first line holds a number: is there no header?)" if any(
                map(is_number, header)) else ""  # fmt: skip
            raise BadInput(f"{path.name} lacks the column(s) {missing}: it has {first_few(header)}"
                           f"{first}; {first_few(wanted)} are needed.")  # fmt: skip
        width = max(len(header), *(len(row) for row in how.head))
        if len(header) < max((len(row) for row in how.head[1:]), default=0):
            at = {name: i + 1 for name, i in at.items()}  # R writes no name for the row names
        with text(path, how.encoding) as file:
            table = pd.read_csv(file, names=range(width), dtype=str, **pandas_options(how, 1))
    except PermissionError:
        raise BadInput(f"{path}: no permission to read it.") from None
    except BadInput:
        raise
    except (ValueError, EOFError, OSError) as error:  # pandas' own errors are ValueErrors
        raise BadInput(f"{path} is not a table: {str(error).strip().splitlines()[0]}.") from None
    if not len(table):
        raise BadInput(f"{path.name} holds a header and no edges.")
    chosen = pd.DataFrame({name: table[i].fillna("").str.strip() for name, i in at.items()})
    names = chosen[[name for name in chosen if name != "importance"]]
    if (empty := np.flatnonzero((names == "").any(axis=1))).size:
        raise BadInput(f"{path.name}, line {line_of(how, empty[0] + 1)}: a gene has no name "
                       f"({len(empty)} such lines).")  # fmt: skip
    return chosen, how


def line_of(how: Layout, row: int) -> int:
    """The line (from 1) of a row (from 0, the header is row 0)."""
    return next(line for i, (line, _) in enumerate(rows_of(how)) if i == row)
