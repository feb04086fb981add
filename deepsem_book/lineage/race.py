"""The race of chapter 9: simulated cells with a known truth, all methods, and what a step costs."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from deepsem_minimal import sem
from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import Expression, standardise
from deepsem_minimal.train import train

from ..baselines import dag_gnn, notears
from ..known_truth import auprc, right_way
from ..statistics import t_interval, verdict
from . import dazzle, regdiffusion

FEW_GENES = {"W_init": "safe", "lr_W": 4e-4, "alpha": 0.5}  # ledger 6, 9: see chapter 2
N_GENES, N_TFS, N_CELLS = 50, 10, 600
SMALL = 0.05  # AUPRC: less than this decides nothing between untuned settings
Infer = Callable[[np.ndarray, np.ndarray, int], np.ndarray]  # X, standardised X, seed -> W


def simulated(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A network of 50 genes, 10 of them TFs, and the log expression of 600 cells with zeros."""
    truth = sem.random_network(N_GENES, n_tfs=N_TFS, seed=seed)
    return truth, sem.simulate_nonlinear(truth, N_CELLS, dropout=0.5, seed=seed)


def small_regdiffusion(X: np.ndarray, seed: int, quick: bool, dead_zone: float = 0.5) -> np.ndarray:
    """RegDiffusion on standardised X; `quick`: half as many steps, which need twice the step."""
    n_steps, batch_size, share = (500, 48, 25) if quick else (1000, 128, 50)
    return regdiffusion.regdiffusion(
        X, n_steps=n_steps, batch_size=batch_size, lr_W=1 / (X.shape[1] - 1) / share,
        dead_zone=dead_zone, seed=seed,
    )  # fmt: skip


def contestants(n_epochs: int, quick: bool) -> dict[str, Infer]:
    """Method -> W [target, regulator] of X (cells x genes), its standardised copy and a seed."""
    few: dict[str, Any] = FEW_GENES

    def small_deepsem(X: np.ndarray, seed: int) -> np.ndarray:
        config = Config(n_epochs=n_epochs, **few)
        return train(Expression.of(X, config), config, seed).W

    def small_dazzle(X: np.ndarray, seed: int, p: float = 0.1) -> np.ndarray:
        return dazzle.dazzle(X, n_epochs=n_epochs, nonzero=False, p=p, seed=seed, **few)

    return {
        "Pearson": lambda X, Z, seed: np.corrcoef(Z.T),
        "linear SEM": lambda X, Z, seed: sem.fit_linear_sem(Z, alpha=0.02, n_steps=300),
        "NOTEARS": lambda X, Z, seed: notears.notears(Z, h_max=1e-4),
        "DAG-GNN": lambda X, Z, seed: dag_gnn.dag_gnn(Z, n_rounds=6, n_steps=100, seed=seed),
        "DeepSEM": lambda X, Z, seed: small_deepsem(X, seed),
        "DAZZLE": lambda X, Z, seed: small_dazzle(X, seed),
        "RegDiffusion": lambda X, Z, seed: small_regdiffusion(Z, seed, quick),
        "DAZZLE, no added zeros": lambda X, Z, seed: small_dazzle(X, seed, p=0),
        "RegDiffusion, no threshold": lambda X, Z, seed: small_regdiffusion(
            Z, seed, quick, dead_zone=0
        ),
    }


def run(methods: Mapping[str, Infer], seeds: Iterable[int]) -> pd.DataFrame:
    """One row per network (seed) and method.

    Columns: method, network, auprc, right_way, density, seconds (CPU), ratio (auprc / density).
    """
    rows = []
    for seed in seeds:
        truth, X = simulated(seed)
        Z = standardise(X).X.astype(float)
        density = (truth[:, :N_TFS] != 0).sum() / (N_TFS * (N_GENES - 1))
        for method, infer in methods.items():
            start = time.process_time()
            W = infer(X, Z, seed)
            seconds = time.process_time() - start
            score = auprc(W, truth, N_TFS)
            rows.append((method, seed, score, right_way(W, truth), density, seconds))
    columns = ["method", "network", "auprc", "right_way", "density", "seconds"]
    race = pd.DataFrame(rows, columns=columns)
    return race.assign(ratio=race["auprc"] / race["density"])


def gains(by_network: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """What each step (method, the one before it) brings in AUPRC, network by network.

    `by_network`: networks x methods. The verdict is "undecided" for a mean below SMALL.
    """
    rows = []
    for method, before in pairs:
        gain = by_network[method] - by_network[before]
        _, low, high = t_interval(gain)
        rows.append(
            {
                "step": f"{method} − {before}",
                "gain in AUPRC": gain.mean(),
                "95 % low": low,
                "95 % high": high,
                "networks won": f"{(gain > 0).sum()} of {len(gain)}",
                "verdict": verdict(len(gain), low, high)
                if abs(gain.mean()) >= SMALL
                else "undecided",
            }
        )
    return pd.DataFrame(rows).set_index("step")


def step_seconds(method: str, n_genes: int) -> float:
    """CPU seconds of one step, the better of two measurements.

    One evaluation of loss and gradient for the linear SEM and NOTEARS, one batch of 64 cells for
    the others.
    """
    Z = np.random.default_rng(0).normal(size=(320, n_genes)).astype(np.float32)
    S, W = np.cov(Z.T), np.full((n_genes, n_genes), 0.5 / n_genes)
    few: dict[str, Any] = FEW_GENES
    config = Config(n_epochs=3, **few)
    steps: dict[str, tuple[int, Callable[[], Any]]] = {
        "linear SEM": (1, lambda: sem.objective(W, S)),
        "NOTEARS": (1, lambda: (notears.acyclicity(W), W @ S)),
        "DAG-GNN": (2, lambda: dag_gnn.dag_gnn(Z, n_rounds=1, n_steps=2, batch_size=64)),
        "DeepSEM": (15, lambda: train(Expression.of(Z, config), config)),
        "DAZZLE": (15, lambda: dazzle.dazzle(Z, n_epochs=3, **few)),
        "RegDiffusion": (5, lambda: regdiffusion.regdiffusion(Z, n_steps=5, batch_size=64)),
    }
    n_steps, work = steps[method]
    seconds = []
    for _ in range(2):
        start = time.process_time()
        work()
        seconds.append((time.process_time() - start) / n_steps)
    return min(seconds)
