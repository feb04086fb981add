"""Linear SEM: min_W 1/2n ||X - X Wᵀ||² - log|det(I - W)| + α||W||₁ with diag(W) = 0; simulators with known W.

Cells are rows, X = X Wᵀ + Z (Eq. 1, corrected), and W is [target, regulator].
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def random_network(n_genes: int, n_regulators: int = 2, n_tfs: int | None = None, seed: int = 0) -> Array:
    """W (genes x genes), acyclic: the first `n_tfs` genes regulate; each gene has at most `n_regulators`.

    A gene is regulated only by TFs of a smaller index, so the spectral radius of W is 0.
    Weights are ±U(0.5, 1.0) / sqrt(number of regulators of the target).
    """
    n_tfs = n_genes if n_tfs is None else n_tfs
    if not 1 <= n_tfs <= n_genes:
        raise ValueError(f"n_tfs must be between 1 and n_genes = {n_genes}; got {n_tfs}.")
    rng, W = np.random.default_rng(seed), np.zeros((n_genes, n_genes))
    for target in range(1, n_genes):
        k = min(target, n_tfs, n_regulators)
        regulators = rng.choice(min(target, n_tfs), size=k, replace=False)
        W[target, regulators] = rng.choice([-1, 1], size=k) * rng.uniform(0.5, 1.0, size=k) / np.sqrt(k)
    return W


def simulate_linear(W: Array, n_cells: int, noise_sd: Array | float = 1.0, seed: int = 0) -> Array:
    """X (cells x genes) = Z (I - Wᵀ)⁻¹ with Z ~ N(0, noise_sd²) independent for each gene (Eq. 2)."""
    Z = np.random.default_rng(seed).normal(size=(n_cells, len(W))) * noise_sd
    return np.linalg.solve(np.eye(len(W)) - W, Z.T).T  # X (I - Wᵀ) = Z


def simulate_nonlinear(W: Array, n_cells: int, dropout: float = 0.0, seed: int = 0) -> Array:
    """Log expression (cells x genes, ≥ 0): x_j = softplus(1 + 2 Σ_i w_ji tanh(x_i - 1) + z_j), in order of index.

    Needs W strictly lower triangular (`random_network` gives one). With `dropout` > 0 an entry becomes 0 with
    probability `dropout` · exp(-x²/2): low expression is lost first, as in single-cell data.
    """
    if np.any(np.triu(W)):
        raise ValueError("simulate_nonlinear needs a strictly lower triangular W: order the genes by regulation.")
    rng, X = np.random.default_rng(seed), np.zeros((n_cells, len(W)))
    for j in range(len(W)):
        drive = 2 * np.tanh(X[:, :j] - 1) @ W[j, :j] + rng.normal(size=n_cells)
        X[:, j] = np.logaddexp(0, 1 + drive)
    return X * (rng.random(X.shape) >= dropout * np.exp(-(X**2) / 2))


def objective(W: Array, X: Array) -> tuple[float, Array]:
    """Gaussian negative log-likelihood per cell at unit noise, and its gradient (genes x genes)."""
    n, residual = len(X), X - X @ W.T  # Z, Eq. 2
    B = np.eye(len(W)) - W
    loss = 0.5 * np.sum(residual**2) / n - np.linalg.slogdet(B)[1]
    return loss, -residual.T @ X / n + np.linalg.inv(B).T


def fit_linear_sem(X: Array, alpha: float = 0.05, n_steps: int = 1000, step: float = 1.0) -> Array:
    """W (genes x genes) by proximal gradient descent with backtracking; X is centred first.

    Without an acyclicity constraint the likelihood is that of GOLEM (Ng, Ghassami & Zhang, NeurIPS 2020).
    """
    X = X - X.mean(0)
    W, (loss, grad) = np.zeros((X.shape[1],) * 2), objective(np.zeros((X.shape[1],) * 2), X)
    for _ in range(n_steps):
        proposal = W - step * grad
        proposal = np.sign(proposal) * np.maximum(np.abs(proposal) - step * alpha, 0)  # proximal map of α||W||₁
        np.fill_diagonal(proposal, 0)
        change, (new_loss, new_grad) = proposal - W, objective(proposal, X)
        if new_loss > loss + np.sum(grad * change) + np.sum(change**2) / (2 * step):
            step /= 2
        elif np.abs(change).max() < 1e-6:
            return proposal
        else:
            W, loss, grad = proposal, new_loss, new_grad
    return W


if __name__ == "__main__":
    truth = random_network(20, seed=1)
    estimate = fit_linear_sem(simulate_linear(truth, 1000, seed=1))
    print(f"largest error of W, 20 genes, 1000 cells: {np.abs(estimate - truth).max():.3f}")
