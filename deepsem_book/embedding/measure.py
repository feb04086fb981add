"""Measures how well embeddings separate known cell types: the table data/results/embedding.csv.

    python -m deepsem_book.embedding.measure                     # all that is missing
    python -m deepsem_book.embedding.measure --data deng pollen  # some data sets

Small data sets first; every finished embedding is one row and is not measured again, so the run can
be stopped at any moment. One thread of one core: about 10 s per training on the small sets and 1 to
2 minutes on zeisel. scVI is measured where its package is installed (requirements-embedding.txt).
"""

import argparse
import hashlib
import importlib.util
import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.preprocess import standardise

from .. import clustering, datasets
from ..results_table import ResultsTable
from . import ablations, embedders, scores, selection

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
OLIGODENDROCYTES = ["Oligo4", "Oligo2", "Oligo5", "Oligo6"]  # immature to mature (Zeisel 2015)
CLOSER = {"DeepSEM", "no GRN", "PCA, same input", "PCA, log", "FA", "ZIFA", "DCA", "scVI"}
Made = tuple[str, int, np.ndarray, float, dict[str, Any]]  # method, seed, E, seconds, extra


def timed(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What `work` gives, and the CPU seconds that it took."""
    start = time.process_time()
    return work(*arguments), time.process_time() - start


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


# --- What is embedded -----------------------------------------------------------------------------


def simple(adata: AnnData, config: Config) -> dict[str, Callable[[int], np.ndarray]]:
    """Methods that need no DeepSEM, by name; those that need counts only where there are some."""
    X = np.asarray(adata.X)
    same_input = selection.input_of(X, config)
    methods: dict[str, Callable[[int], np.ndarray]] = {
        "PCA, same input": lambda seed: embedders.pca(same_input, seed=seed),
        "PCA, log": lambda seed: embedders.pca(X, seed=seed),
        "PCA, centred cells": lambda seed: embedders.pca(ablations.centred(same_input), seed=seed),
        "PCA, z-scores": lambda seed: embedders.pca(standardise(X).X, seed=seed),
        "FA": lambda seed: embedders.factor_analysis(X, seed=seed),
        "ZIFA": lambda seed: embedders.zifa(X, seed=seed)[0],
    }
    if "counts" in adata.layers:
        counts = adata.layers["counts"].toarray()
        methods["DCA"] = lambda seed: embedders.dca(counts, seed=seed)
    return methods


def others(
    adata: AnnData, config: Config, seeds: range, done: Callable[[str, int], bool]
) -> Iterator[Made]:
    """Each with every seed; where the method itself leaves nothing to chance, clustering does."""
    for name, method in simple(adata, config).items():
        for seed in seeds:
            if not done(name, seed):
                E, seconds = timed(method, seed)
                yield name, seed, E, seconds, {}


def scvi(adata: AnnData, seeds: range, done: Callable[[str, int], bool]) -> Iterator[Made]:
    """scVI with its own settings, where there are counts and its package."""
    if "counts" in adata.layers and importlib.util.find_spec("scvi"):
        counts = adata.layers["counts"].toarray()
        for seed in seeds:
            if not done("scVI", seed):
                E, seconds = timed(embedders.scvi, counts, seed)
                yield "scVI", seed, E, seconds, {}


def deepsem(
    adata: AnnData, config: Config, seeds: range, done: Callable[[str, int], bool]
) -> Iterator[Made]:
    """DeepSEM, and the same training with other networks in place of its W.

    "other seed" is the W of the training before; for the first one that of the second.
    """
    first: tuple[int, np.ndarray] | None = None
    other: np.ndarray | None = None
    for seed in seeds:
        if done("DeepSEM", seed):
            continue
        result, seconds = timed(fit, adata, config, [seed], "cpu", 1, False)
        X, W = np.asarray(adata.X), result.members[0].W
        yield "untrained", seed, ablations.untrained(X, config, seed), 0.0, {}
        h = ablations.before_grn(result, X)
        if first is not None:
            yield (
                "other seed",
                first[0],
                ablations.with_other_networks(first[1], W, W)["other seed"],
                np.nan,
                {},
            )
        first = (seed, h) if other is None and first is None else None
        for name, E in ablations.with_other_networks(h, W, other, seed).items():
            yield name, seed, E, np.nan, {}
        other = W
        size = {"mean_w": float(np.abs(W).mean())}
        yield "DeepSEM", seed, adata.obsm["X_deepsem"], seconds, size


def pressed(
    adata: AnnData, config: Config, seeds: range, done: Callable[[str, int], bool]
) -> Iterator[Made]:
    """DeepSEM trained with so strong an L1 term that W stays near 0."""
    for seed in seeds:
        if not done("trained without W", seed):
            result, seconds = timed(fit, adata, config, [seed], "cpu", 1, False)
            size = {"mean_w": float(np.abs(result.members[0].W).mean())}
            yield "trained without W", seed, adata.obsm["X_deepsem"], seconds, size


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
            row["path"] = scores.path_order(E[kept], names, OLIGODENDROCYTES, seed)
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

    makers = {"others": others(adata, config, seeds, done)}
    makers["deepsem"] = deepsem(adata, config, seeds, done)
    makers["scvi"] = scvi(adata, seeds, done)
    makers["pressed"] = pressed(adata, config, seeds, done)
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
