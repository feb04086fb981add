"""A table of results in which no row is ever half written, shared by any number of runs.

A run is a set of rows that belong together, told from others by the columns `key`. The file is
replaced as a whole, under a lock, so a kill at any moment leaves it readable and a run can go on
where another ended.
"""

import csv
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from deepsem_minimal.storage import replace

from .errors import BadInput


class ResultsTable:
    """Rows with `columns` in the csv at `path`; one physical line is one row.

    `text` names the columns that hold text (empty where nothing stands), `whole` those with whole
    numbers; all others are numbers or NaN. Rows are sorted by `order` (default: `key`); with ()
    they stay in the order in which runs came. A file with other columns is refused unless it only
    lacks some: those are added when it is written next.
    """

    def __init__(
        self,
        path: Path | str,
        key: Sequence[str],
        columns: Sequence[str],
        text: Collection[str] = (),
        whole: Collection[str] = (),
        order: Sequence[str] | None = None,
    ) -> None:
        self.path, self.key, self.columns = Path(path), list(key), list(columns)
        self.text, self.whole, self.order = (
            set(text),
            set(whole),
            list(key if order is None else order),
        )

    def check_writable(self) -> None:
        """BadInput, before anything is measured, if the table could not be written."""
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise BadInput(f"cannot write into {folder}: {error.strerror}") from None

    def read(self) -> pd.DataFrame:
        """The rows without lines that are damaged; empty if there is no file.

        Raises BadInput for a file with columns that this table does not have.
        """
        exists = self.path.exists()
        text = self.path.read_text(encoding="utf-8", errors="replace") if exists else ""
        header, *lines = text.split("\n")
        present = header.split(",") if header else self.columns
        if not set(present) <= set(self.columns):
            raise BadInput(f"{self.path} has other columns than this table: move it away")
        finished = lines[:-1]  # a line without its end may be cut in the last field
        rows = [row for line in finished if (row := self.row(line, present))]
        if broken := sum(map(bool, lines)) - len(rows):
            warnings.warn(f"{self.path}: {broken} damaged line(s) are ignored", stacklevel=2)
        return self.typed(rows)

    def row(self, line: str, names: Sequence[str]) -> dict[str, Any] | None:
        """A line as a row, or None if it is damaged."""
        try:
            values = dict(zip(names, next(csv.reader([line], strict=True), []), strict=True))
            return {name: self.value(name, value) for name, value in values.items()}
        except (ValueError, csv.Error):
            return None

    def value(self, name: str, text: str) -> Any:
        if name in self.text:
            return text
        return int(text) if name in self.whole else float(text or "nan")

    def typed(self, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        table = pd.DataFrame(rows, columns=self.columns)
        numbers = [c for c in self.columns if c not in self.text | self.whole]
        table = table.astype(dict.fromkeys(numbers, float) | dict.fromkeys(self.whole, int))
        return table.fillna(dict.fromkeys(self.text, ""))

    def runs(self, table: pd.DataFrame) -> pd.Series:
        """The run that each row of `table` belongs to, as a tuple of the key's values."""
        values = zip(*(table[name] for name in self.key), strict=True)
        return pd.Series(list(values), index=table.index, dtype=object)

    def has(self, **run: Any) -> bool:
        """Whether a row has these values."""
        table = self.read()
        return bool((table[list(run)] == pd.Series(run)).all(axis=1).any())

    def fill(
        self,
        names: Sequence[str],
        runs: Iterable[Sequence[Any]],
        measure: Callable[..., Iterable[Mapping[str, Any]]],
    ) -> None:
        """Put the rows of `measure(**run)` for each run, by its values of `names`, that has none.

        BadInput, before anything is measured, if the table could not be written.
        """
        self.check_writable()
        for values in runs:
            run = dict(zip(names, values, strict=True))
            if not self.has(**run):
                self.put(measure(**run))
                print(*values, flush=True)

    def put(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add the rows of runs in place of any that these had: all or, if killed, none."""
        new = self.typed(rows)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_name(f".{self.path.stem}.lock")):
            for stale in self.path.parent.glob(f".{self.path.name}.*.part"):
                stale.unlink()  # of a run that was killed while it wrote
            old = self.read()  # another run may have added to it
            kept = old[~self.runs(old).isin(set(self.runs(new)))]
            table = pd.concat([kept, new] if len(kept) else [new], ignore_index=True)
            if self.order:
                table = table.sort_values(self.order, ignore_index=True, kind="stable")
            text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
            replace(self.path, text.encode())
