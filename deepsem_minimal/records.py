"""Recorded scores: a table in which no row is ever half written, and the paper's summary of it.

One physical line is one row, and `Records.put` replaces the file as a whole. `summarise` and what
follows turn rows into the numbers of the paper's Fig. 3: benchmarks x methods, on how many of them
a method is best, and its mean gain over each other method.
"""

import csv
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepsem_minimal.data import DATA_DIR
from deepsem_minimal.files import locked, replace
from deepsem_minimal.intervals import bootstrap_over_cells, over_cells

TABLE = "beeline.csv"
KEY = ["data", "method", "preset", "seed", "n_members"]  # one inference; its rows differ in network
METRICS = [
    "epr", "auprc_ratio", "auroc", "max_epr", "density", "n_tfs", "n_genes", "n_edges",
]  # fmt: skip
NUMBERS = [*METRICS, "seconds", "peak_mb"]
COLUMNS = [
    "data", "network", "method", "preset", "seed", "n_members", *NUMBERS,
    "config", "versions", "input", "truth", "machine", "error",
]  # fmt: skip

# Which preset of the paper answers which kind of network. Lofgof: the authors' README lists it with
# the cell-type-specific networks.
PRESET_OF = {
    "STRING": "nonspecific",
    "Non-Specific": "nonspecific",
    "Specific": "specific",
    "Lofgof": "specific",
    "KDUnion": "specific",
    "truth": "specific",  # of the simulators, whose few genes leave nothing under alpha = 100
}


class BadInput(ValueError):
    """What was asked for cannot be run; nothing was trained."""


class Records:
    """The table in a folder, shared by any number of runs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / TABLE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise BadInput(f"cannot write into {folder}: {error.strerror}") from None

    def read(self) -> pd.DataFrame:
        return read(self.path)

    def put(self, rows: list[dict[str, Any]]) -> None:
        """Add the rows of one inference in place of any that it had: all or, if killed, none."""
        new = pd.DataFrame(rows, columns=COLUMNS)
        with locked(self.path.parent):
            for stale in self.path.parent.glob(f".{TABLE}.*.part"):
                stale.unlink()  # of a run that was killed while it wrote
            old = self.read()  # another run may have added to it
            kept = old[~keys(old).isin(keys(new))]
            table = pd.concat([kept, new] if len(kept) else [new], ignore_index=True)
            table = table.sort_values(["data", "network", *KEY[1:]], ignore_index=True)
            text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
            replace(self.path, text.encode())


def read(path: Path | str) -> pd.DataFrame:
    """The table at `path` without lines that are not whole rows; empty if there is no file.

    Raises BadInput for a file that is no table of this kind.
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    header, *lines = text.split("\n")
    if header and header.split(",") != COLUMNS:
        raise BadInput(f"{path} has other columns than a table of results: move it away")
    finished = lines[:-1]  # a line without its end may be cut in the last field
    rows = [row for line in finished if (row := whole_row(line))]
    if broken := sum(map(bool, lines)) - len(rows):
        warnings.warn(f"{path}: {broken} line(s) are no whole row and are ignored", stacklevel=2)
    types = dict.fromkeys(NUMBERS, float) | dict.fromkeys(("seed", "n_members"), int)
    return pd.DataFrame(rows, columns=COLUMNS).astype(types)


def whole_row(line: str) -> dict[str, Any] | None:
    """A line as a row, or None if it is damaged."""
    try:
        values = next(csv.reader([line], strict=True), [])
        row: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
        row |= {name: int(row[name]) for name in ("seed", "n_members")}
        return row | {name: float(row[name] or "nan") for name in NUMBERS}
    except (ValueError, csv.Error):
        return None


def keys(table: pd.DataFrame) -> pd.Series:
    """The inference that each row belongs to, as a tuple of the columns KEY."""
    values = zip(*(table[name] for name in KEY), strict=True)
    return pd.Series(list(values), index=table.index, dtype=object)


def recorded(part: str = "") -> pd.DataFrame:
    """The table that comes with the package, made by `make results`; empty before the first run.

    `part`: a folder beside it with a table of its own, e.g. "cells" (samples of the cells).
    """
    return read(DATA_DIR / "results" / part / TABLE)


def some(names: Iterable[Any], at_most: int = 6) -> str:
    """The first few names, for an error message."""
    listed = sorted({str(name) for name in names})
    return ", ".join(listed[:at_most]) + (" ..." if len(listed) > at_most else "")


# --- The paper's summary --------------------------------------------------------------------------


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """One row per (data, network, method): the median over the seeds, as in the paper's Fig. 3.

    DeepSEM counts with the preset that the paper uses for the kind of network (`PRESET_OF`).
    `DeepSEM` is the largest ensemble, `DeepSEM*` the single members, as in the paper. Columns:
    METRICS, n (inferences without an error), and of epr and auprc_ratio the smallest and largest
    value (`epr_low`, `epr_high`, ...). Rows with an error are left out.
    """
    as_paper = (table["preset"] == "") | (table["preset"] == table["network"].map(PRESET_OF))
    rows = table[(table["error"] == "") & as_paper]
    single = rows["method"].str.startswith("DeepSEM") & (rows["n_members"] == 1)
    starred = rows["method"].str.replace("DeepSEM", "DeepSEM*")
    rows = rows.assign(method=rows["method"].where(~single, starred))
    by = ["data", "network", "method"]
    rows = rows[rows["n_members"] == rows.groupby(by)["n_members"].transform("max")]
    groups = rows.groupby(by)
    found = groups[METRICS].median().assign(n=groups.size())
    for metric in ("epr", "auprc_ratio"):
        found[f"{metric}_low"], found[f"{metric}_high"] = groups[metric].min(), groups[metric].max()
    return found.reset_index()


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """What stands behind a method's scores, by method: columns matrices, fewest and most seeds.

    Counted are inferences without an error and no ensembles; each preset of DeepSEM by itself.
    """
    rows = table[(table["error"] == "") & (table["n_members"] == 1)]
    seeds = rows.groupby(["method", "preset", "data"])["seed"].nunique().reset_index()
    groups = seeds.groupby("method")
    columns = {"matrices": groups["data"].nunique(), "fewest seeds": groups["seed"].min()}
    return pd.DataFrame(columns | {"most seeds": groups["seed"].max()})


def matrix(summary: pd.DataFrame, metric: str, methods: Sequence[str]) -> pd.DataFrame:
    """Scores, (data, network) x methods; NaN where a method was not run."""
    wide = summary.pivot(index=["data", "network"], columns="method", values=metric)
    return wide.reindex(columns=list(methods))


def leads(scores: pd.DataFrame, ours: str, margin: float = 0.0) -> pd.Series:
    """Per benchmark with a score of every method: is `ours` above all others, by `margin` of them?

    With margin 0 a tie is no lead.
    """
    complete = scores.dropna()
    others = complete.drop(columns=ours).max(axis=1)
    return complete[ours] >= (1 + margin) * others if margin else complete[ours] > others


def wins(scores: pd.DataFrame, ours: str, margin: float = 0.1) -> dict[str, int]:
    """On how many benchmarks (rows) `ours` is the best column, and by how much.

    n: rows where every method has a score; best: ours is larger than all others; by_margin: at
    least (1 + margin) times the best other; below_chance: ours is below 1.
    """
    complete = scores.dropna()
    return {
        "n": len(complete),
        "best": int(leads(scores, ours).sum()),
        "by_margin": int(leads(scores, ours, margin).sum()),
        "below_chance": int((complete[ours] < 1).sum()),
    }


def gains(scores: pd.DataFrame, ours: str) -> pd.DataFrame:
    """Mean gain of `ours` over each other column in per cent, (ours / other - 1) * 100.

    One row per other method: n (benchmarks with both), gain, low and high (`over_cells`), drawn_low
    and drawn_high (`bootstrap_over_cells`), at_least (on how many ours is equal or better), and
    ratio, ratio_low, ratio_high: the geometric mean of ours / other with its interval, from
    logarithms, so that no end of it is below zero.
    """
    rows = []
    for other in scores.columns.drop(ours):
        both = scores[[ours, other]].dropna()
        both = both[both[other] > 0]
        percent = (both[ours] / both[other] - 1) * 100
        better = int((percent >= 0).sum())
        with np.errstate(divide="ignore"):
            logs = np.log(both[ours] / both[other])
        ends = over_cells(logs) if np.isfinite(logs).all() else (np.nan, np.nan)  # ours is 0
        ratio = np.exp([logs.mean(), *ends])
        found = [percent.mean(), *over_cells(percent), *bootstrap_over_cells(percent)]
        rows.append([other, len(both), *found, better, *ratio])
    names = ["method", "n", "gain", "low", "high", "drawn_low", "drawn_high", "at_least"]
    return pd.DataFrame(rows, columns=[*names, "ratio", "ratio_low", "ratio_high"])
