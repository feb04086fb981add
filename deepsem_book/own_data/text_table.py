"""Text tables of any kind: compression, encoding, comments and separator, found in the content.

One reader for expression, edges, networks and lists of TFs. What a suffix promises is not used: a
`.csv` may hold tabs, and a `.csv.gz` may have been unpacked by a browser.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from ..errors import BadInput
from .packed import opened

SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".dat")
BLANKS = r"\s+"
SEPARATORS = ("\t", ",", ";", "|", BLANKS)
HEAD = 40  # lines from which the layout is found
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|nan|na|[-+]?inf(inity)?", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(e[-+]?\d+)?", re.IGNORECASE)
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+")
MARKS = {  # of files that are no text
    b"\x89HDF": "an HDF5 file: name it .h5ad, .loom or .h5, as it is",
    b"\xd0\xcf\x11\xe0": "an Excel workbook: save it as csv",
    b"\x28\xb5\x2f\xfd": "packed with zstd: unpack it first",
    b"%PDF": "a PDF",
}
ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip
WESTERN = ("cp1252", "latin-1")
csv.field_size_limit(2**31 - 1)


class Layout(NamedTuple):
    """How a text table is written; `head` holds its first rows, fields stripped."""

    path: Path
    encoding: str
    sep: str
    decimal: str
    skip: list[int]  # lines (from 0) that are comments
    head: list[list[str]]
    lines: list[int]  # where those rows are (from 0)
    notes: list[str]


def layout(path: Path, separators: Sequence[str] = SEPARATORS) -> Layout:
    """How the table in `path` is written. Raises BadInput for what is empty or no text."""
    encoding, first, skip, told = scanned(path)
    notes = [f"{path.name} is not UTF-8: read as {encoding}"] if encoding in WESTERN else []
    numbers = [i for i, _ in first]
    lines = [line for _, line in first]
    if not lines:
        raise BadInput(f"{path.name} is empty.")
    commented = [i for i, line in enumerate(lines) if line.lstrip('" ').startswith("#")]
    data = [line for i, line in enumerate(lines) if i not in commented]
    sep = told or separator(data, separators)
    rows = fields(lines, sep)
    if commented and is_header(rows, commented[-1]):
        skip = [*skip, *(numbers[i] for i in commented[:-1])]
    else:
        skip = [*skip, *(numbers[i] for i in commented)]
    kept = [i for i, at in enumerate(numbers) if at not in skip]
    if not kept:
        raise BadInput(f"{path.name} is empty: it holds nothing but comments.")
    rows = [rows[i] for i in kept]
    rows[0][0] = rows[0][0].lstrip("# ") if kept[0] in commented else rows[0][0]
    places = [numbers[i] for i in kept]
    decimal = decimal_mark(path, rows, sep)
    return Layout(path, encoding, sep, decimal, sorted(set(skip)), rows, places, notes)


def scanned(path: Path) -> tuple[str, list[tuple[int, str]], list[int], str]:
    """Encoding, the first lines with their numbers, the comments after them, and what `sep=` says.

    All of the file is decoded once: a name in another encoding may stand anywhere in it.
    """
    for encoding in encodings(path):
        first: list[tuple[int, str]] = []
        skip, told = [], ""
        try:
            with text(path, encoding) as file:
                for i, line in enumerate(file):
                    if not first and (match := re.fullmatch(r'"?sep=(.)"?\s*', line)):
                        told = match[1]
                        skip.append(i)
                    elif len(first) < HEAD:
                        if line.strip():
                            first.append((i, line.rstrip("\r\n")))
                    elif line.startswith(("#", '"#')):
                        skip.append(i)
            return encoding, first, skip, told
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{path.name} is not a text file.")


def encodings(path: Path) -> tuple[str, ...]:
    """What to try: what the byte order mark says, UTF-16 where every other byte is 0, or UTF-8
    and then the Western encodings, in which any bytes are letters."""
    with opened(path) as file:
        start = file.read(4096)
    for mark, what in MARKS.items():
        if start.startswith(mark):
            raise BadInput(f"{path.name} is not a text table but {what}.")
    if re.match(rb"\s*<(!doctype|html)", start, re.IGNORECASE):
        raise BadInput(f"{path.name} is a web page, not a table: download the file itself.")
    for mark, encoding in ORDER_MARKS.items():
        if start.startswith(mark):
            return (encoding,)
    if b"\0" in start:
        even, odd = start[::2].count(b"\0"), start[1::2].count(b"\0")
        if max(even, odd) > 0.4 * len(start) / 2 and min(even, odd) == 0:
            return ("utf-16-le" if odd else "utf-16-be",)
        raise BadInput(f"{path.name} is not a text file.")
    return ("utf-8", *WESTERN)


def text(path: Path, encoding: str) -> IO[str]:
    return io.TextIOWrapper(opened(path), encoding=encoding)


# --- Separator ------------------------------------------------------------------------------------


def fields(lines: Iterable[str], sep: str) -> list[list[str]]:
    """The fields of each line, without blanks around them and quotes undone."""
    if sep == BLANKS:
        lines, sep = (line.replace("\t", " ").strip() for line in lines), " "
    reader = csv.reader(lines, delimiter=sep, skipinitialspace=True)
    return [[field.strip() for field in row] for row in reader]


def separator(lines: Sequence[str], separators: Sequence[str] = SEPARATORS) -> str:
    """The separator by which all lines have as many fields, preferably numbers; else a tab."""
    best, best_score = "\t", 0.0
    for sep in separators:
        try:
            score = how_well(fields(lines, sep))
        except csv.Error:
            continue
        if score > best_score:
            best, best_score = sep, score
    return best


def how_well(rows: list[list[str]]) -> float:
    """0 where a separator gives no columns; above 0 the better the rows fit each other."""
    body = rows[1:] or rows
    (width, often), *_ = Counter(map(len, body)).most_common(1) or [(0, 0)]
    if not rows or (width < 2 and len(rows[0]) < 2):
        return 0.0
    cells = [field for row in body for field in row[1:]]
    numeric = sum(is_number(cell) or bool(DECIMAL_COMMA.fullmatch(cell)) for cell in cells)
    header = {width: 1.0, width - 1: 0.9 if width > 2 else 0.25}.get(len(rows[0]), 0.0)
    return often / len(body) + header * (1 + 2 * numeric / max(len(cells), 1)) + 1e-9


def is_number(field: str) -> bool:
    return bool(NUMBER.fullmatch(field))


def is_header(rows: list[list[str]], at: int) -> bool:
    """Whether a line that begins with # names the columns: numbers follow it, as many as it has."""
    if at + 1 >= len(rows):
        return False
    names, values = rows[at], rows[at + 1]
    return (
        len(values) > 1
        and len(names) in (len(values), len(values) - 1)
        and all(map(is_number, values[1:]))
        and not any(map(is_number, names[1:]))
    )


def decimal_mark(path: Path, rows: list[list[str]], sep: str) -> str:
    """ "," where numbers are written so; BadInput where 1,234 may be either."""
    cells = [field for row in rows[1:] for field in row[1:]]
    with_comma = [cell for cell in cells if DECIMAL_COMMA.fullmatch(cell)]
    if sep == "," or not with_comma:
        return "."
    if all(map(THOUSANDS.fullmatch, with_comma)):
        raise BadInput(f"{path.name}: {with_comma[0]!r} may be a decimal or thousands: write "
                       "numbers with a point for decimals and nothing for thousands.")  # fmt: skip
    return ","


# --- Rows -----------------------------------------------------------------------------------------


def rows_of(how: Layout) -> Iterator[tuple[int, list[str]]]:
    """Every row of a table as text, with the number of its line (from 1)."""
    skip = set(how.skip)
    with text(how.path, how.encoding) as file:
        for i, line in enumerate(file):
            if i not in skip and line.strip():
                [row] = fields([line.rstrip("\r\n")], how.sep)
                yield i + 1, row


def pandas_options(how: Layout, after: int) -> dict[str, Any]:
    """Arguments of read_csv for the rows after the first `after`, as names and numbers stand."""
    return {
        "sep": how.sep, "header": None, "skiprows": [*how.skip, *how.lines[:after]],
        "decimal": how.decimal, "na_filter": False, "index_col": False,
        "skipinitialspace": True,
    }  # fmt: skip
