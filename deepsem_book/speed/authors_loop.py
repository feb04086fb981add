"""The authors' training loop, rewritten and kept slow: what the fast engine must reproduce.

Direct MLPs, `torch.inverse`, every quantity recomputed at every step, in the order of steps of
github.com/HantaoShu/DeepSEM (commit 89c41a3), for one component (K = 1). Nothing here is shared
with `model.py`, so that the two can be compared. Mirrors ledger rows 1-6, 9-12.
"""

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from deepsem_minimal.config import Config


class PlainVAE(nn.Module):
    """x (cells, genes) -> loss; `A` is W [target, regulator]."""

    def __init__(self, A: np.ndarray, n_hidden: int) -> None:
        super().__init__()
        m, d = len(A), n_hidden
        self.A = nn.Parameter(torch.tensor(A, dtype=torch.float32))
        self.q_body = nn.Sequential(nn.Linear(2, d), nn.Tanh(), nn.Linear(d, d), nn.Tanh())
        self.q_mu, self.q_log_var = nn.Linear(d, 1), nn.Linear(d, 1)
        self.p_mu = nn.Sequential(nn.Linear(1, d), nn.Tanh(), nn.Linear(d, m))
        self.p_log_var = nn.Sequential(nn.Linear(1, d), nn.Tanh(), nn.Linear(d, m))
        self.p_x = nn.Sequential(
            nn.Linear(1, d), nn.Tanh(), nn.Linear(d, d), nn.Tanh(), nn.Linear(d, 1)
        )
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_normal_(layer.weight)
                nn.init.zeros_(layer.bias)

    def forward(
        self, x: Tensor, mask: Tensor | None, noise: Tensor, beta: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction, KL and cluster loss; `mask` marks the entries to rebuild (None: all)."""
        m = len(self.A)
        one_minus_A_t = (
            torch.eye(m, device=x.device) - (self.A * (1 - torch.eye(m, device=x.device))).T
        )
        inverse = torch.inverse(one_minus_A_t)
        y = torch.ones(
            len(x), 1, device=x.device
        )  # Gumbel-softmax of one logit is the constant 1 (ledger 4)
        hidden = self.q_body(torch.cat([x.unsqueeze(-1), y.unsqueeze(1).repeat(1, m, 1)], dim=2))
        mu = self.q_mu(hidden).squeeze(2) @ one_minus_A_t
        var = torch.exp(self.q_log_var(hidden).squeeze(2) @ one_minus_A_t)
        z = mu + noise * torch.sqrt(var + 1e-10)
        x_hat = self.p_x((z @ inverse).unsqueeze(-1)).squeeze(2)
        prior_mu = self.p_mu(y) @ one_minus_A_t
        prior_var = torch.exp(self.p_log_var(y) @ one_minus_A_t)
        square = (x - x_hat).pow(2)
        rec = square.mean() if mask is None else (square * mask).sum() / mask.sum()
        kl = (log_normal(z, mu, var) - log_normal(z, prior_mu, prior_var)).mean()
        return rec, beta * kl, torch.tensor(-beta * math.log(0.1))


def log_normal(x: Tensor, mu: Tensor, var: Tensor) -> Tensor:
    var = var + 1e-8
    return -0.5 * (math.log(2 * math.pi) + torch.log(var) + (x - mu).pow(2) / var).mean(-1)


def train_plain(
    X: np.ndarray,
    mask: np.ndarray,
    config: "Config",
    seed: int,
    device: str = "cpu",
) -> tuple[np.ndarray, float]:
    """Train one member as the authors do; return W (target x regulator) and the seconds it took.

    `X` is standardised (cells x genes); `mask` is 1 where the raw value is not zero.
    """
    torch.manual_seed(seed)
    rng, m = np.random.default_rng(seed), X.shape[1]
    A = np.ones((m, m)) / (m - 1) + rng.random((m, m)) * 2e-4  # ledger 9
    np.fill_diagonal(A, 0)
    vae = PlainVAE(A, config.n_hidden).to(device)
    mlps = torch.optim.RMSprop(vae.parameters(), lr=config.lr)
    only_A = torch.optim.RMSprop([vae.A], lr=config.lr_W)
    decay = torch.optim.lr_scheduler.StepLR(mlps, step_size=1, gamma=config.lr_decay)
    data = torch.utils.data.TensorDataset(
        torch.tensor(X, dtype=torch.float32), torch.tensor(mask, dtype=torch.float32)
    )
    loader = torch.utils.data.DataLoader(data, batch_size=config.batch_size, shuffle=True)
    start = time.perf_counter()
    for epoch in range(config.n_epochs):
        train_mlps = epoch % (config.K1 + config.K2) < config.K1  # ledger 10
        vae.A.requires_grad = not train_mlps
        for x, keep in loader:
            x, keep = x.to(device), keep.to(device)
            mlps.zero_grad()
            rec, kl, cluster = vae(
                x,
                keep if config.reconstruct == "nonzero" else None,
                torch.randn_like(x),
                config.beta,
            )
            loss = rec + kl + cluster + config.alpha * vae.A.abs().mean()  # Eq. 7, ledger 6
            loss.backward()
            loss.item()  # the authors wait for five such numbers at every step
            (mlps if train_mlps else only_A).step()
        decay.step()
    return vae.A.detach().cpu().numpy(), time.perf_counter() - start
