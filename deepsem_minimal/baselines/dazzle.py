"""DAZZLE: DeepSEM with a N(0, 1) prior and dropout augmentation; an adapter of its own package.

Zhu and Slonim, PLoS Comput. Biol. 2025, doi 10.1371/journal.pcbi.1013603; package `grn-dazzle`
(see requirements-baselines.txt). Settings are the package's defaults: 120 epochs, alpha 100,
beta 1, 10 % of the entries set to zero at each step, L1 after 5 epochs, one Adam.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence

import numpy as np

from deepsem_minimal.baselines.common import (
    only_tfs,
    optional,
    prepare,
    spread,
    untouched_generators,
    varying,
)


def infer(
    X: np.ndarray,
    genes: Sequence[str],
    tfs: Iterable[str],
    seed: int = 0,
    n_epochs: int = 120,
    device: str = "cpu",
) -> np.ndarray:
    """W[target, regulator], signed. device: "cpu" or "cuda".

    The package's adjacency matrix is regulator x target (X = X A + Z), hence W = A^T. Raises
    ImportError with the install command when the package is missing.
    """
    X, is_tf = prepare(X, genes, tfs)
    dazzle = optional("dazzle", "grn-dazzle")
    import torch

    kept = varying(X)  # the package divides by the standard deviation of each gene
    configs = {
        **dazzle.DEFAULT_DAZZLE_CONFIGS,
        "n_epochs": n_epochs,
        "cuda": device.startswith("cuda"),
        "train_split_seed": seed,
    }
    expression = X[:, kept].astype(np.float32)
    # The package writes its log to a folder, by default in the working directory.
    with untouched_generators(), tempfile.TemporaryDirectory() as folder:
        torch.manual_seed(seed)
        logger = dazzle.LightLogger(folder)
        model, _ = dazzle.runDAZZLE(expression, configs, logger=logger, progress_bar=False)
    return only_tfs(spread(model.get_adj().T.astype(np.float64), kept), is_tf)
