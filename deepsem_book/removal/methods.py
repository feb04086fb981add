"""Predictions of what a removal does, made from the control cells of a screen only.

A prediction is a matrix [gene, removed gene] of changes in expression; its size is the ranking. An
edge of weight w lets its target fall by w when the regulator is removed, so networks predict -W.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.networks import centred
from deepsem_minimal.result import Result

from .. import baselines
from ..in_silico import knock_out, silence
from .effects import Array, Screen

ENSEMBLE = -1  # the seed of an ensemble's rows
OWN, PAPER, CUT, SILENT = "DeepSEM, own data", "DeepSEM, paper", "edges cut", "gene silent"
PRESETS = {OWN: Config.for_data, PAPER: lambda n_cells, n_genes: Config.nonspecific()}
LEVEL = "gene's expression"  # a ranking that looks at no regulator
RANDOM = "random"
NETWORKS = (
    "Pearson", "Pearson-APC", "Pearson2-APC", "ppcor", "PIDC", "LinearSEM", "GRNBoost2",
    "RegDiffusion",
)  # fmt: skip
UNSIGNED = frozenset({"Pearson-APC", "Pearson2-APC", "PIDC", "GRNBoost2"})
METHODS = (*NETWORKS, LEVEL, RANDOM, *PRESETS)


class Prediction(NamedTuple):
    method: str
    seed: int
    changes: Array  # [gene, removed gene]
    signed: bool = True
    between: bool = True  # whether sizes of different removed genes can be compared


def predictions(screen: Screen, method: str, seeds: range) -> Iterator[Prediction]:
    """What `method` says; DeepSEM once for each seed, once for the ensemble, and by its knock-outs.

    Methods that draw no random numbers are run once. Raises ArithmeticError for a W that is NaN.
    """
    at = [screen.genes.index(gene) for gene in screen.removed]
    if method in PRESETS:
        yield from of_deepsem(screen, method, seeds, at)
    elif method == LEVEL:
        level = screen.control.mean(axis=0)
        yield Prediction(method, 0, np.repeat(level[:, None], len(at), axis=1), signed=False)
    elif method == RANDOM:
        for seed in seeds:
            drawn = np.random.default_rng(seed).random((len(screen.genes), len(at)))
            yield Prediction(method, seed, drawn, signed=False)
    else:
        r = np.nan_to_num(np.corrcoef(screen.control, rowvar=False))
        for seed in seeds if method in baselines.SEEDED else seeds[:1]:
            W = baselines.METHODS[method](screen.control, screen.genes, screen.genes, seed)
            if not np.isfinite(W).all():
                raise ArithmeticError("W holds NaN or infinite values")
            W = np.abs(W) * np.sign(r) if method in UNSIGNED else W
            yield Prediction(method, seed, -W[:, at])


def of_deepsem(screen: Screen, preset: str, seeds: range, at: list[int]) -> Iterator[Prediction]:
    X = screen.control.astype(np.float32)
    cells = AnnData(X, var=pd.DataFrame(index=screen.genes))
    result = fit(cells, PRESETS[preset](*X.shape), seeds=list(seeds), progress=False, n_jobs=1)
    for seed, W in zip(seeds, result.Ws, strict=True):
        yield Prediction(preset, seed, read_out(W[None], preset)[:, at])
    yield Prediction(preset, ENSEMBLE, read_out(result.Ws, preset)[:, at])
    for name, asked in {CUT: knock_out, SILENT: silence}.items():
        by_seed = [in_silico(result, X, screen.removed, asked, k) for k in range(len(seeds))]
        known = name == SILENT  # what h = 0 stands for is an accident of the training
        for seed, changes in zip(seeds, by_seed, strict=True):
            yield Prediction(f"{preset}, {name}", seed, changes, known, known)
        mean = np.mean(by_seed if known else np.abs(by_seed), axis=0)
        yield Prediction(f"{preset}, {name}", ENSEMBLE, mean, known, known)


def read_out(Ws: Array, preset: str) -> Array:
    """Predicted changes of members (members x genes x genes), all regulators.

    The own-data preset by `centred`(mean W); the paper's by mean |W|, signed as mean W.
    """
    mean = Ws.mean(axis=0)
    return -centred(mean) if preset == OWN else -np.abs(Ws).mean(axis=0) * np.sign(mean)


def in_silico(
    result: Result, X: Array, removed: list[str], asked: Callable[..., Any], member: int
) -> Array:
    """Changes of all genes for each removed gene by a member's decoder (chapter 12)."""
    return np.stack([asked(result, X, gene, member) for gene in removed], axis=1)
