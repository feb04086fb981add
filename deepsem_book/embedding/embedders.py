"""The paper's other embeddings: PCA, factor analysis, ZIFA, DCA and (optional) scVI.

Each takes cells x genes and a seed and returns cells x dimensions. PCA, factor analysis and ZIFA
read log expression; DCA and scVI read counts.
"""

import random
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from sklearn.decomposition import PCA, FactorAnalysis
from torch import Tensor, nn


def pca(X: np.ndarray, n: int = 50, seed: int = 0) -> np.ndarray:
    """The first n principal components (cells x n)."""
    return PCA(min(n, *X.shape), random_state=seed).fit_transform(np.asarray(X, np.float64))


def factor_analysis(X: np.ndarray, n: int = 10, seed: int = 0, max_iter: int = 200) -> np.ndarray:
    """Posterior means of n factors; noise of its own for each gene (scikit-learn)."""
    model = FactorAnalysis(n, max_iter=max_iter, random_state=seed)
    return model.fit_transform(np.asarray(X, np.float64))


# --- ZIFA: factor analysis with dropout -----------------------------------------------------------


class ZIFA(NamedTuple):
    """z ~ N(0, I), x = A z + mu + N(0, var); y = 0 with probability exp(-decay x²), else y = x.

    Pierson and Yau, Genome Biology 2015. A: genes x factors; mu, var: (genes,).
    """

    A: np.ndarray
    mu: np.ndarray
    var: np.ndarray
    decay: float


class Moments(NamedTuple):
    """What the E step says of the factors z and of the expression x behind each zero."""

    z: np.ndarray  # E[z], cells x factors
    zz: np.ndarray  # E[z zᵀ], cells x factors x factors
    log_p: np.ndarray  # log density of each cell (cells,)


def expect(model: ZIFA, Y: np.ndarray) -> Moments:
    """E step. Given the zeros, exp(-decay x²) is a Gaussian factor, so the posterior is exact.

    A non-zero entry sees z through noise of variance var. Behind a zero, integrating x out leaves
    an observation "0" of a z + mu with variance var + 1 / (2 decay).
    """
    A, mu, var, decay = model
    zero, k = Y == 0, A.shape[1]
    weight = np.where(zero, 1 / (var + 0.5 / decay), 1 / var)  # cells x genes
    residual = Y - mu
    outer = (A[:, :, None] * A[:, None, :]).reshape(len(A), -1)
    precision = np.eye(k) + (weight @ outer).reshape(-1, k, k)
    b = (weight * residual) @ A
    cov = np.linalg.inv(precision)
    z = np.einsum("nij,nj->ni", cov, b)
    # log ∫ N(z; 0, I) Π_g factor_g(z) dz; the factor of a zero is √(1 / (1 + 2 decay var)) times
    # exp(-decay m² / (1 + 2 decay var)) with m = a z + mu.
    detected = np.log(-np.expm1(-decay * np.where(zero, 1.0, Y) ** 2))
    constant = np.where(
        zero, -0.5 * np.log1p(2 * decay * var), -0.5 * np.log(2 * np.pi * var) + detected
    )
    log_p = (constant - 0.5 * weight * residual**2).sum(axis=1)
    log_p += 0.5 * (b * z).sum(axis=1) - 0.5 * np.linalg.slogdet(precision)[1]
    return Moments(z, cov + z[:, :, None] * z[:, None, :], log_p)


def maximise(model: ZIFA, Y: np.ndarray, moments: Moments) -> ZIFA:
    """M step: gene by gene a regression of E[x] on z, then the decay by a search in one dimension.

    Behind a zero, x given z is Gaussian with mean c (a z + mu) and variance c var, where
    c = 1 / (1 + 2 decay var).
    """
    A, mu, var, decay = model
    zero, (n, k) = Y == 0, moments.z.shape
    first = np.concatenate([moments.z, np.ones((n, 1))], axis=1)  # E[z̃], z̃ = (z, 1)
    second = np.empty((n, k + 1, k + 1))  # E[z̃ z̃ᵀ]
    second[:, :k, :k], second[:, k, :], second[:, :, k] = moments.zz, first, first
    B = np.concatenate([A, mu[:, None]], axis=1)  # genes x (k + 1)
    c = 1 / (1 + 2 * decay * var)
    at_zero = (zero.T.astype(np.float64) @ second.reshape(n, -1)).reshape(-1, k + 1, k + 1)
    fitted = np.einsum("gij,gj->gi", at_zero, B)  # Σ over zeros of E[(a z + mu) z̃]
    xz = Y.T @ first + c[:, None] * fitted  # Σ E[x z̃]
    behind = zero.sum(axis=0) * c * var + c**2 * (B * fitted).sum(axis=1)  # Σ over zeros of E[x²]
    xx = (Y**2).sum(axis=0) + behind
    new = np.linalg.solve(second.sum(axis=0), xz.T).T
    new_var = np.maximum((xx - (new * xz).sum(axis=1)) / n, 1e-6)
    squares, total = Y[~zero] ** 2, behind.sum()

    def loss(log_decay: float) -> float:
        value = np.exp(log_decay)
        return float(value * total - np.log(-np.expm1(-value * squares)).sum())

    best = minimize_scalar(loss, bounds=(np.log(1e-4), np.log(1e3)), method="bounded")
    new_decay = float(np.exp(best.x)) if best.fun <= loss(np.log(decay)) else decay
    return ZIFA(new[:, :k], new[:, k], new_var, new_decay)


def start_zifa(Y: np.ndarray, n: int, seed: int) -> ZIFA:
    """A factor analysis that takes the zeros as values, and a moderate decay."""
    guess = FactorAnalysis(n, max_iter=20, random_state=seed).fit(Y)
    return ZIFA(guess.components_.T, guess.mean_, np.maximum(guess.noise_variance_, 1e-2), 0.1)


def zifa(
    X: np.ndarray, n: int = 10, seed: int = 0, n_iter: int = 30
) -> tuple[np.ndarray, ZIFA, list[float]]:
    """Embedding (cells x n), the model, and the mean log density of a cell at each iteration."""
    Y = np.asarray(X, np.float64)
    model, history = start_zifa(Y, n, seed), []
    for _ in range(n_iter):
        moments = expect(model, Y)
        history.append(float(moments.log_p.mean()))
        model = maximise(model, Y, moments)
    moments = expect(model, Y)
    return moments.z, model, [*history, float(moments.log_p.mean())]


# --- DCA: an autoencoder with a ZINB loss ---------------------------------------------------------


def zinb_log_prob(counts: Tensor, mean: Tensor, dispersion: Tensor, logit: Tensor) -> Tensor:
    """log p of counts: 0 with probability sigmoid(logit), else negative binomial.

    The negative binomial has the given mean and variance mean + mean² / dispersion. Shapes
    broadcast; the result has that of `counts`.
    """
    eps = 1e-8
    log_mix = torch.log(dispersion + mean + eps)
    log_zero = dispersion * (torch.log(dispersion + eps) - log_mix)  # log NB(0)
    log_nb = (
        log_zero
        + counts * (torch.log(mean + eps) - log_mix)
        + torch.lgamma(counts + dispersion)
        - torch.lgamma(dispersion)
        - torch.lgamma(counts + 1)
    )
    keep, drop = nn.functional.logsigmoid(-logit), nn.functional.logsigmoid(logit)
    return torch.where(counts < 0.5, torch.logaddexp(drop, keep + log_zero), keep + log_nb)


class DCA(nn.Module):
    """Autoencoder 64-32-64 of counts (Eraslan et al., Nat. Commun. 2019)."""

    def __init__(self, n_genes: int, n_hidden: int = 64, n_code: int = 32) -> None:
        super().__init__()

        def layer(a: int, b: int) -> nn.Sequential:
            return nn.Sequential(nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU())

        self.encoder = nn.Sequential(layer(n_genes, n_hidden), nn.Linear(n_hidden, n_code))
        self.decoder = nn.Sequential(nn.BatchNorm1d(n_code), nn.ReLU(), layer(n_code, n_hidden))
        self.heads = nn.ModuleList(nn.Linear(n_hidden, n_genes) for _ in range(3))

    def forward(self, x: Tensor, size: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean, dispersion and dropout logit (B, m) of x (B, m) with size factors (B, 1)."""
        h = self.decoder(self.encoder(x))
        mean, dispersion, logit = (head(h) for head in self.heads)
        mean = size * torch.exp(mean.clamp(-12, 12))
        return mean, nn.functional.softplus(dispersion).clamp(1e-4, 1e4), logit


def dca_input(counts: np.ndarray) -> tuple[Tensor, Tensor]:
    """Standardised log counts per median total (cells x genes), and size factors (cells x 1)."""
    total = counts.sum(axis=1, keepdims=True)
    size = np.maximum(total, 1) / np.median(total[total > 0])
    X = np.log1p(counts / size)
    sd = X.std(axis=0)
    X = (X - X.mean(axis=0)) / np.where(sd > 0, sd, 1)
    return torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(size, dtype=torch.float32)


def dca(counts: np.ndarray, seed: int = 0, n_epochs: int = 100, lr: float = 1e-3) -> np.ndarray:
    """The code of a ZINB autoencoder (cells x 32) of counts (cells x genes, integers).

    No early stopping: a fixed number of epochs in batches of 64. The bottleneck is read before its
    batch norm.
    """
    counts = np.asarray(counts, np.float64)
    x, size = dca_input(counts)
    y = torch.as_tensor(counts, dtype=torch.float32)
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = DCA(x.shape[1])
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(n_epochs):
        order = torch.randperm(len(x), generator=generator)
        for batch in order.split(64):
            if len(batch) < 2:  # batch norm needs two cells
                continue
            loss = -zinb_log_prob(y[batch], *model(x[batch], size[batch])).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
    model.eval()
    with torch.no_grad():
        return model.encoder(x).numpy()


# --- scVI, from its own package -------------------------------------------------------------------


def scvi(counts: np.ndarray, seed: int = 0, n_epochs: int | None = None) -> np.ndarray:
    """scVI's latent means (cells x 10) with its package's defaults (Lopez et al., 2018).

    Raises ImportError with the install command when scvi-tools is missing.
    """
    try:
        import scvi as package
    except ImportError as error:
        message = "scVI needs `pip install -r requirements-embedding.txt`."
        raise ImportError(message) from error
    from anndata import AnnData

    states = random.getstate(), np.random.get_state(), torch.random.get_rng_state()  # noqa: NPY002
    try:
        package.settings.seed = seed
        adata = AnnData(np.asarray(counts, np.float32))
        package.model.SCVI.setup_anndata(adata)
        model = package.model.SCVI(adata)
        model.train(max_epochs=n_epochs, accelerator="cpu", enable_progress_bar=False)
        return np.asarray(model.get_latent_representation())
    finally:  # the package seeds the generators of the whole process
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.random.set_rng_state(states[2])
