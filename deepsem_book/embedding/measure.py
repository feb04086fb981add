"""Measures how well embeddings separate known cell types: the table data/results/embedding.csv.

    python -m deepsem_book.embedding.measure                     # all that is missing
    python -m deepsem_book.embedding.measure --data deng pollen  # some data sets

Small data sets first; every finished embedding is one row and is not measured again, so the run can
be stopped at any moment. One thread of one core: about 10 s per training on the small sets and 1 to
2 minutes on zeisel. scVI is measured where its package is installed (requirements-embedding.txt).
"""

import argparse
import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData

from deepsem_minimal.config import Config

from .. import clustering, datasets
from ..results_table import ResultsTable
from . import methods, scores, selection
from .methods import Made

TABLE = datasets.DATA_DIR / "results" / "embedding.csv"
SETS: list[str] = ["deng", "cellbench/celseq2", "pollen", "li", "pbmc68k", "zeisel", "baron"]
SETS += ["muraro", "segerstolpe", "zeisel-full"]  # with internet only
KEY = ["data", "genes", "labels", "method", "seed"]
COLUMNS = [
    *KEY, "n_cells", "n_genes", "n_types",
    "ari", "nmi", "ami", "n_clusters", "resolution",
    "unweighted_ari", "unweighted_nmi", "unweighted_ami", "unweighted_n_clusters",
    "leiden_ari", "leiden_nmi", "leiden_ami", "leiden_n_clusters",
    "silhouette", "membership", "distance_r", "emd", "knn", "path", "nested", "mean_w", "seconds",
    "config", "versions", "input", "machine",
]  # fmt: skip
TEXT = {"data", "genes", "labels", "method", "config", "versions", "input", "machine"}
CLOSER = {"DeepSEM", "no GRN", "PCA, same input", "PCA, log", "FA", "ZIFA", "DCA", "scVI"}


class Table(ResultsTable):
    """The table of the embeddings.

    `complete`: a row that lacks a score counts as not there (a score was added since).
    """

    def __init__(self, path: Path, complete: bool = False) -> None:
        super().__init__(path, KEY, COLUMNS, TEXT)
        self.complete = complete

    def done(self, name: str, genes: str, method: str, seed: int) -> bool:
        """Whether this embedding was measured."""
        wanted = {"data": name, "genes": genes, "labels": "cell_type", "method": method}
        rows = self.read()
        rows = rows[(rows[[*wanted, "seed"]] == pd.Series(wanted | {"seed": seed})).all(axis=1)]
        if self.complete:
            scored = rows["knn"].notna() | ~rows["method"].isin(CLOSER)
            rows = rows[rows["unweighted_ari"].notna() & scored]
        return len(rows) > 0


# --- One row --------------------------------------------------------------------------------------


def measured(adata: AnnData, made: Made) -> Iterator[dict[str, Any]]:
    """Scores against each column of labels; the slow ones for the main methods."""
    method, seed, E, seconds, extra = made
    for labels in ("cell_type", "cell_type_level2"):
        if labels not in adata.obs or (labels != "cell_type" and method not in CLOSER):
            continue
        sizes = adata.obs[labels].value_counts()
        kept = adata.obs[labels].isin(sizes.index[sizes >= 10]).to_numpy()
        names = adata.obs[labels].astype(str).to_numpy()[kept]
        row: dict[str, Any] = {
            "labels": labels,
            "n_types": len(np.unique(names)),
            "n_cells": int(kept.sum()),
        }
        row |= {"method": method, "seed": seed, "seconds": seconds} | extra
        row |= clustering.clustered(E[kept], names, seed)
        if method in CLOSER and labels == "cell_type":
            picture = clustering.umap(E, seed)
            row["membership"] = float(clustering.membership_weights(picture, names).mean())
            row |= scores.preservation(np.asarray(adata.X), clustering.reduced(E))
        if labels == "cell_type_level2":
            row["nested"] = scores.nested(row["clusters"], adata.obs["cell_type"][kept])
            row["path"] = scores.path_order(E[kept], names, scores.OLIGODENDROCYTES, seed)
        yield row


def measure(name: str, genes: str, what: str, seeds: range, table: Table) -> None:
    """Put what is missing of one data set into the table."""
    adata = selection.prepared(datasets.load(name, quiet=True), by=genes)
    config = Config.embedding(**({"alpha": 1e4} if what == "pressed" else {}))
    facts = {"data": name, "genes": genes, "n_genes": adata.n_vars, "machine": machine()}
    facts["input"] = hashlib.sha256(np.ascontiguousarray(adata.X).tobytes()).hexdigest()[:16]
    packages = ("torch", "numpy", "scikit-learn", "scanpy", "igraph", "leidenalg")
    facts["versions"] = "; ".join(f"{p} {version(p)}" for p in packages)

    def done(method: str, seed: int) -> bool:
        return table.done(name, genes, method, seed)

    makers = {"others": methods.others(adata, config, seeds, done)}
    makers["deepsem"] = methods.deepsem(adata, config, seeds, done)
    makers["scvi"] = methods.scvi(adata, seeds, done)
    makers["pressed"] = methods.pressed(adata, config, seeds, done)
    waiting: list[dict[str, Any]] = []
    for made in makers[what]:
        of_deepsem = what in ("deepsem", "pressed")
        own = {"config": json.dumps(asdict(config)) if of_deepsem else ""}
        waiting += [facts | own | row for row in measured(adata, made)]
        if what != "deepsem" or made[0] == "DeepSEM":  # a training's rows are put together
            table.put(waiting)
            ari = next(row["ari"] for row in waiting if row["method"] == made[0])
            print(f"{name} {genes} {made[0]} {made[1]}: ARI {ari:.3f}", flush=True)
            waiting = []


def machine() -> str:
    return f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} thread"


def plan(names: list[str], n_seeds: int) -> Iterator[tuple[str, str, str, range]]:
    """(data, genes, what, seeds), the most telling first."""
    seeds = range(n_seeds)
    printed = [name for name in ("zeisel", "zeisel-full") if name in names]  # authors' genes
    names = [name for name in names if name != "zeisel-full"]
    large = [n for n in ("segerstolpe", "muraro", "zeisel", "baron") if n in names]
    small = [name for name in names if name not in large]
    for whole in printed:
        yield whole, "counts", "deepsem", seeds
    for what in ("deepsem", "others", "scvi", "pressed"):
        for name in [*reversed(large), *small]:
            yield name, "sd", what, seeds
    for genes in ("counts", "dispersion") if "zeisel" in names else ():
        yield "zeisel", genes, "deepsem", seeds
        yield "zeisel", genes, "others", seeds


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure embeddings against known cell types.")
    parser.add_argument("--data", nargs="+", default=SETS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=["others", "deepsem", "pressed", "scvi"])
    parser.add_argument(
        "--complete", action="store_true", help="measure rows again that lack a score"
    )
    parser.add_argument("--out", type=Path, default=TABLE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = Table(options.out, options.complete)
    for name, genes, what, seeds in plan(options.data, options.seeds):
        if options.only and what not in options.only:
            continue
        if not datasets.is_available(name):
            print(f"{name}: not available, left out")
            continue
        measure(name, genes, what, seeds, table)


if __name__ == "__main__":
    main()
