"""The tables of the folder `data`: our measured results, and numbers that the paper prints."""

import functools
from pathlib import Path

import pandas as pd

PACKAGED = Path(__file__).parents[1] / "_data"  # where a wheel carries the folder
DATA_DIR = PACKAGED if PACKAGED.exists() else Path(__file__).parents[2] / "data"


def results(name: str) -> pd.DataFrame:
    """Our own recorded table `data/results/<name>.csv`; KeyError with the known names otherwise."""
    path = DATA_DIR / "results" / f"{name}.csv"
    if not path.exists():
        known = sorted(p.stem for p in path.parent.glob("*.csv"))
        raise KeyError(f"No recorded table {name!r}; there are {known}.")
    return pd.read_csv(path)


@functools.cache
def published() -> pd.Series:
    """Numbers that the paper or its authors print, by name; `data/published.csv` says where."""
    return pd.read_csv(DATA_DIR / "published.csv", index_col="name")["value"].astype(float)
