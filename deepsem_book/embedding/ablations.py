"""Embeddings without the GRN layer, without W, without training."""

import numpy as np
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.preprocess import scale
from deepsem_minimal.result import Result
from deepsem_minimal.train import initial_W

from .selection import input_of

# --- Is it the GRN? -------------------------------------------------------------------------------


def before_grn(result: Result, X: np.ndarray, member: int = 0) -> np.ndarray:
    """h of Eq. 6 (cells x genes): the encoder's mean before the GRN layer. μ = h (I - Wᵀ)."""
    model = result.members[member].model
    x = torch.as_tensor(scale(X, result.mean, result.sd, result.config.clip))
    with torch.no_grad():
        return model.scan(x, x.new_ones(1, 1)).mu.numpy()


def centred(X: np.ndarray) -> np.ndarray:
    """X (cells x genes) without each cell's mean over the genes.

    This is what `h (I - Wᵀ)` does with the W that training starts from, whose entries are all
    near 1 / (m - 1). A cell's mean follows its sequencing depth where that was not normalised.
    """
    return X - X.mean(axis=1, keepdims=True)


def untrained(X: np.ndarray, config: Config, seed: int = 0) -> np.ndarray:
    """h (cells x genes) of the encoder as `train` draws it for this seed, before any step."""
    generator = torch.Generator().manual_seed(seed)
    model = DeepSEM(config, initial_W(X.shape[1], config.W_init, generator), generator)
    x = torch.as_tensor(input_of(X, config))
    with torch.no_grad():
        return model.scan(x, x.new_ones(1, 1)).mu.numpy()


def with_other_networks(
    h: np.ndarray, W: np.ndarray, other: np.ndarray | None = None, seed: int = 0
) -> dict[str, np.ndarray]:
    """μ = h (I - Wᵀ) with other networks in place of W (all cells x genes).

    "no GRN": W = 0. "start W": as before training, all weights near 1 / (m - 1), which takes the
    mean over genes from each cell. "permuted W": the trained weights at random places off the
    diagonal. "renamed genes": the trained network with its genes in random order. "other seed":
    `other`, the W of another training, if given.
    """
    rng, m = np.random.default_rng(seed), len(W)
    off = ~np.eye(m, dtype=bool)
    permuted = np.zeros_like(W)
    permuted[off] = rng.permutation(W[off])
    order = rng.permutation(m)
    start = initial_W(m, "authors", torch.Generator().manual_seed(seed)).numpy()
    networks = {"no GRN": np.zeros_like(W), "start W": start, "permuted W": permuted}
    networks["renamed genes"] = W[np.ix_(order, order)]
    if other is not None:
        networks["other seed"] = other
    return {name: h - h @ V.T for name, V in networks.items()}
