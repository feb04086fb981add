"""RegDiffusion: a diffusion model whose noise prediction mixes genes by one linear GRN layer.

Zhu and Slonim, J. Comput. Biol. 2024, doi 10.1089/cmb.2024.0607; package `regdiffusion`, pinned to
0.2.3 (see requirements-baselines.txt). Settings are the package's defaults: 1000 steps of 128
cells, 5000 noise levels, 30 % of the edges dropped per step. One product is taken in another order
than in the package (`let_project_first`): the same function in six tenths of the time on a CPU.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .common import matrix_and_tfs, only_tfs, optional, spread, untouched_generators, varying


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, n_steps: int = 1000,
    device: str = "cpu", project_first: bool = True,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator], signed. device: "cpu" or "cuda"; project_first: see above.

    The package's adjacency matrix is regulator x target, hence W = A^T, in units of
    1 / (genes - 1); its `get_adj` rounds to float16, which makes ties, so the float32 matrix is
    read. Raises ImportError with the install command when the package is missing.
    """
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    import torch

    precision = torch.get_float32_matmul_precision()  # the package changes it on import
    package = optional("regdiffusion", "regdiffusion==0.2.3")
    kept = varying(X)  # the package refuses constant genes
    expression = X[:, kept].astype(np.float32)
    try:
        torch.set_float32_matmul_precision("high")
        with untouched_generators(), tempfile.TemporaryDirectory() as folder:
            trainer = package.RegDiffusionTrainer(
                expression,
                n_steps=n_steps,
                device=device,
                seed=seed,
                logger=package.LightLogger(folder),
            )
            if project_first:
                let_project_first(trainer.model)
            trainer.train()
    finally:
        torch.set_float32_matmul_precision(precision)
    model = trainer.model
    A = model.get_adj_().detach().cpu().numpy().astype(np.float64) / model.gene_reg_norm
    return only_tfs(spread(A.T, kept), is_tf)


def let_project_first(model: Any) -> None:
    """Let the model project its features to one value per gene before it mixes genes, not after.

    The package computes final(H (I - A)), H of 15 features per gene; `final` is linear over the
    features and I - A acts on the genes, so they commute, and the product with I - A, the costliest
    step, has one fifteenth of the work. Parameters and random numbers stay what they were.
    """
    from torch import nn

    final, block = model.final, model.blocks[-1]

    class Projected(nn.Module):
        def forward(self, *inputs: Any) -> Any:
            return nn.functional.linear(block(*inputs), final.weight)

    class Shifted(nn.Module):
        def forward(self, mixed: Any) -> Any:
            return mixed + final.bias

    model.blocks[-1], model.final = Projected(), Shifted()
