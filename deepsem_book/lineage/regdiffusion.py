"""RegDiffusion in its smallest form: noise is predicted, nothing is inverted."""

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..baselines.dag_gnn import xavier_


class Schedule(NamedTuple):
    """x_t = signal_t · x_0 + noise_t · ε, with signal_t² + noise_t² = 1."""

    signal: Tensor  # (T,)
    noise: Tensor  # (T,)


def noise_schedule(n_levels: int = 5000, start: float = 1e-4, end: float = 0.02) -> Schedule:
    """T levels of noise: signal_t = √Π(1 - β_s), β linear from start to end, times 1000/T."""
    betas = torch.linspace(start, end, n_levels, dtype=torch.float64) * 1000 / n_levels
    kept = torch.cumprod(1 - betas, dim=0)
    return Schedule(kept.sqrt().float(), (1 - kept).sqrt().float())


def shrink(x: Tensor, tau: float) -> Tensor:
    """Soft threshold: what is left of x (any shape) when tau is taken off its absolute value."""
    return torch.sign(x) * F.relu(x.abs() - tau)


class NoisePredictor(nn.Module):
    """ε(x_t, t): a small network for each gene, then one GRN layer, and no inverse.

    A gene enters with its value and a learned embedding, the level t with sines and cosines.
    """

    def __init__(
        self, n_genes: int, n_levels: int, n_hidden: int, dead_zone: float, seed: int
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.unit = 1 / (n_genes - 1)
        self.dead_zone = dead_zone * self.unit
        self.W = nn.Parameter(torch.full((n_genes, n_genes), 5 * self.unit))
        self.genes = nn.Parameter(torch.randn(n_genes, n_hidden - 1, generator=generator))
        frequency = torch.exp(-math.log(1e4) * torch.arange(16) / 15)
        angle = torch.arange(n_levels)[:, None] * frequency
        self.register_buffer("waves", torch.cat([angle.sin(), angle.cos()], dim=1))
        self.of_gene, self.of_time = nn.Linear(n_hidden, n_hidden), nn.Linear(32, n_hidden)
        self.mix, self.out = nn.Linear(n_hidden + 1, n_hidden), nn.Linear(n_hidden, 1)
        xavier_(self, generator)

    def network(self) -> Tensor:
        """W as it is used and reported: soft-thresholded, diagonal 0 (m, m)."""
        return shrink(self.W, self.dead_zone).fill_diagonal_(0)

    def forward(self, x: Tensor, t: Tensor, W: Tensor) -> Tensor:
        """x (B, m) noisy expression, t (B,) levels, W (m, m) -> predicted noise (B, m)."""
        value = x.unsqueeze(-1)
        genes = torch.tanh(self.genes).expand(len(x), -1, -1)
        h = torch.tanh(self.of_gene(torch.cat([torch.tanh(value), genes], dim=-1)))
        time = torch.tanh(self.of_time(self.get_buffer("waves")[t])).unsqueeze(1)
        h = torch.tanh(self.mix(torch.cat([h + time, value], dim=-1)))  # (B, m, n_hidden)
        # Both the last layer and the GRN layer are linear, so their order does not matter: the
        # projection goes first and the GRN layer mixes one number per gene instead of n_hidden.
        h = (h @ self.out.weight[0]).contiguous()
        return h - h @ W.T + self.out.bias


def regdiffusion(
    X: np.ndarray,
    n_steps: int = 1000,
    n_levels: int = 5000,
    edge_dropout: float = 0.3,
    l1: float = 0.25,
    lr: float = 1e-3,
    lr_W: float | None = None,
    dead_zone: float = 0.5,
    n_hidden: int = 16,
    batch_size: int = 128,
    seed: int = 0,
) -> np.ndarray:
    """W (genes x genes) from standardised expression X (cells x genes).

    A step draws cells and levels t, adds the noise of t and lowers the error of the predicted
    noise, with a share `edge_dropout` of W left out and l1·mean|W| after ten steps. `lr_W` is
    1/50 of 1/(m - 1) by default. A weight within `dead_zone`/(m - 1) of zero counts as zero and has
    no gradient. Weights start at 5/(m - 1), so hardly any becomes negative unless the zone is 0.
    Zhu and Slonim, J. Comput. Biol. 2024; the defaults are those of the package `regdiffusion`,
    whose network has two blocks where this one has one.
    """
    generator = torch.Generator().manual_seed(seed)
    x_all = torch.as_tensor(X, dtype=torch.float32)
    schedule = noise_schedule(n_levels)
    model = NoisePredictor(x_all.shape[1], n_levels, n_hidden, dead_zone, seed)
    others = [weight for weight in model.parameters() if weight is not model.W]
    optimiser = torch.optim.Adam(
        [
            {"params": others, "lr": lr, "weight_decay": 0.1},
            {"params": [model.W], "lr": lr_W or model.unit / 50, "weight_decay": 0.01},
        ],
        betas=(0.9, 0.99),
    )
    for step in range(n_steps):
        x_0 = x_all[torch.randint(len(x_all), (batch_size,), generator=generator)]
        t = torch.randint(n_levels, (batch_size,), generator=generator)
        noise = torch.randn(x_0.shape, generator=generator)
        x_t = schedule.signal[t, None] * x_0 + schedule.noise[t, None] * noise
        W = model.network()
        kept = torch.rand(W.shape, generator=generator) >= edge_dropout
        loss = F.mse_loss(model(x_t, t, W * kept / (1 - edge_dropout)), noise)
        if step > 10:
            loss = loss + l1 * W.abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.network().detach().numpy().astype(np.float64)
