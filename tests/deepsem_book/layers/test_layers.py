"""Chapter 3: sums of paths, probes of a member and gradients of W, against plain calculations."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData

from deepsem_book import layers
from deepsem_book.layers.gradients import NOISELESS, NOISY, REGRESSION, REST, within_rows
from deepsem_minimal import Config, Expression, train
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.preprocess import standardise
from deepsem_minimal.sem import random_network, simulate_linear


@pytest.fixture(scope="module")
def cells() -> Expression:
    return standardise(simulate_linear(random_network(6, seed=0), 80, seed=0))


@pytest.fixture(scope="module")
def X(cells) -> np.ndarray:
    return cells.X


@pytest.fixture(scope="module")
def members(cells):
    config = Config(W_init="safe", n_epochs=4, batch_size=40)
    return [train(cells, config, seed) for seed in range(2)]


def test_paths_end_without_a_cycle_and_the_sum_is_then_exact():
    W = np.zeros((4, 4))
    W[1, 0], W[2, 1], W[3, 2] = 2.0, 3.0, 5.0
    errors = layers.errors_of_sums(W, 5)
    assert errors[:4] == pytest.approx([30, 30, 30, 1e-16])  # the path A → D has three edges
    assert layers.spectral_radius(W) == pytest.approx(0)


def test_with_a_cycle_the_error_follows_the_spectral_radius():
    W = np.array([[0, 0.5], [0.5, 0]])  # eigenvalues ±½
    errors = layers.errors_of_sums(W, 10)
    assert layers.spectral_radius(W) == pytest.approx(0.5)
    assert errors[8] / errors[6] == pytest.approx(0.25)


def test_curves_are_the_mlps_point_by_point(members):
    curves = layers.curves_of(members[1], "random", "after")
    assert set(curves["seed"]) == {1} and len(curves) == 4 * 121
    model, x = members[1].model, torch.tensor([[-3.0, 1.0]])
    h = model.f2(x)
    points = curves[np.isclose(curves["x"], -3)].set_index("part")["y"]
    assert points["f₂: head of μ"] == pytest.approx(h[0, 0].item(), abs=1e-5)
    assert points["f₂: head of log σ²"] == pytest.approx(h[0, 1].item(), abs=1e-5)
    composed = model.f1(h[:, :1])[0, 0].item()
    assert points["f₁(f₂(x)), no noise"] == pytest.approx(composed, abs=1e-5)


def test_distances_between_curves_are_root_mean_squares():
    x = np.array([-1.0, 0.0, 1.0])
    ys = {("before", 0): x * 0, ("after", 0): x + 1, ("before", 1): x * 0, ("after", 1): x + 3}
    curves = pd.concat(
        pd.DataFrame({"bias": "zero", "part": "f₁", "x": x, "state": s, "seed": n, "y": y})
        for (s, n), y in ys.items()
    )
    row = layers.curve_distances(curves).loc[("zero", "f₁")]
    first, second = (np.sqrt(np.mean((x + c) ** 2)) for c in (1, 3))
    assert row["change by training"] == pytest.approx((first + second) / 2, abs=5e-3)
    assert row["seed 0 against seed 1"] == 2 and row["|mean|"] == 2


def test_propagated_variance_is_that_of_many_draws(members, X):
    member = members[0]
    propagated, code = layers.both_variances(member, X[:3])
    with torch.no_grad():
        scan = member.model.scan(torch.from_numpy(X[:3]), torch.ones(1, 1))
    sd = np.exp(0.5 * scan.log_var.numpy())
    I_W = np.eye(6) - member.W
    draws = (np.random.default_rng(0).normal(size=(200_000, 6)) * sd[0]) @ I_W.T
    np.testing.assert_allclose(np.exp(propagated[0]), draws.var(axis=0), rtol=0.02)
    np.testing.assert_allclose(code, scan.log_var.numpy() @ I_W.T, atol=1e-5)


def test_the_prior_of_each_gene_is_that_of_the_loss(members, X):
    priors = layers.prior_over_genes({"x": members[0]})
    with torch.no_grad():
        scan = members[0].model.scan(torch.from_numpy(X[:1]), torch.ones(1, 1))
    I_W = np.eye(6) - members[0].W
    mean, log_var = (part.numpy() @ I_W.T for part in (scan.prior_mu, scan.prior_log_var))
    np.testing.assert_allclose(priors["mean of the prior"]["x"], mean.ravel(), atol=1e-6)
    np.testing.assert_allclose(
        priors["sd of the prior"]["x"], np.exp(log_var / 2).ravel(), rtol=1e-5
    )


def test_single_samples_of_the_kl_term_scatter_around_the_closed_form(members, X):
    draws, closed = layers.kl_draws(members[0].model.double(), torch.from_numpy(X).double(), 400)
    members[0].model.float()
    error = draws.std() / np.sqrt(len(draws))
    assert abs(draws.mean() - closed) < 4 * error and draws.std() > 0


def test_gradients_of_w_are_finite_differences_of_each_part(members, X):
    """The L1 term has a known gradient; without noise there is none; the KL parts add up."""
    member, alpha = members[0], 0.3
    pushes, draws = layers.gradients_of_W(member, X, alpha)
    off = ~np.eye(6, dtype=bool)
    expected = alpha * np.sign(member.W) / 36
    np.testing.assert_allclose(pushes["α · mean|W|"].numpy()[off], expected[off], atol=1e-12)
    assert layers.rms(pushes[NOISELESS]) < 1e-12 < layers.rms(pushes[NOISY])
    assert len(draws) == 8 and draws[0] is pushes[NOISY]

    def kl(W: np.ndarray) -> float:
        model = copy.deepcopy(member.model).double()
        model.grn.W.data = torch.from_numpy(W)
        x = torch.from_numpy(X).double()
        scan = model.scan(x, torch.ones(1, 1, dtype=torch.float64))
        return model.loss(scan, x, None, torch.zeros_like(x), 1.0, "closed").kl.item()

    W, step = member.W.astype(float), 1e-5
    for i, j in ((0, 3), (4, 1)):
        up, down = W.copy(), W.copy()
        up[i, j] += step
        down[i, j] -= step
        slope = (kl(up) - kl(down)) / (2 * step)
        assert (pushes[REGRESSION] + pushes[REST])[i, j].item() == pytest.approx(slope, rel=1e-4)


def test_a_push_is_split_into_row_means_and_differences():
    matrix = torch.tensor([[9.0, 1, 3], [2, 9, 2], [0, 4, 9]])
    mean, rest = layers.split(matrix)
    assert mean.ravel().tolist() == [2, 2, 2]
    assert rest.tolist() == [[0, -1, 1], [0, 0, 0], [-2, 2, 0]]
    assert within_rows(matrix, matrix * 3 + 7) == pytest.approx(1)


def test_arrays_compute_what_the_mlps_compute():
    model = DeepSEM(Config(n_hidden=5, n_knots=0), torch.zeros(4, 4), torch.Generator()).double()
    for layer in model.modules():
        if isinstance(layer, torch.nn.Linear):
            layer.bias.data.uniform_(-1, 1)
    rows = np.random.default_rng(0).normal(size=(7, 2))

    def mlp(x, A1, b1, A2, b2, A3, b3):
        return np.tanh(np.tanh(x @ A1 + b1) @ A2 + b2) @ A3 + b3

    f2_mu, f2_log_var, f1 = layers.weights_of(model)
    with torch.no_grad():
        h, x_hat = model.f2(torch.from_numpy(rows)), model.f1(torch.from_numpy(rows[:, :1]))
    both = np.hstack([mlp(rows, *f2_mu), mlp(rows, *f2_log_var)])
    np.testing.assert_allclose(both, h.numpy(), atol=1e-12)
    np.testing.assert_allclose(mlp(rows[:, :1], *f1), x_hat.numpy(), atol=1e-12)


def test_what_tells_regulators_apart_by_hand():
    W = np.array([[0, 1.0, 3], [2, 0, 4], [5, 1, 0]])
    push = -torch.from_numpy(W) * 2  # pulls W to where it is
    noise = [torch.tensor([[0.0, 1, -1], [0, 0, 0], [0, 0, 0]], dtype=torch.float64)] * 2
    pushes = {REGRESSION: push, REST: push, NOISY: noise[0], NOISELESS: 0 * push}
    table = layers.gradients.told_apart(W, pushes, noise)
    assert table.loc[REGRESSION, "r with W"] == pytest.approx(1)
    assert table.loc[REGRESSION, "size"] == pytest.approx(np.sqrt((2 * 4 + 2 * 4 + 2 * 16) / 9))
    assert layers.gradients.between_draws(noise) == pytest.approx(1)
    answer = layers.gradients.answer(W, pushes, noise)
    assert (answer["regression"], answer["noiseless"]) == (pytest.approx(1), 0)


def test_the_telling_gene_is_missing_in_some_cells_and_strong_in_the_others():
    X = np.ones((10, 3)) + np.arange(10)[:, None] / 100
    X[:3, 0] = X[:1, 1] = 0  # 30 %, 10 %, never
    assert layers.telling_gene(X) == 0


def test_the_safe_start_amplifies_least_at_any_size():
    norms = layers.norms_at_start([5, 40], n_draws=2)
    middle = norms.groupby(["genes", "W_init"])["norm"].median()
    for n in (5, 40):
        assert middle[n, "safe"] < 3 < middle[n, "authors"] < middle[n, "paper"]


def test_alpha_keeps_the_penalty_on_one_weight(cells):
    adata = AnnData(np.random.default_rng(0).random((20, 8)))
    standard, configs = layers.setting(adata, 3)
    assert standard.shape == (20, 8) and set(configs) == {"random", "zero"}
    assert configs["zero"].alpha / 8**2 == pytest.approx(100 / 800**2)
