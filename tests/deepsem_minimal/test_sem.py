"""The linear SEM and its simulators against formulas, hand-made networks and known truth."""

import numpy as np
import pandas as pd
import pytest

from deepsem_minimal import metrics, networks, sem

CHAIN = np.array([[0.0, 0, 0], [0.8, 0, 0], [0, -0.5, 0]])  # gene 0 → gene 1 ⊣ gene 2


def auprc_and_density(scores, truth):
    genes = [f"g{i}" for i in range(len(truth))]
    targets, regulators = np.nonzero(truth)
    known = pd.DataFrame(
        {
            "Gene1": [genes[r] for r in regulators],
            "Gene2": [genes[t] for t in targets],
        }
    )
    scored = metrics.evaluate(networks.edge_table(scores, genes), known, genes)
    return scored["auprc"], scored["density"]


@pytest.mark.parametrize("n_tfs", [None, 1, 7])
def test_random_network_properties(n_tfs):
    W = sem.random_network(40, n_regulators=3, n_tfs=n_tfs, seed=5)
    tfs = 40 if n_tfs is None else n_tfs
    assert not np.any(np.triu(W)) and not np.any(W[:, tfs:])
    expected = [min(target, tfs, 3) for target in range(40)]
    assert np.count_nonzero(W, axis=1).tolist() == expected
    size = np.abs(W) * np.sqrt(np.maximum(expected, 1))[:, None]
    assert size[W != 0].min() >= 0.5 and size.max() <= 1.0
    assert np.abs(np.linalg.eigvals(W)).max() < 1e-6
    if n_tfs != 1:
        assert (W > 0).any() and (W < 0).any()


def test_random_network_seeds():
    first, same, other = (sem.random_network(15, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


@pytest.mark.parametrize("n_tfs", [0, 11, -1])
def test_random_network_refuses_impossible_tfs(n_tfs):
    with pytest.raises(ValueError, match="n_tfs must be between 1 and n_genes = 10"):
        sem.random_network(10, n_tfs=n_tfs)


def test_simulate_linear_solves_the_sem_gene_by_gene():
    """Without matrices: each gene is its regulators' sum plus its noise, in order."""
    Z = np.random.default_rng(4).normal(size=(6, 3)) * [1.0, 2.0, 0.5]
    X = np.zeros((6, 3))
    X[:, 0] = Z[:, 0]
    X[:, 1] = 0.8 * X[:, 0] + Z[:, 1]
    X[:, 2] = -0.5 * X[:, 1] + Z[:, 2]
    sd = np.array([1.0, 2.0, 0.5])
    np.testing.assert_allclose(sem.simulate_linear(CHAIN, 6, noise_sd=sd, seed=4), X)


@pytest.mark.parametrize("W", [CHAIN, np.array([[0, 0.4, 0], [0.6, 0, 0], [0, 0.7, 0]])])
def test_simulated_covariance_is_the_formula(W):
    """Cov X = (I - W)⁻¹ D (I - W)⁻ᵀ, here by Σ Wᵏ, for an acyclic W and a loop."""
    sd = np.array([1.0, 0.5, 2.0])
    total = sum(np.linalg.matrix_power(W, k) for k in range(80))
    X = sem.simulate_linear(W, 200_000, noise_sd=sd, seed=0)
    np.testing.assert_allclose(np.cov(X.T), total @ np.diag(sd**2) @ total.T, rtol=0.03, atol=0.03)


def test_simulate_nonlinear_by_hand():
    W = np.array([[0.0, 0], [0.7, 0]])
    rng = np.random.default_rng(2)
    first = np.log1p(np.exp(1 + rng.normal(size=5)))
    second = np.log1p(np.exp(1 + 2 * 0.7 * np.tanh(first - 1) + rng.normal(size=5)))
    np.testing.assert_allclose(sem.simulate_nonlinear(W, 5, seed=2), np.c_[first, second])


def test_dropout_zeroes_low_expression_first_at_the_stated_rate():
    W = sem.random_network(30, seed=0)
    full = sem.simulate_nonlinear(W, 4000, seed=1)
    sparse = sem.simulate_nonlinear(W, 4000, dropout=0.6, seed=1)
    lost = sparse == 0
    np.testing.assert_array_equal(sparse[~lost], full[~lost])
    assert full.min() > 0
    for low, high in ((0.0, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 3.0)):
        inside = (full > low) & (full <= high)
        expected = 0.6 * np.exp(-(full[inside] ** 2) / 2)
        assert lost[inside].mean() == pytest.approx(expected.mean(), abs=0.01)


@pytest.mark.parametrize("W", [CHAIN.T, np.diag([0.1, 0, 0])])
def test_simulate_nonlinear_refuses_other_orders(W):
    with pytest.raises(ValueError, match="strictly lower triangular"):
        sem.simulate_nonlinear(W, 10)


def test_objective_is_the_gaussian_likelihood():
    """Against the density of N(0, (BᵀB)⁻¹), which is what unit noise gives, up to its constant."""
    rng = np.random.default_rng(0)
    W = 0.3 * rng.normal(size=(4, 4)) * ~np.eye(4, dtype=bool)
    X = rng.normal(size=(50, 4))
    precision = (np.eye(4) - W).T @ (np.eye(4) - W)
    log_density = 0.5 * np.log(np.linalg.det(precision)) - 0.5 * np.sum((X @ precision) * X, axis=1)
    loss, _ = sem.objective(W, X.T @ X / 50)
    assert loss == pytest.approx(-log_density.mean())


def test_gradient_of_the_objective_is_the_finite_difference():
    rng = np.random.default_rng(1)
    W = 0.3 * rng.normal(size=(5, 5))
    S = np.cov(rng.normal(size=(30, 5)).T)
    grad = sem.objective(W, S)[1]
    for entry in np.ndindex(5, 5):
        step = np.zeros((5, 5))
        step[entry] = 1e-6
        slope = (sem.objective(W + step, S)[0] - sem.objective(W - step, S)[0]) / 2e-6
        assert grad[entry] == pytest.approx(slope, abs=1e-6)


def test_recovers_a_simulated_network():
    """Direction included: AUPRC over ordered pairs of genes, one in nine of them true."""
    truth = sem.random_network(25, seed=3)
    X = sem.simulate_linear(truth, 2000, seed=3)
    estimate = sem.fit_linear_sem(X, alpha=0.02)
    auprc, density = auprc_and_density(estimate, truth)
    assert density < 0.12 and auprc > 0.9
    assert np.corrcoef(estimate[truth != 0], truth[truth != 0])[0, 1] > 0.95  # signs and sizes
    assert auprc_and_density(estimate.T, truth)[0] < 0.5  # the orientation matters
    assert np.all(np.diag(estimate) == 0)


def test_fit_reaches_a_stationary_point_of_the_penalised_likelihood():
    """Where W ≠ 0 the gradient is -α sign(W), elsewhere |gradient| ≤ α."""
    X = sem.simulate_linear(CHAIN, 500, seed=0) + 3.0  # a mean, which the fit must remove
    W = sem.fit_linear_sem(X, alpha=0.1)
    grad = sem.objective(W, np.cov(X.T, bias=True))[1]
    off = ~np.eye(3, dtype=bool)
    on = (W != 0) & off
    assert 0 < on.sum() < off.sum()
    np.testing.assert_allclose(grad[on], -0.1 * np.sign(W[on]), atol=1e-4)
    assert np.abs(grad[off & ~on]).max() <= 0.1 + 1e-4


def test_alpha_and_number_of_cells():
    """A large α empties W, and the error of an almost unpenalised fit falls with 1/√cells."""
    X = sem.simulate_linear(CHAIN, 40_000, seed=1)
    assert not sem.fit_linear_sem(X, alpha=5.0).any()
    errors = [np.abs(sem.fit_linear_sem(X[:n], alpha=1e-3) - CHAIN).max() for n in (100, 40_000)]
    assert errors[1] < 0.02 < errors[0]


def test_fit_refuses_nan():
    with pytest.raises(ValueError, match="NaN or infinite"):
        sem.fit_linear_sem(np.array([[1.0, np.nan], [0, 1]]))


def test_reversed_edge_with_adjusted_noise_has_the_same_covariance():
    """Chapter 2's argument: 0 → 1 with weight w is 1 → 0 with weight w / (1 + w²)."""
    w = 0.8
    forward = np.array([[0, 0], [w, 0]])
    backward = np.array([[0, w / (1 + w**2)], [0, 0]])
    sd = np.array([1 / np.sqrt(1 + w**2), np.sqrt(1 + w**2)])
    cov_forward = np.cov(sem.simulate_linear(forward, 400_000, seed=0).T)
    other = np.cov(sem.simulate_linear(backward, 400_000, noise_sd=sd, seed=1).T)
    np.testing.assert_allclose(cov_forward, other, atol=0.02)


def test_a_silent_gene_changes_what_is_below_it_and_nothing_else():
    W = np.zeros((5, 5))
    W[1, 0], W[2, 1], W[4, 3] = 0.8, -0.8, 0.8  # 0 -> 1 -| 2, 3 -> 4
    X, without = (sem.simulate_nonlinear(W, 500, 0.5, seed=3, silent=s) for s in (None, 1))
    assert not without[:, 1].any() and X[:, 1].any()
    np.testing.assert_array_equal(without[:, [0, 3, 4]], X[:, [0, 3, 4]])
    assert without[:, 2].mean() > X[:, 2].mean() + 0.1  # what it held down comes up
