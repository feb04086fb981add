"""What is measured: every method with every seed, one embedding after the other."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.preprocess import standardise

from .. import datasets
from . import ablations, embedders, selection

Made = tuple[str, int, np.ndarray, float, dict[str, Any]]  # method, seed, E, seconds, extra
Done = Callable[[str, int], bool]  # whether the method was measured with the seed


def timed(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What `work` gives, and the CPU seconds that it took."""
    start = time.process_time()
    return work(*arguments), time.process_time() - start


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


def of_counts(adata: AnnData) -> dict[str, np.ndarray]:
    """The two rivals that need counts: DCA, trained here, and scVI's recorded points.

    Without counts there is neither; scVI only where every cell stands in the record, which is of
    Zeisel with all its cells.
    """
    if "counts" not in adata.layers:
        return {}
    points = {"DCA": embedders.dca(adata.layers["counts"].toarray())}
    recorded = datasets.results("scvi_zeisel").set_index("cell")
    recorded.index = recorded.index.astype(str)
    if adata.obs_names.isin(recorded.index).all():
        points["scVI, recorded"] = recorded.loc[adata.obs_names].to_numpy()
    return points


def others(adata: AnnData, config: Config, seeds: range, done: Done) -> Iterator[Made]:
    """Each with every seed; where the method itself leaves nothing to chance, clustering does."""
    for name, method in simple(adata, config).items():
        for seed in seeds:
            if not done(name, seed):
                E, seconds = timed(method, seed)
                yield name, seed, E, seconds, {}


def scvi(adata: AnnData, seeds: range, done: Done) -> Iterator[Made]:
    """scVI with its own settings, where there are counts and its package."""
    if "counts" in adata.layers and importlib.util.find_spec("scvi"):
        counts = adata.layers["counts"].toarray()
        for seed in seeds:
            if not done("scVI", seed):
                E, seconds = timed(embedders.scvi, counts, seed)
                yield "scVI", seed, E, seconds, {}


def deepsem(adata: AnnData, config: Config, seeds: range, done: Done) -> Iterator[Made]:
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


def pressed(adata: AnnData, config: Config, seeds: range, done: Done) -> Iterator[Made]:
    """DeepSEM trained with so strong an L1 term that W stays near 0."""
    for seed in seeds:
        if not done("trained without W", seed):
            result, seconds = timed(fit, adata, config, [seed], "cpu", 1, False)
            size = {"mean_w": float(np.abs(result.members[0].W).mean())}
            yield "trained without W", seed, adata.obsm["X_deepsem"], seconds, size
