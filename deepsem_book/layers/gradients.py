"""How hard each part of the loss pushes on W, and which regulators it tells apart.

W is learned from the KL term, through the noise from the reconstruction, and from the L1 term. No
shortcut is taken: z is formed and multiplied by the inverse, in float64.
"""

import copy
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepsem_minimal.train import Member

N_DRAWS = 8  # draws of the noise
REGRESSION, REST = "KL: regression of h on its regulators", "KL: the rest (variances)"
NOISY, NOISELESS = "reconstruction", "reconstruction without noise"


def gradients_of_W(
    member: Member, X: np.ndarray, alpha: float
) -> tuple[dict[str, Tensor], list[Tensor]]:
    """Gradient of W (target x regulator) of each part of the loss, and of the reconstruction for
    each of N_DRAWS draws of the noise. X: standardised expression (cells x genes)."""
    model = copy.deepcopy(member.model).double().requires_grad_(False)
    W = model.grn.W.requires_grad_()
    x = torch.from_numpy(X).double()
    scan = model.scan(x, torch.ones(1, 1, dtype=torch.float64))

    def reconstruction(noise: Tensor) -> Tensor:
        mu, log_var = model.posterior(scan)
        z = mu + torch.exp(0.5 * log_var) * noise
        inverse = torch.linalg.inv(torch.eye(len(W), dtype=torch.float64) - W.T)
        return (model.decode(z @ inverse) - x).square().mean()

    noise = normal(x.shape, seed=0)
    shift, prior_log_var = model.grn(scan.mu - scan.prior_mu), model.grn(scan.prior_log_var)
    regression = 0.5 * (shift.square() / prior_log_var.detach().exp()).mean()
    kl = model.loss(scan, x, None, noise, 1.0, "closed").kl
    parts = {
        REGRESSION: regression,
        REST: kl - regression,
        NOISY: reconstruction(noise),
        NOISELESS: reconstruction(torch.zeros_like(noise)),
        "α · mean|W|": alpha * W.abs().mean(),
    }
    pushes = {
        name: torch.autograd.grad(part, W, retain_graph=True)[0] for name, part in parts.items()
    }
    others = [
        torch.autograd.grad(reconstruction(normal(x.shape, seed)), W)[0]
        for seed in range(1, N_DRAWS)
    ]
    return pushes, [pushes[NOISY], *others]


def normal(shape: torch.Size, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def split(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Mean over the regulators of each target (m, 1), and what is left (m, m), without diagonal."""
    others = matrix - torch.diag(matrix.diag())
    mean = others.sum(1, keepdim=True) / (len(matrix) - 1)
    rest = others - mean
    return mean, rest - torch.diag(rest.diag())


def rms(values: Tensor) -> float:
    """Root mean square."""
    return values.square().mean().sqrt().item()


def within_rows(first: Tensor, second: Tensor) -> float:
    """Correlation of two matrices within their rows: both without the mean of each row."""
    parts = [split(matrix)[1].ravel().numpy() for matrix in (first, second)]
    return float(np.corrcoef(parts)[0, 1])


def sizes(pushes: Mapping[str, Tensor]) -> pd.DataFrame:
    """How hard each part pushes: on all regulators of a target alike, and telling them apart."""
    columns = ["all regulators of a target alike", "regulators told apart"]
    rows = {name: [rms(part) for part in split(push)] for name, push in pushes.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def told_apart(
    W: np.ndarray, pushes: Mapping[str, Tensor], draws: Sequence[Tensor]
) -> pd.DataFrame:
    """Where the order of regulators comes from: one row per part of the loss.

    "size": of the push on differences between regulators; "r with W": how the differences within
    the rows of the trained W (target x regulator) follow the direction of the push.
    """
    trained = torch.from_numpy(W).double()
    parts = {
        REGRESSION: pushes[REGRESSION],
        REST: pushes[REST],
        "reconstruction, one draw of the noise": draws[0],
        f"reconstruction, mean of {len(draws)} draws": torch.stack(list(draws)).mean(0),
    }
    rows = {
        name: {"size": rms(split(push)[1]), "r with W": within_rows(trained, -push)}
        for name, push in parts.items()
    }
    return pd.DataFrame(rows).T


def between_draws(draws: Sequence[Tensor]) -> float:
    """Mean correlation of the pushes of two draws on differences between regulators."""
    apart = [split(push)[1].ravel().numpy() for push in draws]
    return float(np.corrcoef(apart)[np.triu_indices(len(draws), 1)].mean())


def answer(
    W: np.ndarray, pushes: Mapping[str, Tensor], draws: Sequence[Tensor]
) -> dict[str, float]:
    """The numbers of chapter 3's answer, from `gradients_of_W`."""
    r = told_apart(W, pushes, draws)["r with W"]
    return {
        "noiseless": rms(pushes[NOISELESS]) / rms(pushes[NOISY]),
        "regression": r[REGRESSION],
        "reconstruction": r.iloc[-1],
    }
