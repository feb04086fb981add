"""Lists of TFs in any shape, and which of their names are genes of the data."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from .. import datasets
from ..errors import BadInput, first_few
from .text_table import is_number, layout, rows_of

LABELS = (  # of the column that names the TFs, the surest first
    "tf", "tfs", "tf_name", "tf name", "transcription factor", "transcription factors",
    "transcription_factor", "regulator", "hgnc symbol", "hgnc_symbol", "mgi symbol", "symbol",
    "gene symbol", "gene_symbol", "gene_name", "gene name", "gene", "genes", "gene_id", "name",
)  # fmt: skip
NO = ("no", "false", "0", "n")


def names_in(path: Path, genes: Collection[str] | None = None) -> list[str]:
    """The names in a list of TFs: one a line, all in one line, or a column of a table.

    Which column is told by its label, or by the genes of the data; without `genes` all columns
    count that may be meant. Raises BadInput for a file without names, and where two columns may be
    meant.
    """
    try:
        rows = [row for _, row in rows_of(layout(path))]
    except OSError as error:
        reason = error.strerror or error
        known = ", ".join(datasets.LISTS)
        raise BadInput(f"TF list {path}: {reason}; give a file or one of {known}.") from None
    except BadInput as error:
        empty = f" {path} is empty: one name per line is expected."
        raise BadInput(f"TF list{empty if 'is empty' in str(error) else f': {error}'}") from None
    widths = {len(row) for row in rows[1:]} or {1}
    is_table = len(rows) > 1 and len(widths) == 1 and len(rows[0]) in (*widths, max(widths) - 1)
    if is_table and max(widths) > 1:
        names = of_table(path, rows, genes)
    else:
        names = [field for row in rows for field in row]
    in_data = {str(gene).upper() for gene in genes or ()}
    if names and names[0].lower() in LABELS and names[0].upper() not in in_data:
        names = names[1:]
    names = [name for name in names if name and not is_number(name)]
    if not names:
        raise BadInput(f"TF list {path} is empty: one name per line is expected.")
    return names


def of_table(path: Path, rows: list[list[str]], genes: Collection[str] | None) -> list[str]:
    """The names in the column of TFs, without rows that say they are none (Lambert's `Is TF?`)."""
    width = len(rows[1])
    header = ["", *rows[0]] if len(rows[0]) < width else rows[0]
    lower = [name.lower() for name in header]
    labelled = [lower.index(label) for label in LABELS if label in lower]
    body = rows[1:] if labelled or "" in header else rows  # R and pandas leave the first one empty
    if "is tf?" in lower:
        at = lower.index("is tf?")
        body = [row for row in body if row[at].lower() not in NO]
    columns = [[row[i] for row in body if i < len(row)] for i in range(width)]
    if genes is None:
        return columns[labelled[0]] if labelled else [name for part in columns for name in part]
    known = {str(gene).upper() for gene in genes}
    hits = [len(known & {name.upper() for name in column}) for column in columns]
    for i in labelled:
        if hits[i]:
            return columns[i]
    best, second = (np.argsort(hits, kind="stable")[::-1])[:2]
    if hits[best] and 2 * hits[second] > hits[best]:
        raise BadInput(
            f"TF list {path}: its columns {min(best, second) + 1} and {max(best, second) + 1} both "
            "hold genes of the data: give a file with the TFs alone, or call their column TF."
        )
    return columns[best] if hits[best] else columns[labelled[0] if labelled else 0]


def key(name: str) -> str:
    """A name as R and Ensembl may have changed it: NKX2-1 and NKX2.1, X1700001C02Rik, .14 behind
    an identifier."""
    name = re.sub(r"^(ENS[A-Z]*G\d+)[._]\d+$", r"\1", name.strip().upper())
    return re.sub(r"[^A-Z0-9]+", ".", re.sub(r"^X(?=\d)", "", name))


def regulators(genes: pd.Index, tfs: Iterable[str]) -> tuple[np.ndarray, list[str]]:
    """Which genes are on the list, and notes: how many of it, and which under a changed name.

    Names are compared in upper case; where R has changed a name, only if it can be one alone.
    """
    upper = genes.astype(str).str.upper()
    wanted = {str(tf).strip().upper() for tf in tfs}
    mask = upper.isin(wanted)
    absent = wanted - set(upper[mask])
    keys = Counter(map(key, upper[~mask]))
    by_key: dict[str, list[str]] = {}
    for name in absent:
        by_key.setdefault(key(name), []).append(name)
    changed = {
        gene: by_key[key(gene)][0]
        for gene in upper[~mask]
        if len(by_key.get(key(gene), ())) == 1 and keys[key(gene)] == 1
    }
    mask = mask | upper.isin(list(changed))
    n_found = len(wanted) - len(absent) + len(changed)
    notes = [f"{n_found} of {len(wanted)} TFs are in the data"]
    if changed:
        pairs = [f"{gene} for {name}" for gene, name in changed.items()]
        notes.append(f"{len(changed)} TFs under a changed name: {first_few(pairs, 4)}")
    return mask, notes
