"""EPR of the fast engine beside that of the plain port, ten seeds on two data sets; resumable.

    python -m deepsem_book.speed.compare_engines

Both engines use the non-specific preset, on the second data set with half its epochs, since the
port takes minutes per run; seeds start different random streams in the two, so the comparison is
one of distributions. Each trained member adds its rows to data/results/engines.csv at once;
members that are there are skipped.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from anndata import AnnData

from deepsem_minimal import metrics, networks
from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import Expression, standardise
from deepsem_minimal.train import train

from .. import datasets
from ..results_table import ResultsTable
from .authors_loop import train_plain

TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "engines.csv",
    key=["data", "engine", "seed"],
    columns=["data", "epochs", "engine", "seed", "network", "epr", "auprc_ratio"],
    text=["data", "engine", "network"],
    whole=["seed"],
    order=(),
)
EPOCHS = {"beeline/mDC-500": 91, "beeline/hHEP-500": 46}
KINDS, SEEDS = ("STRING", "Non-Specific"), range(10)


def fast(X: Expression, config: Config, seed: int) -> np.ndarray:
    return train(X, config, seed).W


def plain(X: np.ndarray, mask: np.ndarray, config: Config, seed: int) -> np.ndarray:
    return train_plain(X, mask, config, seed)[0]


def scores(W: np.ndarray, adata: AnnData, name: str) -> Iterator[dict[str, Any]]:
    """One row per network with the scores of W [target, regulator]."""
    edges = networks.edge_table(W, list(adata.var_names), adata.var_names[adata.var["tf"]])
    for kind in KINDS:
        score = metrics.evaluate(edges, datasets.load_network(f"{name}/{kind}"))
        yield {"network": kind, "epr": score["epr"], "auprc_ratio": score["auprc_ratio"]}


def main() -> None:
    torch.set_num_threads(1)
    TABLE.check_writable()
    for name, n_epochs in EPOCHS.items():
        adata = datasets.load(name)
        raw = np.asarray(adata.X)
        X, config = standardise(raw).X, Config.nonspecific(n_epochs=n_epochs)
        engines = {
            "fast": partial(fast, Expression.of(raw, config), config),
            "plain": partial(plain, X, raw != 0, config),
        }
        for seed in SEEDS:
            for engine, infer in engines.items():
                run = {"data": name, "engine": engine, "seed": seed}
                if not TABLE.has(**run):
                    rows = scores(infer(seed), adata, name)
                    TABLE.put([run | {"epochs": n_epochs} | row for row in rows])
                    print(run, flush=True)


if __name__ == "__main__":
    main()
