"""From the linear SEM to RegDiffusion: what each later method adds, in its smallest form.

Every function maps expression (cells x genes) to W [target, regulator]. These are teaching
versions: they keep the idea of a method and drop its engineering. The published packages of DAZZLE
and RegDiffusion are in `baselines`; the linear SEM is `sem.fit_linear_sem`, DeepSEM is
`train.train`.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import minimize
from torch import Tensor, nn

from .fast import interpolate
from .model import GeneMLP, GRNLayer, InverseGRNLayer
from .networks import ranking_areas
from .train import initial_W

Array = NDArray[np.floating]


# --- NOTEARS: no loops, as an equation ------------------------------------------------------------


def acyclicity(W: Array) -> tuple[float, Array]:
    """h(W) = tr exp(W∘W) - m, zero exactly without loops, and its gradient (genes x genes).

    Zheng et al., NeurIPS 2018, theorem 1.
    """
    E = expm(W * W)
    return float(np.trace(E) - len(W)), 2 * E.T * W


def notears(
    X: Array, l1: float = 0.05, h_max: float = 1e-8, max_rounds: int = 100, max_iter: int = 1000
) -> Array:
    """W (genes x genes) without loops: min ½‖X - X Wᵀ‖²/n + l1 ‖W‖₁ subject to h(W) = 0.

    X (cells x genes) is centred but not scaled: the answer depends on the units of the genes.
    An augmented Lagrangian (Zheng et al. 2018, algorithm 1) with L-BFGS-B inside. W is the
    difference of two non-negative matrices, which makes the L1 term smooth. Nothing is thresholded.
    """
    S, m = np.cov(X, rowvar=False, bias=True), X.shape[1]
    free = np.tile(~np.eye(m, dtype=bool).ravel(), 2)
    bounds = [(0, None) if is_free else (0, 0) for is_free in free]  # no gene regulates itself
    parts, penalty, multiplier, h = np.zeros(2 * m * m), 1.0, 0.0, np.inf

    def split(parts: Array) -> Array:
        return (parts[: m * m] - parts[m * m :]).reshape(m, m)

    def lagrangian(parts: Array) -> tuple[float, Array]:
        W = split(parts)
        B, (h, grad_h) = np.eye(m) - W, acyclicity(W)
        loss = 0.5 * np.sum((B @ S) * B) + multiplier * h + 0.5 * penalty * h * h
        grad = (-B @ S + (multiplier + penalty * h) * grad_h).ravel()
        return loss + l1 * parts.sum(), np.concatenate([grad, -grad]) + l1

    for _ in range(max_rounds):
        while True:
            found = minimize(lagrangian, parts, jac=True, method="L-BFGS-B", bounds=bounds,
                             options={"maxiter": max_iter}).x  # fmt: skip
            new_h = acyclicity(split(found))[0]
            if new_h <= 0.25 * h or penalty >= 1e16:
                break
            penalty *= 10
        parts, h = found, new_h
        multiplier += penalty * h
        if h <= h_max or penalty >= 1e16:
            break
    return split(parts)


# --- DAG-GNN: a VAE around the SEM ----------------------------------------------------------------


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
    X: Array,
    n_rounds: int = 8,
    n_steps: int = 150,
    lr: float = 3e-3,
    variance: float = 0.1,
    l1: float = 0.0,
    batch_size: int = 100,
    seed: int = 0,
) -> Array:
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


# --- DAZZLE: DeepSEM made simpler, and zeros made on purpose --------------------------------------


def augment_dropout(x: Tensor, p: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Expression x (B, m) with a share p of its entries set to zero, and the mask of these."""
    mask = torch.rand(x.shape, generator=generator) < p
    return x.masked_fill(mask, 0.0), mask


class Dazzle(nn.Module):
    """DeepSEM's layers with the prior N(0, 1), and a classifier that looks for the added zeros."""

    def __init__(self, W: Tensor, n_hidden: int, generator: torch.Generator) -> None:
        super().__init__()
        self.f2, self.f1 = GeneMLP(1, 2, n_hidden), GeneMLP(1, 1, n_hidden)
        self.classifier = GeneMLP(1, 1, 1)
        self.grn = GRNLayer(W)
        self.inverse_grn = InverseGRNLayer(self.grn)
        xavier_(self, generator)

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x, noise (B, m) -> reconstruction, posterior mean and log-variance, logit of "added"."""
        h = interpolate(self.f2, x, 256)
        mu, log_var = self.grn(h[..., 0]), self.grn(h[..., 1])
        z = mu + noise * torch.exp(0.5 * log_var)
        x_hat = interpolate(self.f1, self.inverse_grn(z), 256)[..., 0]
        return x_hat, mu, log_var, self.classifier(z.unsqueeze(-1))[..., 0]


def dazzle(
    X: Array,
    alpha: float = 100.0,
    p: float = 0.1,
    n_epochs: int = 120,
    delay: int = 5,
    lr: float = 1e-4,
    lr_W: float = 2e-5,
    W_init: str = "authors",
    chi: float = 0.5,
    nonzero: bool = True,
    batch_size: int = 64,
    seed: int = 0,
) -> Array:
    """W (genes x genes) from log expression X (cells x genes) that is *not* standardised.

    Each step sets a share `p` of the entries to zero and then standardises with the mean and sd of
    all cells; p = 0 turns this and the classifier (weight `chi`) off. One Adam with β = (0.9, 0.9)
    trains all parameters; α·mean|W| starts after `delay` epochs. `nonzero` reconstructs only what
    was measured above zero. Zhu and Slonim, PLoS Comput. Biol. 2025; the defaults are those of the
    package `grn-dazzle`. A gene that is constant becomes 0.
    """
    generator = torch.Generator().manual_seed(seed)
    x_all = torch.as_tensor(X, dtype=torch.float32)
    mean, sd = x_all.mean(0), x_all.std(0, correction=0)
    sd = torch.where(sd > 0, sd, torch.inf)
    model = Dazzle(initial_W(x_all.shape[1], W_init, generator), 128, generator)
    W = model.grn.W
    others = [weight for weight in model.parameters() if weight is not W]
    groups = [{"params": others, "lr": lr}, {"params": [W], "lr": lr_W}]
    optimiser = torch.optim.Adam(groups, betas=(0.9, 0.9))
    rarity = torch.tensor((1 - p) / p if p else 1.0)  # weighs the few added zeros up
    for epoch in range(n_epochs):
        for cells in torch.randperm(len(x_all), generator=generator).split(batch_size):
            raw = x_all[cells]
            augmented, added = augment_dropout(raw, p, generator)
            x = (augmented - mean) / sd
            x_hat, mu, log_var, logit = model(x, torch.randn(x.shape, generator=generator))
            keep = (raw != 0).float() if nonzero else torch.ones_like(raw)
            loss = (keep * (x - x_hat).square()).sum() / keep.sum() + gaussian_kl(mu, log_var)
            if p:
                target = added.float()
                loss = loss + chi * F.binary_cross_entropy_with_logits(
                    logit, target, pos_weight=rarity
                )
            if epoch >= delay:
                loss = loss + alpha * W.abs().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            W.data.fill_diagonal_(0)
            model.inverse_grn.factor.stale = True
    return W.detach().numpy().astype(np.float64)


# --- RegDiffusion: guess the noise, never invert --------------------------------------------------


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
    X: Array,
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
) -> Array:
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


# --- how good is a W? -----------------------------------------------------------------------------


def auprc(W: Array, truth: Array, n_tfs: int) -> float:
    """AUPRC of |W| over the pairs TF → gene, the first `n_tfs` genes being the TFs."""
    allowed = np.arange(n_tfs) != np.arange(len(truth))[:, None]
    is_edge, scores = truth[:, :n_tfs][allowed] != 0, np.abs(W[:, :n_tfs])[allowed]
    return ranking_areas(is_edge, scores)[0]


def right_way(W: Array, truth: Array) -> float:
    """Share of the true edges that weigh more in W than their reverse; ties count ½."""
    forward, back = np.abs(W)[truth != 0], np.abs(W.T)[truth != 0]
    # Correlations are symmetric but for rounding.
    tied = np.isclose(forward, back, rtol=1e-4, atol=0)
    return float(np.mean(np.where(tied, 0.5, forward > back)))
