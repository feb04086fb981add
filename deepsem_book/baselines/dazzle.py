"""DAZZLE: DeepSEM with a N(0, 1) prior and dropout augmentation; an adapter of its own package.

Zhu and Slonim, PLoS Comput. Biol. 2025, doi 10.1371/journal.pcbi.1013603; package `grn-dazzle`
(see requirements-baselines.txt). Settings are the package's defaults: 120 epochs, alpha 100,
beta 1, 10 % of the entries set to zero at each step, L1 after 5 epochs, one Adam. Its MLPs see one
number each, like those of DeepSEM, and are read from the same tables (`tabulated`): the package's
scores in about a quarter of the time on a CPU.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from deepsem_minimal.engine import interpolate

from .common import matrix_and_tfs, only_tfs, optional, spread, untouched_generators, varying

COARSEST = 0.1  # distance of knots, in standard deviations of a gene


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, n_epochs: int = 120,
    device: str = "cpu", n_knots: int = 512,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator], signed. device: "cpu" or "cuda"; n_knots: of the tables (0: none).

    The package's adjacency matrix is regulator x target (X = X A + Z), hence W = A^T. Raises
    ImportError with the install command when the package is missing.
    """
    X, is_tf = matrix_and_tfs(X, genes, tfs)
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
    with (
        untouched_generators(),
        tabulated(dazzle.models.MLP, n_knots),
        tempfile.TemporaryDirectory() as folder,
    ):
        torch.manual_seed(seed)
        logger = dazzle.LightLogger(folder)
        model, _ = dazzle.runDAZZLE(expression, configs, logger=logger, progress_bar=False)
    return only_tfs(spread(model.get_adj().T.astype(np.float64), kept), is_tf)


@contextmanager
def tabulated(MLP: Any, n_knots: int) -> Iterator[None]:
    """Let modules of this class with one input interpolate in a table of n_knots of their values.

    Only while the knots are at most COARSEST apart: DAZZLE starts with I - A near singular when
    genes are few, and what passes its inverse then spreads over thousands of standard deviations.
    The class is changed while the context lasts: the package makes its model out of reach.
    """
    on_every_entry = MLP.forward

    def forward(mlp: Any, x: Any) -> Any:
        if x.shape[-1] != 1 or x.detach().max() - x.detach().min() >= COARSEST * n_knots:
            return on_every_entry(mlp, x)
        return interpolate(lambda knots: on_every_entry(mlp, knots), x[..., 0], n_knots)

    MLP.forward = forward
    try:
        yield
    finally:
        MLP.forward = on_every_entry
