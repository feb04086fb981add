"""Timed rows of data/results/speed.csv: the matrices, and a pair of engines in turns."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import Expression, standardise
from deepsem_minimal.train import train

from .. import datasets
from .authors_loop import train_plain

THREADS = torch.get_num_threads()
Row = dict[str, Any]


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def milliseconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Median over repeats."""
    return float(np.median([1e3 * timed(work) for _ in range(repeats)]))


def pair(
    section: str, X: np.ndarray, raw: np.ndarray, config: Config, repeats: int
) -> Iterator[Row]:
    """Plain and fast in turns, one member each."""
    keep = (raw != 0).astype(np.float32)
    engines: dict[str, Callable[[], Any]] = {
        "plain": lambda: train_plain(X, keep, config, seed=0),
        "fast": partial(train, Expression.of(raw, config), config),
    }
    for repeat in range(repeats):
        for engine, work in engines.items():
            yield row(section, engine, X, config, repeat, timed(work))


def row(
    section: str,
    engine: str,
    X: np.ndarray,
    config: Config,
    repeat: int,
    seconds: float,
    seeds: int = 1,
) -> Row:
    steps = config.n_epochs * -(-len(X) // config.batch_size)
    return dict(
        section=section,
        engine=engine,
        n_cells=len(X),
        n_genes=X.shape[1],
        seeds=seeds,
        steps=steps,
        repeat=repeat,
        seconds=seconds,
        seconds_per_step=seconds / steps / seeds,
    )


def mdc() -> tuple[np.ndarray, np.ndarray]:
    raw = np.asarray(datasets.load("beeline/mDC-500").X)
    return standardise(raw).X, raw


def zeisel(n_cells: int, n_genes: int) -> tuple[np.ndarray, np.ndarray]:
    raw = np.asarray(datasets.load("zeisel").X)
    genes = np.argsort(-raw.std(0), kind="stable")[:n_genes]
    return standardise(raw[:n_cells, genes], "nonzero", 15.0).X, raw[:n_cells, genes]
