"""DAZZLE in its smallest form: DeepSEM with a fixed prior and added zeros."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepsem_minimal.engine import interpolate
from deepsem_minimal.model import GeneMLP, GRNLayer, InverseGRNLayer
from deepsem_minimal.train import initial_W

from ..baselines.dag_gnn import gaussian_kl, xavier_


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
    X: np.ndarray,
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
) -> np.ndarray:
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
