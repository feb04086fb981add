"""Every data set of the book by name: `load("beeline/mDC-500")` fetches, verifies and reads it.

`data/registry.csv` has one row per file (pinned URL, checksum, size, licence, citation, chapter);
`download.py` fetches and verifies a file; the readers below turn verified files into AnnData with
`.X` log expression (cells x genes, float32) and, where raw counts are known, `layers["counts"]`
(sparse). `uns["source"]` says where the data come from and how `.X` was made of them.
"""

import csv
import difflib
import functools
import re
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from anndata import AnnData

from . import download, readers
from .catalogue import BEELINE, DATASETS, KINDS, OPTIONS, Dataset, simulated
from .download import DataUnavailable, Entry

__all__ = [
    "DATA_DIR",
    "DataUnavailable",
    "benchmarks",
    "fetch",
    "is_available",
    "load",
    "load_network",
    "names",
    "published",
    "registry",
    "results",
    "transcription_factors",
]
PACKAGED = (
    Path(__file__).parents[1] / "_data"
)  # where a wheel of this package carries the data folder
DATA_DIR = PACKAGED if PACKAGED.exists() else Path(__file__).parents[2] / "data"
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

    Raises ValueError for an unknown name, DataUnavailable when the file cannot be had.
    """
    entry = _known(name, registry())
    archives = (e for e in registry().values() if e.url == entry.url and not e.member)
    return download.fetch(entry, next(archives, None) if entry.member else None, quiet)


def load(name: str, quiet: bool = False) -> AnnData:
    """Data set `name` (see `names()`) as AnnData, cells x genes.

    `.X` log expression, float32; `layers["counts"]` raw counts (CSR) where known;
    `obs["cell_type"]` where known; `obs["pseudotime_1"]` ... and `var["tf"]` for BEELINE;
    `varp["true_W"]` (target x regulator) for `sim/...`; `uns["source"]` with name, url, checksum,
    licence, citation and transform. Raises ValueError for an unknown name, DataUnavailable when a
    file cannot be had; the message names the offline alternatives.
    """
    dataset = _dataset(name)
    adata = dataset.read(*(fetch(file, quiet) for file in dataset.files))
    if dataset.files:
        entry = registry()[dataset.files[0]]
        source = {key: getattr(entry, key) for key in ("url", "checksum", "licence", "citation")}
    else:
        source = {"url": "deepsem_minimal.sem", "checksum": "", "licence": "", "citation": ""}
    adata.uns["source"] = {"name": name} | source | {"transform": dataset.transform}
    return adata


def load_network(name: str, quiet: bool = False) -> pd.DataFrame:
    """Ground-truth network as DataFrame[Gene1, Gene2], Gene1 the TF and Gene2 its target.

    `name` is "beeline/<data set>-<N>/<kind>", kind one of STRING, Non-Specific, Specific or (mESC)
    Lofgof, or "sim/.../truth". Rows that differ only in case are given once.
    """
    if name.startswith("sim/") and name.endswith("/truth"):
        adata = load(name.removesuffix("/truth"))
        targets, regulators = np.nonzero(adata.varp["true_W"])
        genes = adata.var_names.to_numpy()
        return pd.DataFrame({"Gene1": genes[regulators], "Gene2": genes[targets]})
    networks = {row["network"]: row["network"] for row in _benchmarks()}
    path = fetch(_known(name, networks), quiet)
    edges = pd.read_csv(path, dtype=str, na_filter=False)[["Gene1", "Gene2"]]
    repeated = edges.apply(lambda column: column.str.upper()).duplicated()
    return edges[~repeated].reset_index(drop=True)


def names(prefix: str = "") -> list[str]:
    """Names that `load` takes and that start with `prefix`; `sim/` takes any number of genes."""
    return [name for name in DATASETS if name.startswith(prefix)]


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


def is_available(name: str) -> bool:
    """Whether the files of a data set, a network or a registry entry can be had (fetches them)."""
    loadable = name in DATASETS or name.startswith("sim/")
    files = _dataset(name.removesuffix("/truth")).files if loadable else [name]
    try:
        for file in files:
            fetch(file, quiet=True)
    except DataUnavailable:
        return False
    return True


def benchmarks() -> pd.DataFrame:
    """The 44 benchmarks of the paper (Fig. 3, Supp. Fig. 1): 7 data sets x 2 N x 3 kinds + LOF/GOF.

    Columns: dataset, n_genes_option (500 or 1000), kind, expression (for `load`), network (for
    `load_network`), available_in_mirror (both files belong to the reference mirror).
    """
    return pd.DataFrame(_benchmarks())


def transcription_factors(species: str, quiet: bool = False) -> set[str]:
    """BEELINE's TFs of "human" or "mouse", upper-case."""
    return readers.tf_names(fetch(f"beeline/tfs/{species}", quiet))


def _known(name: str, choices: dict[str, T]) -> T:
    """`choices[name]`; ValueError with the nearest names if there is none."""
    if name not in choices:
        near = difflib.get_close_matches(name, choices, n=5, cutoff=0.3)
        raise ValueError(f"unknown name {name!r}; similar ones: {', '.join(near) or 'none'}")
    return choices[name]


def _dataset(name: str) -> Dataset:
    if match := re.fullmatch(r"sim/(linear|nonlinear)-(\d+)", name):
        return simulated(match[1], int(match[2]))
    return _known(name, DATASETS)


@functools.cache
def _benchmarks() -> list[dict[str, Any]]:
    rows = []
    for dataset in BEELINE:
        for kind in KINDS + ("Lofgof",) * (dataset == "mESC"):
            for n in OPTIONS:
                expression, network = f"beeline/{dataset}-{n}", f"beeline/{dataset}-{n}/{kind}"
                files = (registry()[f"{expression}/expression"], registry()[network])
                rows.append(
                    {
                        "dataset": dataset,
                        "n_genes_option": n,
                        "kind": kind,
                        "expression": expression,
                        "network": network,
                        "available_in_mirror": all(file.mirrored for file in files),
                    }
                )
    return rows
