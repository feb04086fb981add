"""DAG-GNN: a VAE around the SEM without loops (Yu et al., ICML 2019), on standardised genes.

A small version: the decoder's variance is a constant and the optimisation has
a fixed number of rounds, so that what is left of the loops depends on both. All genes are
regulators in the fit; columns of other genes are dropped afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .common import from_all_genes


def polynomial_acyclicity(W: Tensor) -> Tensor:
    """tr[(I + W∘W/m)ᵐ] - m, zero exactly without loops (Yu et al., ICML 2019)."""
    m = len(W)
    eye = torch.eye(m, dtype=W.dtype, device=W.device)
    return torch.linalg.matrix_power(eye + W * W / m, m).trace() - m


def gaussian_kl(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mu, exp log_var) ‖ N(0, 1)) in closed form, mean over entries."""
    return 0.5 * (mu.square() + log_var.exp() - 1 - log_var).mean()


def xavier_(module: nn.Module, generator: torch.Generator) -> None:
    """Xavier-normal weights and zero biases in every linear layer, from an explicit generator."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_normal_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)


class DagGnn(nn.Module):
    """VAE: [M_Z | log S_Z] = MLP(X)(I - Wᵀ), M_X = MLP(Z (I - Wᵀ)⁻¹) (Yu et al. 2019).

    Its MLPs see one gene at a time and are shared by all genes, as in DeepSEM.
    """

    def __init__(self, n_genes: int, n_hidden: int, generator: torch.Generator) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.zeros(n_genes, n_genes))

        def mlp(n_out: int) -> nn.Sequential:
            return nn.Sequential(nn.Linear(1, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_out))

        self.encoder, self.decoder = mlp(2), mlp(1)
        xavier_(self, generator)

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x, noise (B, m) -> reconstruction, mean and log-variance of the posterior, (B, m) each"""
        one_minus_W = torch.eye(len(self.W)) - self.W
        mu, log_var = (self.encoder(x.unsqueeze(-1)).movedim(-1, 0) @ one_minus_W.T).unbind()
        z = mu + noise * torch.exp(0.5 * log_var)
        h = torch.linalg.solve(one_minus_W, z.T).T  # z (I - Wᵀ)⁻¹
        return self.decoder(h.unsqueeze(-1))[..., 0], mu, log_var


def dag_gnn(
    X: np.ndarray, n_rounds: int = 8, n_steps: int = 150, lr: float = 3e-3, variance: float = 0.1,
    l1: float = 0.0, batch_size: int = 100, seed: int = 0,
) -> np.ndarray:  # fmt: skip
    """W (genes x genes) without loops from standardised expression X (cells x genes).

    `n_rounds` of an augmented Lagrangian, each with `n_steps` of Adam on -ELBO + λh + ½ρh².
    `variance` is that of the decoder, here a constant (the paper's decoder also gives variances);
    `l1` weighs the sum of |W| and is 0 in the paper.
    """
    generator = torch.Generator().manual_seed(seed)
    x_all = torch.as_tensor(X, dtype=torch.float32)
    model = DagGnn(x_all.shape[1], 64, generator)
    penalty, multiplier, last_h = 1.0, 0.0, math.inf
    for _ in range(n_rounds):
        optimiser = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(n_steps):
            x = x_all[torch.randint(len(x_all), (batch_size,), generator=generator)]
            x_hat, mu, log_var = model(x, torch.randn(x.shape, generator=generator))
            minus_elbo = F.mse_loss(x_hat, x) / (2 * variance) + gaussian_kl(mu, log_var)
            h = polynomial_acyclicity(model.W)
            sparse = l1 * model.W.abs().sum() / len(model.W)
            loss = minus_elbo + sparse + (multiplier * h + 0.5 * penalty * h * h) / len(model.W)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            model.W.data.fill_diagonal_(0)
        new_h = float(polynomial_acyclicity(model.W.detach()))
        multiplier += penalty * new_h
        if new_h > 0.25 * last_h:
            penalty *= 10
        last_h = new_h
    return model.W.detach().numpy().astype(np.float64)


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, n_rounds: int = 8,
    n_steps: int = 150,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator], signed."""
    return from_all_genes(lambda Z: dag_gnn(Z, n_rounds, n_steps, seed=seed), X, genes, tfs)
