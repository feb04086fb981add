"""Seven real matrices and simulated ones of the same size: the script behind two small tables.

    python -m deepsem_book.truth.measure_realism

writes data/results/realism.csv (curves) and realism_statistics.csv. A matrix is simulated three
times: as the base of the grid, of six cell types, with depth left in. Its numbers of cells and
genes and its share of zeros are the real matrix's; nothing else is fitted. Takes a minute.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from deepsem_minimal.preprocess import dense

from .. import datasets
from ..datasets import DATA_DIR
from .realism import DATA, REAL, SIMULATED, curves_of, statistics_of
from .simulator import Setting, simulate

CELLS, GENES = 1000, 300  # at most, drawn at random
SEEN = 0.1  # share of the cells that a gene must be seen in


def sample(adata: AnnData, seed: int = 0) -> NDArray[np.floating]:
    """At most CELLS x GENES of the log expression, of genes that a tenth of the cells show."""
    rng = np.random.default_rng(seed)
    cells = rng.permutation(adata.n_obs)[:CELLS]
    X = np.asarray(dense(adata.X[np.sort(cells)]), dtype=float)
    seen = np.flatnonzero((X > 0).mean(axis=0) >= SEEN)
    return X[:, np.sort(rng.permutation(seen)[:GENES])]


def matrices(X: NDArray[np.floating]) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """The real matrix and its simulated ones, with their names."""
    yield REAL, X
    size: dict[str, Any] = {
        "n_cells": len(X), "n_genes": X.shape[1], "zeros": float((X == 0).mean()),
    }  # fmt: skip
    for name, knobs in SIMULATED.items():
        yield name, simulate(Setting(**size | knobs), seed=0).X


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=DATA_DIR / "results")
    out = parser.parse_args().out
    curves, rows = [], []
    for name in DATA:
        for kind, X in matrices(sample(datasets.load(name))):
            curves.append(curves_of(X).assign(data=name, matrix=kind))
            rows.append({"data": name, "matrix": kind} | statistics_of(X))
        print(name, flush=True)
    for table, file in (
        (pd.concat(curves)[["data", "matrix", "curve", "x", "y"]], "realism.csv"),
        (pd.DataFrame(rows), "realism_statistics.csv"),
    ):
        table.to_csv(out / file, index=False, float_format="%.4g", lineterminator="\n")


if __name__ == "__main__":
    main()
