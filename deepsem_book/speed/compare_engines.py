"""EPR of the fast engine and of the plain port over the same ten seeds, on two data sets;
resumable.

    python -m deepsem_book.speed.compare_engines

Both engines use the non-specific preset, on the second data set with half its epochs, since the
port takes minutes a run; seeds start different random streams in the two, so the comparison is one
of distributions. Each trained member adds its rows to data/results/engines.csv at once; what is
there is skipped.
"""

from functools import partial

import numpy as np
import pandas as pd
import torch

from deepsem_minimal import metrics, networks, storage
from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import standardise
from deepsem_minimal.train import train

from .. import datasets
from .authors_loop import train_plain

TABLE = datasets.DATA_DIR / "results" / "engines.csv"
EPOCHS = {"beeline/mDC-500": 91, "beeline/hHEP-500": 46}


KINDS, SEEDS = ("STRING", "Non-Specific"), range(10)


def fast(X: np.ndarray, config: Config, seed: int) -> np.ndarray:
    return train(X, None, config, seed).W


def plain(X: np.ndarray, mask: np.ndarray, config: Config, seed: int) -> np.ndarray:
    return train_plain(X, mask, config, seed)[0]


def main() -> None:
    torch.set_num_threads(1)
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    table = (
        pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame(columns=["data", "engine", "seed"])
    )
    for name, n_epochs in EPOCHS.items():
        adata = datasets.load(name)
        raw, genes = np.asarray(adata.X), list(adata.var_names)
        X, config = standardise(raw).X, Config.nonspecific(n_epochs=n_epochs)
        engines = {
            "fast": partial(fast, X, config),
            "plain": partial(plain, X, raw != 0, config),
        }
        for seed in SEEDS:
            for engine, infer in engines.items():
                if (
                    (table["data"] == name) & (table["engine"] == engine) & (table["seed"] == seed)
                ).any():
                    continue
                edges = networks.edge_table(infer(seed), genes, adata.var_names[adata.var["tf"]])
                scores = {
                    kind: metrics.evaluate(edges, datasets.load_network(f"{name}/{kind}"))
                    for kind in KINDS
                }
                rows = [
                    dict(
                        data=name,
                        epochs=n_epochs,
                        engine=engine,
                        seed=seed,
                        network=kind,
                        epr=s["epr"],
                        auprc_ratio=s["auprc_ratio"],
                    )
                    for kind, s in scores.items()
                ]
                table = pd.concat([table, pd.DataFrame(rows)], ignore_index=True)
                storage.replace(TABLE, table.to_csv(index=False).encode())
                print(rows, flush=True)


if __name__ == "__main__":
    main()
