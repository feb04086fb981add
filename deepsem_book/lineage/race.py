"""The race of chapter 9: simulated cells with a known truth, and the methods that run on them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from deepsem_minimal import sem
from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.train import train

from .. import datasets
from ..baselines import apc, dag_gnn, notears
from ..results_table import ResultsTable
from ..statistics import holm, t_interval, t_test
from . import dazzle, regdiffusion

FEW_GENES = {"W_init": "safe", "lr_W": 4e-4, "alpha": 0.5}  # ledger 6, 9: see chapter 2
N_GENES, N_TFS, N_CELLS = 50, 10, 600
FIRST = 100  # seed of the first network; settings were chosen on networks with other seeds
N_EPOCHS = 91  # of DeepSEM and DAZZLE
SMALL = 0.05  # AUPRC: less than this decides nothing between untuned settings
Infer = Callable[[np.ndarray, np.ndarray, int], np.ndarray]  # X, standardised X, seed -> W
TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "race.csv",
    key=["network", "method"],
    columns=[
        "network", "method", "auprc", "right_way", "density", "zeros", "seconds", "versions",
    ],
    text=["method", "versions"],
    whole=["network"],
    order=["network"],
)  # fmt: skip


def simulated(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A network of 50 genes, 10 of them TFs, and the log expression of 600 cells with zeros."""
    truth = sem.random_network(N_GENES, n_tfs=N_TFS, seed=seed)
    return truth, sem.simulate_nonlinear(truth, N_CELLS, dropout=0.5, seed=seed)


def small_regdiffusion(X: np.ndarray, seed: int, dead_zone: float = 0.5) -> np.ndarray:
    """RegDiffusion with its package's number of steps and batch size."""
    return regdiffusion.regdiffusion(
        X, n_steps=1000, batch_size=128, lr_W=1 / (X.shape[1] - 1) / 50, dead_zone=dead_zone,
        seed=seed,
    )  # fmt: skip


def contestants() -> dict[str, Infer]:
    """Method -> W [target, regulator] of X (cells x genes), its standardised copy and a seed."""
    few: dict[str, Any] = FEW_GENES

    def small_deepsem(X: np.ndarray, seed: int) -> np.ndarray:
        config = Config(n_epochs=N_EPOCHS, **few)
        return train(Expression.of(X, config), config, seed).W

    def small_dazzle(X: np.ndarray, seed: int, p: float = 0.1) -> np.ndarray:
        return dazzle.dazzle(X, n_epochs=N_EPOCHS, nonzero=False, p=p, seed=seed, **few)

    return {
        "Pearson": lambda X, Z, seed: np.corrcoef(Z.T),
        "Pearson-APC": lambda X, Z, seed: apc.shifted(apc.corrected(np.abs(np.corrcoef(Z.T)))),
        "linear SEM": lambda X, Z, seed: sem.fit_linear_sem(Z, alpha=0.02, n_steps=300),
        "NOTEARS": lambda X, Z, seed: notears.notears(Z, h_max=1e-4),
        "DAG-GNN": lambda X, Z, seed: dag_gnn.dag_gnn(Z, n_rounds=6, n_steps=100, seed=seed),
        "DeepSEM": lambda X, Z, seed: small_deepsem(X, seed),
        "DAZZLE": lambda X, Z, seed: small_dazzle(X, seed),
        "RegDiffusion": lambda X, Z, seed: small_regdiffusion(Z, seed),
        "DAZZLE, no added zeros": lambda X, Z, seed: small_dazzle(X, seed, p=0),
        "RegDiffusion, no threshold": lambda X, Z, seed: small_regdiffusion(Z, seed, dead_zone=0),
    }


def recorded() -> pd.DataFrame:
    """The race as it is recorded; `ratio` is AUPRC over the density of the truth."""
    table = TABLE.read()
    return table.assign(ratio=table["auprc"] / table["density"])


def gains(race: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """What each step (method, the one before it) brings in AUPRC, network by network.

    `race`: its recorded rows. Holm corrects for all steps; the verdict is "undecided" where the
    corrected p is 0.05 or more, or the mean below SMALL.
    """
    by_network = race.pivot(index="network", columns="method", values="auprc")
    steps = {f"{ours} − {other}": by_network[ours] - by_network[other] for ours, other in pairs}
    adjusted = holm(t_test(gain.dropna()) for gain in steps.values())
    rows = {}
    for (step, gain), p in zip(steps.items(), adjusted, strict=True):
        gain = gain.dropna()
        mean, low, high = t_interval(gain)
        sure = p < 0.05 and abs(mean) >= SMALL
        rows[step] = {
            "gain in AUPRC [95 %]": f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]",
            "median": f"{gain.median():+.3f}",
            "networks won": f"{(gain > 0).sum()} of {len(gain)}",
            "p, Holm": f"{p:.2g}",
            "verdict": ("raises" if mean > 0 else "lowers") if sure else "undecided",
        }
    return pd.DataFrame(rows).T.rename_axis("step")


def standing(race: pd.DataFrame) -> pd.DataFrame:
    """By method, the best first: mean ± sd of AUPRC and of edges the right way, and CPU seconds."""
    groups = race.groupby("method")
    table = pd.DataFrame({
        name: groups[column].agg(lambda values: f"{values.mean():.2f} ± {values.std():.2f}")
        for name, column in {"AUPRC": "auprc", "edges the right way": "right_way"}.items()
    })  # fmt: skip
    table["CPU seconds"] = groups["seconds"].median().map("{:.2g}".format)
    return table.loc[groups["auprc"].mean().sort_values(ascending=False).index]
