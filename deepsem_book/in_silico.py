"""A regulator without its edges, or without expression: what the decoder says then."""

import numpy as np
import torch
from torch import Tensor

from deepsem_minimal.preprocess import scale
from deepsem_minimal.result import Result
from deepsem_minimal.sampling import unscaled


def posterior_mean(result: Result, X: np.ndarray, member: int = 0) -> Tensor:
    """Mean of z (cells x genes) given log expression X (cells x genes), after the GRN layer."""
    model = result.members[member].model
    x = torch.as_tensor(scale(X, result.mean, result.sd, result.config.clip))
    with torch.no_grad():
        return model.encode(x)[0]


def through(z: Tensor, W: np.ndarray) -> Tensor:
    """h with h (I - Wᵀ) = z, cells x genes; W is [target, regulator]."""
    I_minus_W = torch.eye(len(W)) - torch.as_tensor(np.asarray(W, np.float32))
    return torch.linalg.solve(I_minus_W, z.T).T


def decoded(result: Result, h: Tensor, member: int = 0) -> np.ndarray:
    """Log expression (cells x genes) of h, not masked, not below 0."""
    with torch.no_grad():
        return np.maximum(unscaled(result, result.members[member].model.decode(h).numpy()), 0)


def knock_out(result: Result, X: np.ndarray, gene: str, member: int = 0) -> np.ndarray:
    """Mean change of log expression (genes,) when all edges out of `gene` are taken from W.

    Cells X are encoded with the learned network and decoded without the column of the gene, so
    every gene keeps its own z and loses what it inherits from the regulator, directly and along
    paths: its targets get what h = 0 of the regulator would give. But h = 0 does not stand for no
    expression: for that see `silence`. Sign and size have no meaning: a number added to every h
    and to the prior's mean, and taken off in f₁, leaves the loss and W as they are and changes this
    answer. What can be used is the ranking of one regulator's targets. Raises ValueError for a
    gene that was not fitted.
    """
    k, W = place(result, gene), result.members[member].W.copy()
    z = posterior_mean(result, X, member)
    with_edges = decoded(result, through(z, W), member)
    W[:, k] = 0
    return (decoded(result, through(z, W), member) - with_edges).mean(0)


def silence(result: Result, X: np.ndarray, gene: str, member: int = 0) -> np.ndarray:
    """Mean change of log expression (genes,) when `gene` is not expressed: do(h = h of a zero).

    The gene loses the edges into it, its z becomes the h that the encoder gives to expression 0,
    every other gene keeps its own z, and W carries the difference on, directly and along paths.
    Raises ValueError for a gene that was not fitted.
    """
    k, W = place(result, gene), result.members[member].W.copy()
    z = posterior_mean(result, X, member)
    before = decoded(result, through(z, W), member)
    absent = np.array(X)
    absent[:, k] = 0
    off = through(posterior_mean(result, absent, member), W)[:, k]  # h is gene by gene (Eq. 5)
    z, W[k] = z.clone(), 0
    z[:, k] = off
    return (decoded(result, through(z, W), member) - before).mean(0)


def place(result: Result, gene: str) -> int:
    """Index of a gene that was fitted; ValueError otherwise."""
    if gene not in result.genes:
        raise ValueError(f"{gene!r} is not among the {len(result.genes)} genes that were fitted.")
    return list(result.genes).index(gene)
