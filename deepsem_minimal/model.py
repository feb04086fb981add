"""Full definition of DeepSEM: gene-wise MLPs, GRN layer, inverse GRN layer, learned prior and loss.

Shapes: B cells in a batch, m genes, K components. Cells are rows, W is [target, regulator]; `Eq. n`
names the paper's equation in its corrected form, `ledger n` a row of the ledger.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from .config import Config
from .engine import Factor, Solve, Unmix, interpolate

COLDEST = 0.5  # temperature of the Gumbel-softmax at the end of a training and after it (ledger 4)


def mlp(*sizes: int) -> nn.Sequential:
    """Linear layers of these sizes with tanh between them."""
    pairs = ((nn.Linear(n_in, n_out), nn.Tanh()) for n_in, n_out in pairwise(sizes))
    return nn.Sequential(*[layer for pair in pairs for layer in pair][:-1])


class GeneMLP(nn.Module):
    """f₁ and f₂ of Eq. 5 and 6: one small network scans every gene by itself (ledger 1)."""

    def __init__(self, n_in: int, n_out: int, n_hidden: int) -> None:
        super().__init__()
        self.body = nn.Sequential(*mlp(n_in, n_hidden, n_hidden), nn.Tanh())
        self.heads = nn.ModuleList(nn.Linear(n_hidden, 1) for _ in range(n_out))

    def forward(self, x: Tensor) -> Tensor:  # (..., n_in) -> (..., n_out)
        hidden = self.body(x)
        return torch.cat([head(hidden) for head in self.heads], dim=-1)


class GRNLayer(nn.Module):
    """h ↦ h (I - Wᵀ): what is left of each gene without its regulators (Eq. 4)."""

    part: Tensor | None  # with W (m, n): the column of each gene (`engine.summed`)

    def __init__(self, W: Tensor) -> None:
        super().__init__()
        self.W = nn.Parameter(W)  # (m, m), [target, regulator], diagonal 0
        self.register_buffer("part", None)

    def forward(self, h: Tensor) -> Tensor:  # (B, m) -> (B, m)
        return Unmix.apply(self.W, h, self.part)  # h - h Wᵀ


class InverseGRNLayer(nn.Module):
    """z ↦ z (I - Wᵀ)⁻¹ with the W of `grn`: noise spread along the network (Eq. 3)."""

    def __init__(self, grn: GRNLayer) -> None:
        super().__init__()
        self.grn, self.factor = grn, Factor()

    def forward(self, z: Tensor) -> Tensor:  # (B, m) -> (B, m)
        return Solve.apply(self.grn.W, z, self.factor, self.grn.part)


class Prior(nn.Module):
    """p(Z | y): a mean and a log-variance for each gene and component, learned (ledger 3)."""

    def __init__(self, n_genes: int, n_components: int, n_hidden: int) -> None:
        super().__init__()
        self.mu, self.log_var = (mlp(n_components, n_hidden, n_genes) for _ in range(2))

    def forward(self, y: Tensor) -> tuple[Tensor, Tensor]:  # (B or 1, K) -> two of (B or 1, m)
        return self.mu(y), self.log_var(y)


class Loss(NamedTuple):
    """Two terms of Eq. 7; the third, α·mean|W|, needs no batch and is added in the step on W."""

    mse: Tensor
    kl: Tensor
    elbo: Tensor  # mse + β kl: minus the evidence lower bound


class Scan(NamedTuple):
    """What the MLPs say before the GRN layer; constant while W trains."""

    mu: Tensor  # (B, m)
    log_var: Tensor  # (B, m)
    prior_mu: Tensor  # (1 or B, m)
    prior_log_var: Tensor  # (1 or B, m)


class DeepSEM(nn.Module):
    """β-VAE whose encoder ends in a GRN layer and whose decoder begins with its inverse.

    W (m, m) is the initial network. Weights are drawn Xavier-normal, biases are 0; the random bias
    of the encoder is the weight of y, which for K = 1 is the constant 1 (ledger 4b). With
    `config.n_knots` tables stand in for the MLPs (`engine.interpolate`).
    """

    def __init__(self, config: Config, W: Tensor, generator: Generator | None = None) -> None:
        super().__init__()
        m, K, n_hidden = len(W), config.n_components, config.n_hidden
        self.n_components, self.n_knots = K, config.n_knots
        self.sees_y = config.encoder_bias == "random" or K > 1
        self.f2 = GeneMLP(1 + K if self.sees_y else 1, 2, n_hidden)
        self.f1 = GeneMLP(1, 1, n_hidden)
        self.prior = Prior(m, K, n_hidden)
        self.cluster = mlp(m, n_hidden, n_hidden, K) if K > 1 else nn.Sequential()  # q(y | x)
        self.grn = GRNLayer(W)
        self.inverse_grn = InverseGRNLayer(self.grn)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_normal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)

    def encode(self, x: Tensor, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (B, m) of q(Z | X), x (B, m); `generator` (or seed 0) draws y."""
        generator = generator or Generator().manual_seed(0)
        return self.posterior(self.scan(x, self.cluster_of(x, COLDEST, generator)[0]))

    def cluster_of(
        self, x: Tensor, temperature: float, generator: Generator | None
    ) -> tuple[Tensor, Tensor]:
        """Gumbel-softmax sample y (B, K) of q(y | x), and log K - H(q). K = 1: ones (1, 1), 0."""
        if self.n_components == 1:
            return x.new_ones(1, 1), x.new_zeros(())
        log_q = F.log_softmax(self.cluster(x), dim=-1)
        gumbel = -torch.log(torch.empty_like(log_q).exponential_(generator=generator))
        divergence = math.log(self.n_components) + (log_q.exp() * log_q).sum(-1).mean()
        return F.softmax((log_q + gumbel) / temperature, dim=-1), divergence

    def scan(self, x: Tensor, y: Tensor) -> Scan:
        """f₂ on each gene, and the prior: x (B, m) standardised expression, y (1 or B, K)."""

        def f2(v: Tensor) -> Tensor:  # (n, 1) or (B, m, 1) -> (..., 2)
            shape = (*v.shape[:-1], -1)
            context = y.unsqueeze(1).expand(shape) if v.dim() == 3 else y.expand(shape)
            return self.f2(torch.cat([v, context], dim=-1) if self.sees_y else v)

        h = self.each_gene(f2, x, tabulate=self.n_components == 1)  # Eq. 6
        return Scan(h[..., 0], h[..., 1], *self.prior(y))

    def decode(self, h: Tensor) -> Tensor:
        """f₁ on each gene, Eq. 5: (B, m) -> standardised expression (B, m)."""
        return self.each_gene(self.f1, h)[..., 0]

    def each_gene(self, f: Callable[[Tensor], Tensor], x: Tensor, tabulate: bool = True) -> Tensor:
        """f on every entry of x (B, m) -> (B, m, n_out), from a table where f takes one number."""
        return interpolate(f, x, self.n_knots) if tabulate and self.n_knots else f(x.unsqueeze(-1))

    def posterior(self, scan: Scan) -> tuple[Tensor, Tensor]:
        """q(Z | X): mean and log-variance (B, m), both through the GRN layer (ledger 2)."""
        return self.grn(scan.mu), self.grn(scan.log_var)

    def loss(
        self, scan: Scan, x: Tensor, keep: Tensor | None, noise: Tensor, beta: float,
        kl: str = "sample",
    ) -> Loss:  # fmt: skip
        """Eq. 7 without its L1 term, for one batch x (B, m) and normal noise (B, m).

        `keep` (B, m) marks the entries to reconstruct (ledger 7); None means all.
        """
        # One pass through the GRN layer for three things instead of four passes: without it a step
        # takes an eighth longer at 821 genes, a sixth at 1448.
        shift, log_var, prior_log_var = self.grn(
            torch.cat([scan.mu - scan.prior_mu, scan.log_var, scan.prior_log_var])
        ).split([len(x), len(x), len(scan.prior_log_var)])
        perturbation = noise * torch.exp(0.5 * log_var)  # z - μ
        # z (I - Wᵀ)⁻¹ = (μ + σε)(I - Wᵀ)⁻¹ and μ = h (I - Wᵀ): only the noise passes the inverse.
        x_hat = self.decode(scan.mu + self.inverse_grn(perturbation))
        if keep is None:
            mse = F.mse_loss(x_hat, x)
        else:
            mse = F.mse_loss(x_hat * keep, x * keep, reduction="sum") / keep.sum().clamp_min(1)
        z_score = (shift + perturbation) * torch.exp(-0.5 * prior_log_var)  # of z under the prior
        if kl == "sample":  # log q(z) - log p(z) at the sampled z, mean over genes (ledger 5)
            minus_log_p = prior_log_var.mean() + mean_square(z_score)
            divergence = 0.5 * (minus_log_p - log_var.mean() - mean_square(noise))
        else:  # KL(q || p) of two Gaussians, mean over genes
            ratio = torch.exp(log_var - prior_log_var)
            distance = shift.square() / prior_log_var.exp()
            divergence = 0.5 * (ratio + distance - 1 - log_var + prior_log_var).mean()
        return Loss(mse, divergence, mse + beta * divergence)


def mean_square(x: Tensor) -> Tensor:
    return torch.dot(x.flatten(), x.flatten()) / x.numel()
