"""ZIFA and DCA against quadrature, scipy and finite differences; factors that come back."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from deepsem_book.embedding import embedders


def small_zifa():
    A = np.array([[0.9], [-0.6], [0.4]])
    return embedders.ZIFA(A, np.array([1.5, 1.0, 0.4]), np.array([0.3, 0.5, 0.2]), 0.7)


def test_zifa_density_against_quadrature():
    model = small_zifa()
    A, mu, var, decay = model
    Y = np.array([[1.2, 0.0, 0.5], [0.0, 0.0, 0.0], [2.1, 0.3, 0.0], [0.7, 1.1, 0.9]])
    moments = embedders.expect(model, Y)

    def factor(y, m, v):  # p(y | z) of one gene by numerical integration over x
        if y > 0:
            return stats.norm.pdf(y, m, np.sqrt(v)) * (1 - np.exp(-decay * y**2))
        f = lambda x: stats.norm.pdf(x, m, np.sqrt(v)) * np.exp(-decay * x**2)  # noqa: E731
        return integrate.quad(f, m - 12 * np.sqrt(v), m + 12 * np.sqrt(v))[0]

    def joint(z, y):
        means = A[:, 0] * z + mu
        return stats.norm.pdf(z) * np.prod([factor(*v) for v in zip(y, means, var)])

    for i, y in enumerate(Y):
        z = np.linspace(-6, 6, 121)
        p = np.array([joint(value, y) for value in z])
        total = integrate.simpson(p, x=z)
        assert moments.log_p[i] == pytest.approx(np.log(total), abs=1e-6)
        assert moments.z[i, 0] == pytest.approx(integrate.simpson(p * z, x=z) / total, abs=1e-6)
        second = integrate.simpson(p * z**2, x=z) / total
        assert moments.zz[i, 0, 0] == pytest.approx(second, abs=1e-6)


def zifa_sample(n: int, m: int, k: int, decay: float, seed: int = 0):
    rng = np.random.default_rng(seed)
    A, mu = rng.normal(0, 1, (m, k)), rng.uniform(1, 3, m)
    z = rng.normal(size=(n, k))
    X = z @ A.T + mu + rng.normal(0, 0.5, (n, m))
    Y = np.where(rng.random(X.shape) < np.exp(-decay * X**2), 0.0, np.abs(X))
    return Y, z, A


def test_zifa_likelihood_never_falls_and_the_factors_come_back():
    Y, z, _ = zifa_sample(300, 12, 2, decay=0.2)
    E, model, history = embedders.zifa(Y, 2, n_iter=40)
    assert (np.diff(history) > -1e-8).all() and history[-1] > history[0] + 0.05
    back = z - E @ np.linalg.lstsq(E, z, rcond=None)[0]  # factors are known up to rotation
    assert 1 - back.var() / z.var() > 0.8
    assert 0.1 < model.decay < 0.4


def test_zifa_ends_where_the_likelihood_is_flat():
    Y, _, _ = zifa_sample(150, 5, 1, decay=0.3, seed=1)
    _, model, _ = embedders.zifa(Y, 1, n_iter=800)

    def value(change, name, gene):
        part = getattr(model, name)
        part = part + change if gene is None else part + change * (np.arange(5) == gene)
        return embedders.expect(model._replace(**{name: part}), Y).log_p.mean()

    A = np.zeros((5, 1))
    A[2] = 1e-4
    up, down = (embedders.expect(model._replace(A=model.A + s * A), Y) for s in (1, -1))
    assert abs(up.log_p.mean() - down.log_p.mean()) / 2e-4 < 2e-3
    for name, gene in [("mu", 0), ("mu", 3), ("var", 1), ("decay", None)]:
        slope = (value(1e-4, name, gene) - value(-1e-4, name, gene)) / 2e-4
        assert abs(slope) < 2e-3, name


def test_zinb_against_scipy():
    counts = np.array([0, 0, 1, 5, 40.0])
    mean, theta, logit = 3.0, 1.7, -0.8
    drop = 1 / (1 + np.exp(-logit))
    nb = stats.nbinom.pmf(counts, theta, theta / (theta + mean))
    want = np.log((1 - drop) * nb + drop * (counts == 0))
    as_tensors = [torch.tensor(v, dtype=torch.float64) for v in (counts, mean, theta, logit)]
    np.testing.assert_allclose(embedders.zinb_log_prob(*as_tensors), want, rtol=1e-6)


def test_zinb_sums_to_one_and_its_gradient_is_right():
    counts = torch.arange(400, dtype=torch.float64)
    parameters = [torch.tensor([v], dtype=torch.float64) for v in (3.0, 0.8, 0.3)]
    total = embedders.zinb_log_prob(counts, *parameters).exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-6)
    few = torch.tensor([0.0, 1, 7], dtype=torch.float64)
    inputs = [p.clone().requires_grad_() for p in parameters]
    assert torch.autograd.gradcheck(lambda *p: embedders.zinb_log_prob(few, *p), inputs)


def two_kinds(n=60, m=30, seed=0):
    rng = np.random.default_rng(seed)
    rates = rng.gamma(2.0, 1.5, (2, m))
    kind = np.repeat([0, 1], n // 2)
    return rng.poisson(rates[kind]).astype(float), kind


def test_dca_separates_two_kinds_and_repeats_itself():
    counts, kind = two_kinds()
    before = torch.random.get_rng_state()
    E = embedders.dca(counts, seed=3, n_epochs=30)
    assert torch.equal(before, torch.random.get_rng_state())
    np.testing.assert_array_equal(E, embedders.dca(counts, seed=3, n_epochs=30))
    gap = np.linalg.norm(E[kind == 0].mean(0) - E[kind == 1].mean(0))
    assert gap > E[kind == 0].std(0).mean() * 2


def test_linear_methods_find_the_factors():
    Y, z, _ = zifa_sample(300, 12, 2, decay=50.0)  # next to no dropout
    for E in (embedders.pca(Y, 2), embedders.factor_analysis(Y, 2)):
        back = z - E @ np.linalg.lstsq(E, z, rcond=None)[0]
        assert 1 - back.var() / z.var() > 0.75


def test_scvi_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scvi", None)
    with pytest.raises(ImportError, match=r"requirements-embedding\.txt"):
        embedders.scvi(np.ones((3, 3)))
