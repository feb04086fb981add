"""Measure simulators on real cells: data/results/simulation.csv, one row per simulator and repeat.

    python -m deepsem_book.simulation.measure --data pbmc_facs --repeats 5

A repeat has its own split of the cells and its own seeds. Rows that are there are kept; the table
is replaced as a whole after each row, so the run can be stopped at any time.
"""

import argparse
import functools
import itertools
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from .. import datasets
from ..results_table import ResultsTable
from .augmentation import AUGMENTED, GANS, augmented
from .gan import GANConfig
from .pbmc import cells_of, louvain_names, zheng17_clusters
from .realism import PERCENT
from .study import Study

TABLE = datasets.DATA_DIR / "results" / "simulation.csv"
# Rare groups of Supp. Fig. 15: a type, and a cluster. Of the clusters of sorted cells this is the
# one that is neither a single type nor, as that of the T cells, the largest.
RARE = ["CD56+ NK", "louvain 1"]
SHARES = [0.5, 0.25, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005]
KEY = ["data", "n_genes", "repeat", "simulator"]
COLUMNS = [
    *KEY, "auc", "auc_sd", "mmd", "marginal", "correlation", "ratio", "copied",
    *(f"top_{k:g}" for k in PERCENT),
    "n_train", "n_test", "n_tfs", "forest_trees", "boost_trees", "gan_steps", "mean_w",
    "cpu_seconds", "torch", "sklearn",
]  # fmt: skip
AUGMENTED_KEY = ["rare", "share", "run", "training"]
AUGMENTED_COLUMNS = [
    *AUGMENTED_KEY, "data", "n_genes", "n_train", "n_test", "n_extra", "forest_trees",
    "gan_steps", "torch", "sklearn", "aupr", "marginal", "correlation", "shuffle_marginal",
    "shuffle_correlation", "cpu_seconds",
]  # fmt: skip
TEXT = {"data", "simulator", "training", "rare", "torch", "sklearn"}
DATA = ["pbmc_facs", "cbmc/CD4 T", "cbmc/CD14+ Mono"]  # all of CBMC's types above 2,400 cells
DIGITS = 5  # of a score
N_DEFAULT = 100  # trees of the classifier: "default hyperparameters" (Methods)
read = functools.cache(cells_of)  # once for all repeats


def realism_table(path: Path) -> ResultsTable:
    """Scores of simulators: repeats in order, rows of a repeat as they were measured."""
    return ResultsTable(path, KEY, COLUMNS, TEXT, {"n_genes", "repeat"}, order=["repeat"])


def augmentation_table(path: Path) -> ResultsTable:
    """AUPR with cells added: runs in order, rows of a run as they were measured."""
    return ResultsTable(path, AUGMENTED_KEY, AUGMENTED_COLUMNS, TEXT, {"run"}, order=["run"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", default=DATA)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--genes", type=int, default=300)
    parser.add_argument("--trees", type=int, default=200, help="trees of the random forest")
    parser.add_argument("--boost", type=int, default=200, help="trees of GRNBoost2, at most")
    parser.add_argument(
        "--gan-steps", type=int, default=2000, help="training steps of the GANs' generators"
    )
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--augment", action="store_true", help="measure augmentation.csv instead")
    parser.add_argument("--rare", nargs="+", default=RARE, help="rare types or clusters")
    parser.add_argument("--runs", type=int, nargs="+", help="of --augment, in place of --repeats")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES, help="of cells kept")
    parser.add_argument("--trainings", nargs="+", default=list(AUGMENTED), choices=AUGMENTED)
    parser.add_argument("--clusters", action="store_true", help="write clusters.csv instead")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.augment:
        augment(augmentation_table(args.out.with_name("augmentation.csv")), args)
        return
    if args.clusters:
        clusters().to_csv(args.out.with_name("clusters.csv"), index=False, lineterminator="\n")
        return
    table = realism_table(args.out)
    for repeat in range(args.repeats):
        for name in args.data:
            measure(name, repeat, table, args)


def augment(table: ResultsTable, args: argparse.Namespace) -> None:
    """AUPR of finding a rare group with few of its cells, runs one after the other (Supp. Fig. 15).

    The split of the cells is the same in all runs.
    """
    runs = args.runs or range(args.repeats)
    for run, rare, share, training in itertools.product(
        runs, args.rare, args.shares, args.trainings
    ):
        run_of = {"rare": rare, "share": share, "run": run, "training": training}
        if table.has(**run_of):
            continue
        study = rare_study(rare.startswith("louvain "), args.genes, args.gan_steps)
        start = time.process_time()
        scores = augmented(study, rare, share, 2000, [training], N_DEFAULT, run)[training]
        row = run_of | sizes(study) | {
            "data": "pbmc_facs", "n_genes": args.genes, "n_extra": 2000,
            "forest_trees": N_DEFAULT, "cpu_seconds": round(time.process_time() - start, 1),
            **{score: round(value, DIGITS) for score, value in scores.items()},
        }  # fmt: skip
        row |= {"gan_steps": args.gan_steps} if training in GANS else {}
        table.put([row])
        print(*run_of.values(), row["aupr"], row["cpu_seconds"], "s", flush=True)


@functools.cache  # one split for all runs
def rare_study(of_clusters: bool, n_genes: int, gan_steps: int) -> Study:
    """Sorted cells with their types, or with their Louvain clusters in place of these."""
    adata = read("pbmc_facs")
    if of_clusters:
        adata = adata.copy()
        adata.obs["cell_type"] = louvain_names(adata)
    return Study.of(adata, n_genes=n_genes, gan=GANConfig(n_steps=gan_steps))


def clusters() -> pd.DataFrame:
    """Sorted cells of each type in each cluster of the recipe of Zheng et al. (Supp. Fig. 8)."""
    adata = read("pbmc_facs")
    of_cell = pd.DataFrame(
        {"type": adata.obs["cell_type"].astype(str), "cluster": zheng17_clusters(adata)}
    )
    cells = of_cell.groupby(["type", "cluster"]).size().unstack(fill_value=0).stack()
    return cells.rename("cells").reset_index()


def measure(name: str, repeat: int, table: ResultsTable, args: argparse.Namespace) -> None:
    """All missing rows of one data set and repeat."""
    gan = GANConfig(n_steps=args.gan_steps)
    study = Study.of(read(name), n_genes=args.genes, seed=repeat, gan=gan)
    for simulator in study.simulators:
        run = dict(zip(KEY, [name, args.genes, repeat, simulator], strict=True))
        if table.has(**run):
            continue
        start = time.process_time()
        scores = {
            score: round(value, DIGITS) for score, value in scored(study, simulator, args).items()
        }
        row = run | scores | sizes(study) | {
            "n_tfs": len(study.tfs), "forest_trees": args.trees, "boost_trees": args.boost,
            "cpu_seconds": round(time.process_time() - start, 1),
        }  # fmt: skip
        row |= {"gan_steps": args.gan_steps} if simulator in GANS else {}
        row |= {"mean_w": np.abs(study.deepsem.Ws[0]).mean()} if "DeepSEM" in simulator else {}
        table.put([row])
        print(name, repeat, simulator, row.get("auc"), row["cpu_seconds"], flush=True)


def scored(study: Study, simulator: str, args: argparse.Namespace) -> dict[str, float]:
    """Realism of a simulator and its GRN consistency, where there are simulated cells and TFs."""
    row: dict[str, float] = {}
    if simulator != "two halves":  # these are real cells, scored as "copy"
        row |= study.scores(simulator, args.trees)
    if study.tfs:
        overlap = study.consistency(simulator, args.boost)
        row |= {f"top_{k:g}": overlap[k] for k in PERCENT}
    return row


def sizes(study: Study) -> dict[str, int | str]:
    """Numbers of cells, and the versions that made a row."""
    return {
        "n_train": len(study.train), "n_test": len(study.test), "torch": version("torch"),
        "sklearn": version("scikit-learn"),
    }  # fmt: skip


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main()
