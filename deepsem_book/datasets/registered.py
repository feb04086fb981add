"""The registered files: one row each in `data/registry.csv`, and the way to a verified copy."""

import csv
import difflib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from . import download
from .download import Entry
from .recorded import DATA_DIR

T = TypeVar("T")


@functools.cache
def registry() -> dict[str, Entry]:
    """All registered files by name (see data/README.md)."""
    with open(DATA_DIR / "registry.csv", newline="", encoding="utf-8") as file:
        rows = [dict(row) for row in csv.DictReader(file)]
    return {
        row["name"]: Entry(
            **(
                row
                | {"bytes": int(row["bytes"]) if row["bytes"] else None}
                | {"mirrored": row["mirrored"] == "yes"}
            )
        )
        for row in rows
    }


def fetch(name: str, quiet: bool = False) -> Path:
    """Path of the verified file of a registry entry.

    Raises ValueError for an unknown name, DataUnavailable when the file is not available.
    """
    entry = known(name, registry())
    archives = (e for e in registry().values() if e.url == entry.url and not e.member)
    return download.fetch(entry, next(archives, None) if entry.member else None, quiet)


def known(name: str, choices: Mapping[str, T]) -> T:
    """`choices[name]`; ValueError with the nearest names if there is none."""
    if name not in choices:
        near = difflib.get_close_matches(name, choices, n=5, cutoff=0.3)
        raise ValueError(f"unknown name {name!r}; similar ones: {', '.join(near) or 'none'}")
    return choices[name]
