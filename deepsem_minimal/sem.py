"""The linear SEM: X = X Wᵀ + Z solved, simulated and fitted; simulators whose W is known.

Cells are rows (Eq. 1 and 2 in corrected form) and W is [target, regulator]. The fit is
min_W ½ tr(B S Bᵀ) - log|det B| + α‖W‖₁ with B = I - W, diag(W) = 0 and S the covariance of X.
"""

import numpy as np


def random_network(
    n_genes: int, n_regulators: int = 2, n_tfs: int | None = None, seed: int = 0
) -> np.ndarray:
    """W (genes x genes), acyclic: the first `n_tfs` genes (default: all) may regulate.

    A gene has min(n_regulators, TFs of smaller index) regulators, all of smaller index, so the
    spectral radius of W is 0. Weights are ±U(0.5, 1) / √(number of regulators of the target).
    Raises ValueError when `n_tfs` is not between 1 and `n_genes`.
    """
    n_tfs = n_genes if n_tfs is None else n_tfs
    if not 1 <= n_tfs <= n_genes:
        raise ValueError(f"n_tfs must be between 1 and n_genes = {n_genes}; got {n_tfs}.")
    rng, W = np.random.default_rng(seed), np.zeros((n_genes, n_genes))
    for target in range(1, n_genes):
        k = min(target, n_tfs, n_regulators)
        regulators = rng.choice(min(target, n_tfs), size=k, replace=False)
        sign, size = rng.choice([-1, 1], size=k), rng.uniform(0.5, 1.0, size=k)
        W[target, regulators] = sign * size / np.sqrt(k)
    return W


def simulate_linear(
    W: np.ndarray, n_cells: int, noise_sd: np.ndarray | float = 1.0, seed: int = 0
) -> np.ndarray:
    """X (cells x genes) = Z (I - Wᵀ)⁻¹ with Z ~ N(0, noise_sd²), independent by gene (Eq. 2)."""
    Z = np.random.default_rng(seed).normal(size=(n_cells, len(W))) * noise_sd
    return np.linalg.solve(np.eye(len(W)) - W, Z.T).T  # X (I - Wᵀ) = Z


def simulate_nonlinear(
    W: np.ndarray, n_cells: int, dropout: float = 0.0, seed: int = 0, silent: int | None = None
) -> np.ndarray:
    """Log expression (cells x genes, ≥ 0): x_j = softplus(1 + 2 Σ_i w_ji tanh(x_i - 1) + z_j).

    Genes follow in order of index, so W must be strictly lower triangular, as `random_network`
    gives it (ValueError otherwise). With `dropout` > 0 an entry becomes 0 with probability
    dropout · exp(-x²/2): low expression is lost first, as in single-cell data. A gene `silent` is 0
    in every cell, and its targets see that; all else is as without it.
    """
    if np.any(np.triu(W)):
        raise ValueError("W must be strictly lower triangular: put regulators before targets.")
    rng, X = np.random.default_rng(seed), np.zeros((n_cells, len(W)))
    for j in range(len(W)):
        drive = 2 * np.tanh(X[:, :j] - 1) @ W[j, :j] + rng.normal(size=n_cells)
        X[:, j] = 0 if j == silent else np.logaddexp(0, 1 + drive)
    return X * (rng.random(X.shape) >= dropout * np.exp(-(X**2) / 2))


def objective(W: np.ndarray, S: np.ndarray) -> tuple[float, np.ndarray]:
    """Gaussian negative log-likelihood per cell at unit noise, and its gradient (genes x genes).

    S is the covariance of X (genes x genes): a linear SEM knows the data only through it.
    """
    B = np.eye(len(W)) - W  # Zᵀ = B Xᵀ (Eq. 2), so Z has the covariance B S Bᵀ
    loss = 0.5 * np.sum((B @ S) * B) - np.linalg.slogdet(B)[1]
    return float(loss), -B @ S + np.linalg.inv(B).T


def fit_linear_sem(
    X: np.ndarray, alpha: float = 0.05, n_steps: int = 1000, step: float = 1.0
) -> np.ndarray:
    """W (genes x genes) from X (cells x genes) by proximal gradient descent with backtracking.

    The likelihood is that of GOLEM (Ng, Ghassami & Zhang, NeurIPS 2020) with noise variances fixed
    at 1 and without the acyclicity term. Raises ValueError when X is not finite.
    """
    X = np.asarray(X, dtype=np.float64)
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN or infinite values: remove these cells or genes first.")
    S = np.cov(X, rowvar=False, bias=True)
    W = np.zeros_like(S)
    loss, grad = objective(W, S)
    for _ in range(n_steps):
        new = W - step * grad
        new = np.sign(new) * np.maximum(np.abs(new) - step * alpha, 0)  # proximal map of α‖W‖₁
        np.fill_diagonal(new, 0)
        change, (new_loss, new_grad) = new - W, objective(new, S)
        if new_loss > loss + np.sum(grad * change) + np.sum(change**2) / (2 * step):
            step /= 2
        elif np.abs(change).max() < 1e-6:
            return new
        else:
            W, loss, grad = new, new_loss, new_grad
    return W


if __name__ == "__main__":
    truth = random_network(20, seed=1)
    estimate = fit_linear_sem(simulate_linear(truth, 1000, seed=1))
    print(f"largest error of W, 20 genes, 1000 cells: {np.abs(estimate - truth).max():.3f}")
