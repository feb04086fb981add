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

from deepsem_minimal import storage

from .. import datasets
from .augmentation import AUGMENTED, augmented
from .gan import GANConfig
from .pbmc import cells_of
from .realism import PERCENT
from .study import Study

TABLE = datasets.DATA_DIR / "results" / "simulation.csv"
RARE = "CD56+ NK"
SHARES = [0.5, 0.25, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005]
KEY = ["data", "n_genes", "repeat", "simulator"]
DATA = ["pbmc_facs", "cbmc/CD4 T", "cbmc/CD14+ Mono"]  # all of CBMC's types above 2,400 cells
N_DEFAULT = 100  # trees of the classifier: "default hyperparameters" (Methods)
GANS = ("scGAN", "cscGAN")
read = functools.cache(cells_of)  # once for all repeats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=DATA)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--genes", type=int, default=300)
    parser.add_argument("--trees", type=int, default=200, help="of the random forest")
    parser.add_argument("--boost", type=int, default=200, help="at most so many of GRNBoost2")
    parser.add_argument("--gan-steps", type=int, default=2000, help="of the GANs' generators")
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--augment", action="store_true", help="the table augmentation.csv instead")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.augment:
        augment(args.out.with_name("augmentation.csv"), args)
        return
    for repeat in range(args.repeats):
        for name in args.data:
            measure(name, repeat, args)


def as_csv(table: pd.DataFrame) -> bytes:
    """Five decimals, but for |W|, which can be smaller than that."""
    digits = {name: 5 for name in table.select_dtypes("number") if name != "mean_w"}
    return table.round(digits).to_csv(index=False).encode()


def augment(path: Path, args: argparse.Namespace) -> None:
    """AUPR of finding CD56+ NK cells with few of them, runs one after the other (Supp. Fig. 15)."""
    key = ["share", "run", "training"]
    done = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=key)
    gan = GANConfig(n_steps=args.gan_steps)
    study = Study.of(read("pbmc_facs"), n_genes=args.genes, gan=gan)
    for run, share in itertools.product(range(args.repeats), SHARES):
        have = set(done.loc[(done["run"] == run) & (done["share"] == share), "training"])
        for training in [name for name in AUGMENTED if name not in have]:
            start = time.process_time()
            found = augmented(study, RARE, share, 2000, [training], N_DEFAULT, run)
            row = dict(zip(key, [share, run, training], strict=True)) | {
                "data": "pbmc_facs", "rare": RARE, "n_genes": args.genes,
                "n_train": len(study.train), "n_test": len(study.test), "n_extra": 2000,
                "forest_trees": N_DEFAULT, "torch": version("torch"),
                "sklearn": version("scikit-learn"), "aupr": found[training],
            }  # fmt: skip
            row |= {"gan_steps": args.gan_steps} if training in GANS else {}
            done = pd.concat([done, pd.DataFrame([row])], ignore_index=True)
            storage.replace(path, as_csv(done))
            print(run, share, training, round(time.process_time() - start), "s", flush=True)


def measure(name: str, repeat: int, args: argparse.Namespace) -> None:
    """All missing rows of one data set and repeat."""
    done = pd.read_csv(args.out) if args.out.exists() else pd.DataFrame(columns=KEY)
    same = (done["data"] == name) & (done["n_genes"] == args.genes) & (done["repeat"] == repeat)
    gan = GANConfig(n_steps=args.gan_steps)
    study = Study.of(read(name), n_genes=args.genes, seed=repeat, gan=gan)
    for simulator in [s for s in study.simulators if s not in set(done[same]["simulator"])]:
        start = time.process_time()
        row = dict(zip(KEY, [name, args.genes, repeat, simulator], strict=True))
        if simulator != "two halves":  # these are real cells, scored as "copy"
            row |= study.scores(simulator, args.trees)
        if study.tfs:
            found = study.consistency(simulator, args.boost)
            row |= {f"top_{k:g}": found[k] for k in PERCENT}
        row |= {
            "n_train": len(study.train),
            "n_test": len(study.test),
            "n_tfs": len(study.tfs),
            "forest_trees": args.trees,
            "boost_trees": args.boost,
            "cpu_seconds": round(time.process_time() - start, 1),
            "torch": version("torch"),
            "sklearn": version("scikit-learn"),
        }
        row |= {"gan_steps": args.gan_steps} if simulator in GANS else {}
        row |= {"mean_w": np.abs(study.deepsem.Ws[0]).mean()} if "DeepSEM" in simulator else {}
        done = pd.concat([done, pd.DataFrame([row])], ignore_index=True)
        storage.replace(args.out, as_csv(done))
        print(name, repeat, simulator, row.get("auc"), row["cpu_seconds"], flush=True)


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main()
