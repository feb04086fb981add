"""Simulators: what each keeps and destroys, the GAN's layers and losses by independent formulas."""

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from scipy import stats

from deepsem_book import in_silico
from deepsem_book.simulation import controls, figures, gan
from deepsem_book.simulation.dropout import Dropout, fit_dropout
from deepsem_minimal import sampling
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit

LIBRARY = 1000.0


def cells(n=300, m=12, seed=0):
    """Log expression with one shared factor, so that genes correlate, and about a third zeros."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n, 1))
    counts = rng.poisson(np.exp(0.3 + 0.8 * factor + rng.normal(size=m) * 0.5))
    return controls.normalised(np.log1p(counts + 0.0), LIBRARY)


@pytest.fixture(scope="module")
def trained():
    X = cells()
    adata = AnnData(X.copy())
    config = Config.simulation(W_init="safe", n_epochs=60, lr=3e-3, lr_decay=1.0)
    return fit(adata, config, 1, progress=False, n_jobs=1), X


def test_normalised_gives_one_library_and_keeps_ratios_and_empty_cells():
    X = np.log1p(np.array([[1.0, 3.0, 0.0], [0.0, 0.0, 0.0]]))
    np.testing.assert_allclose(np.expm1(controls.normalised(X, 8)), [[2, 6, 0], [0, 0, 0]], 1e-5)


@pytest.mark.parametrize("name", controls.CONTROLS)
def test_controls_have_the_right_shape_sign_and_seed(name):
    X, control = cells(), controls.CONTROLS[name]
    new = control(X, 50, 1)
    assert new.shape == (50, 12) and (new >= 0).all() and np.isfinite(new).all()
    np.testing.assert_array_equal(new, control(X, 50, 1))
    assert not np.array_equal(new, control(X, 50, 2))
    with pytest.raises(ValueError, match="at least 1"):
        control(X, 0, 1)


def test_bootstrap_copies_cells_and_shuffle_copies_values_but_no_cell():
    X = cells()
    rows = {tuple(row) for row in X}
    assert all(tuple(row) in rows for row in controls.bootstrap(X, 40))
    new = controls.shuffle(X, 4000)
    assert all(np.isin(new[:, j], X[:, j]).all() for j in range(12))
    between = np.corrcoef(new.T)[np.triu_indices(12, 1)]
    assert np.abs(between).max() < 0.08 < np.abs(np.corrcoef(X.T)[0, 1:]).max()


def test_shuffle_with_zeros_has_values_of_its_genes_and_the_zeros_of_the_dropout_model():
    X = cells(600)
    X[:, 3] = 0  # a gene that is never seen
    new = controls.shuffle_with_zeros(X, 6000)
    assert all(np.isin(new[:, j], X[:, j]).all() for j in range(12))
    np.testing.assert_allclose((new == 0).mean(0), (X == 0).mean(0), atol=0.03)
    zeros, seen = (new == 0).sum(1), np.delete(np.arange(12), 3)
    independent = (p := (new == 0).mean(0)) @ (1 - p)  # variance without an effect of the cell
    assert zeros.var() > 1.5 * independent
    both = (new[:, seen[:2]] > 0).all(1)
    assert abs(np.corrcoef(new[both][:, seen[:2]].T)[0, 1]) < 0.08


def test_negative_binomial_has_the_moments_and_falls_back_to_poisson():
    rng = np.random.default_rng(0)
    counts = np.stack([rng.negative_binomial(2, 0.25, 5000), rng.binomial(8, 0.5, 5000)], 1)
    new = np.expm1(controls.negative_binomial(np.log1p(counts), 20000))
    np.testing.assert_allclose(new.mean(0), counts.mean(0), rtol=0.05)
    np.testing.assert_allclose(new.var(0), [counts[:, 0].var(), counts[:, 1].mean()], rtol=0.08)
    np.testing.assert_allclose(new, np.rint(new), atol=1e-3)


def test_gaussian_has_mean_and_covariance():
    X = np.random.default_rng(0).multivariate_normal([20, 30], [[1, 0.7], [0.7, 2]], 500)
    new = controls.gaussian(X, 20000)
    np.testing.assert_allclose(new.mean(0), X.mean(0), atol=0.05)
    np.testing.assert_allclose(np.cov(new.T), np.cov(X.T), rtol=0.06)


def test_copula_keeps_marginals_and_rank_correlation():
    X = cells(400)
    new = controls.copula(X, 4000)
    np.testing.assert_allclose((new == 0).mean(0), (X == 0).mean(0), atol=0.03)
    assert all(np.isin(new[:, j], X[:, j].astype(np.float32)).all() for j in range(12))
    was, now = (stats.spearmanr(A).statistic[np.triu_indices(12, 1)] for A in (X, new))
    assert np.corrcoef(was, now)[0, 1] > 0.7


def test_generated_cells_are_the_same_for_the_same_seed(trained):
    result, X = trained
    zeros = fit_dropout(X).zeros
    new = sampling.generate(result, zeros, 100, 3)
    np.testing.assert_array_equal(new, sampling.generate(result, zeros, 100, 3))
    assert new.shape == (100, 12) and (new >= 0).all() and np.isfinite(new).all()


def test_generate_samples_the_prior_through_the_network(trained):
    result, _ = trained
    never = Dropout(np.full(12, -50.0), np.zeros(1))
    new = sampling.generate(result, never.zeros, 7, 5)
    model, W = result.members[0].model, result.members[0].W.astype(np.float64)
    noise = torch.randn((7, 12), generator=torch.Generator().manual_seed(5)).numpy()
    with torch.no_grad():
        mean, log_var = (part.numpy().astype(np.float64) for part in model.prior(torch.ones(1, 1)))
        A = np.eye(12) - W.T
        z = mean @ A + np.exp(0.5 * log_var @ A) * noise
        h = torch.as_tensor((z @ np.linalg.inv(A)).astype(np.float32))
        decoded = model.f1(h.unsqueeze(-1))[..., 0].numpy()
    wanted = np.maximum(decoded * (result.sd + 0.01) + result.mean, 0)
    np.testing.assert_allclose(new, wanted, atol=0.03)


def test_fit_dropout_finds_a_known_model():
    rng = np.random.default_rng(0)
    gene, cell = rng.normal(0, 1, 60), rng.normal(0, 0.7, 800)
    p = 1 / (1 + np.exp(-(gene + cell[:, None])))
    dropout = fit_dropout((rng.random(p.shape) >= p).astype(float))
    np.testing.assert_allclose(dropout.gene, gene, atol=0.3)
    assert np.corrcoef(dropout.cells, cell)[0, 1] > 0.85
    assert abs(dropout.probability(dropout.cells).mean() - p.mean()) < 0.01


def test_copies_use_every_cell_once_before_any_twice():
    rows = controls.each_once(5, 12, 3)
    assert sorted(rows[:5]) == sorted(rows[5:10]) == list(range(5)) and len(rows) == 12
    X = cells(30)
    np.testing.assert_array_equal(np.sort(controls.copy(X, 30), 0), np.sort(X, 0))


def test_simulate_takes_chosen_cells(trained):
    result, X = trained
    new, rows = sampling.simulate(result, X, 3, rows=[7, 7, 2])
    assert list(rows) == [7, 7, 2] and not new[X[rows] == 0].any()
    with pytest.raises(ValueError, match="rows"):
        sampling.simulate(result, X, 3, rows=[1])


@contextmanager
def chain(member):
    """W of a trained member replaced by 0 -> 1 -> 2 with weights 0.8."""
    W, kept = np.zeros((12, 12), np.float32), member.W.copy()
    W[1, 0], W[2, 1] = 0.8, 0.8
    with torch.no_grad():
        member.model.grn.W.copy_(torch.as_tensor(W))
        yield
        member.model.grn.W.copy_(torch.as_tensor(kept))


def test_knock_out_is_nothing_without_edges_and_follows_a_path(trained):
    result, X = trained
    with pytest.raises(ValueError, match="not among"):
        in_silico.knock_out(result, X, "nobody")
    with chain(result.members[0]):
        change = in_silico.knock_out(result, X, result.genes[0])
        assert np.abs(change[1:3]).min() > 1e-3 and np.abs(change[[0, *range(3, 12)]]).max() < 1e-5
        np.testing.assert_allclose(in_silico.knock_out(result, X, result.genes[5]), 0, atol=1e-5)


@contextmanager
def moved_origin(model, by):
    """h and the mean of the prior shifted by a number that f₁ takes off; no tables for MLPs."""

    def add(number):
        model.f2.heads[0].bias += number
        model.prior.mu[-1].bias += number
        model.f1.body[0].bias -= number * model.f1.body[0].weight[:, 0]

    knots, model.n_knots = model.n_knots, 0
    with torch.no_grad():
        add(by)
        yield
        add(-by)
    model.n_knots = knots


def test_what_cut_edges_say_hangs_on_an_origin_that_the_loss_cannot_see(trained):
    result, X = trained
    model, gene = result.members[0].model, result.genes[0]
    x = torch.as_tensor(((X - result.mean) / result.sd).astype(np.float32)).clamp(-15, 15)
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    said = []
    for by in (-1.0, 0.0, 1.0):
        with moved_origin(model, by), chain(result.members[0]):
            scan = model.scan(x, torch.ones(1, 1))
            loss = model.loss(scan, x, None, noise, 1.0).elbo.item()
            cut, silent = (
                asked(result, X, gene)[1] for asked in (in_silico.knock_out, in_silico.silence)
            )
        said.append((loss, silent, cut))
    losses, silent, cut = np.array(said).T
    np.testing.assert_allclose(losses, losses[1], rtol=1e-4)
    np.testing.assert_allclose(silent, silent[1], atol=1e-4)
    assert cut.min() < -0.05 and cut.max() > 0.05  # either sign


def test_silence_by_hand_along_a_path_and_without_what_comes_before(trained):
    """h of the silent gene is that of expression 0; targets move by 0.8 and 0.8² of the change."""
    result, X = trained
    model = result.members[0].model
    absent = X.copy()
    absent[:, :2] = 0

    def h_of(A):
        x = (A - result.mean) / result.sd
        x = torch.as_tensor(np.clip(np.nan_to_num(x), -15, 15).astype(np.float32))
        return model.f2(torch.stack([x, torch.ones_like(x)], -1))[..., 0]

    def expression(h):
        return np.maximum(
            model.f1(h[..., None])[..., 0].numpy() * (result.sd + 0.01) + result.mean, 0
        )

    with chain(result.members[0]):
        h, off = h_of(X), h_of(absent)
        for gene, weights in ((0, {0: 1, 1: 0.8, 2: 0.64}), (1, {1: 1, 2: 0.8})):
            new = h.clone()
            for target, weight in weights.items():
                new[:, target] += weight * (off[:, gene] - h[:, gene])
            wanted = (expression(new) - expression(h)).mean(0)
            silenced = in_silico.silence(result, X, result.genes[gene])
            np.testing.assert_allclose(silenced, wanted, atol=3e-3)
            assert np.abs(wanted[list(weights)]).min() > 0.02
    with pytest.raises(ValueError, match="not among"):
        in_silico.silence(result, X, "nobody")


# --- GAN ------------------------------------------------------------------------------------------


def test_library_layer():
    x = torch.tensor([[1.0, 3.0], [2.0, 0.0]])
    np.testing.assert_allclose(gan.LibrarySize(8.0)(x), [[2, 6], [8, 0]])


def test_gradient_penalty_of_a_linear_and_of_a_quadratic_critic():
    real, fake, t = torch.randn(9, 4), torch.randn(9, 4), torch.rand(9, 1)
    w = torch.tensor([1.0, -2.0, 0.5, 3.0])
    linear = gan.gradient_penalty(lambda x, y: x @ w, real, fake, None, t)
    np.testing.assert_allclose(linear, (np.linalg.norm(w) - 1) ** 2, rtol=1e-5)
    square = gan.gradient_penalty(lambda x, y: 0.5 * (x**2).sum(1), real, fake, None, t)
    between = (t * real + (1 - t) * fake).numpy()  # the gradient of |x|²/2 is x
    np.testing.assert_allclose(
        square.detach(), np.mean((np.linalg.norm(between, axis=1) - 1) ** 2), rtol=1e-5
    )


def test_gradient_penalty_trains_the_critic():
    critic = torch.nn.Linear(3, 1, bias=False)
    x, t = torch.randn(5, 3), torch.rand(5, 1)
    gan.gradient_penalty(lambda v, y: critic(v)[:, 0], x, x, None, t).backward()
    w = critic.weight.detach()[0]
    length = w.norm()  # d/dw (|w| - 1)² = 2 (|w| - 1) w / |w|
    np.testing.assert_allclose(critic.weight.grad[0], 2 * (length - 1) * w / length, rtol=1e-4)


def test_critic_loss_of_a_linear_critic():
    real, fake, t = torch.randn(6, 3), torch.randn(6, 3), torch.rand(6, 1)
    w = torch.tensor([2.0, 0.0, 0.0])
    loss = gan.critic_loss(lambda x, y: x @ w, real, fake, None, t, 10.0)
    wanted = 2 * (fake[:, 0].mean() - real[:, 0].mean()) + 10 * (2 - 1) ** 2
    np.testing.assert_allclose(loss, wanted, rtol=1e-5)


def test_projection_critic_and_its_absence():
    config = gan.GANConfig(n_hidden=8)
    critic, x, y = gan.Critic(5, 3, config), torch.randn(4, 5), torch.tensor([0, 1, 2, 1])
    with torch.no_grad():
        h = critic.phi(x)
        psi = h @ critic.psi.weight[0] + critic.psi.bias
        wanted = psi + torch.einsum("bi,bi->b", critic.embed.weight[y], h)
        np.testing.assert_allclose(critic(x, y), wanted, rtol=1e-4, atol=1e-6)
    assert gan.Critic(5, 1, config).embed is None


def test_conditional_batch_norm_by_hand():
    layer, x, y = gan.ConditionalBatchNorm(2, 2), torch.randn(50, 2), torch.arange(50) % 2
    with torch.no_grad():
        layer.gain[1], layer.shift[1] = 3.0, -1.0
        z = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + 1e-5)
        wanted = torch.where(y[:, None] == 1, 3 * z - 1, z)
        np.testing.assert_allclose(layer(x, y), wanted, atol=1e-4)


def test_losses_of_the_conditional_gan_by_numpy():
    """The real critic with projection: value, slope at the mixed points and penalty by hand."""
    torch.manual_seed(0)
    config = gan.GANConfig(n_hidden=7)
    critic = gan.Critic(5, 3, config).double()
    real, fake = torch.randn(8, 5).double(), torch.randn(8, 5).double()
    y, t = torch.arange(8) % 3, torch.rand(8, 1).double()
    with torch.no_grad():
        A, a, B, b = (p.numpy() for p in critic.phi.parameters())
        head = (critic.psi.weight[0] + critic.embed.weight[y]).numpy()  # ψ + e_y, one row a cell

    def f_and_slope(x):
        first = x @ A.T + a
        second = np.maximum(first, 0) @ B.T + b
        value = (np.maximum(second, 0) * head).sum(1) + critic.psi.bias.item()
        return value, (head * (second > 0) @ B * (first > 0)) @ A  # chain rule through two ReLUs

    R, F, T = real.numpy(), fake.numpy(), t.numpy()
    slope = f_and_slope(T * R + (1 - T) * F)[1]
    penalty = np.mean((np.sqrt((slope**2).sum(1)) - 1) ** 2)
    wanted = f_and_slope(F)[0].mean() - f_and_slope(R)[0].mean() + 10 * penalty
    np.testing.assert_allclose(gan.critic_loss(critic, real, fake, y, t, 10.0).item(), wanted)
    np.testing.assert_allclose(
        gan.generator_loss(critic, fake, y).item(), -f_and_slope(F)[0].mean()
    )
    other = gan.critic_loss(critic, real, fake, (y + 1) % 3, t, 10.0).item()
    assert abs(other - wanted) > 1e-3  # the label matters


def test_conditional_generator_by_numpy():
    """Batch normalisation by class, ReLU, one library size, ln(1 + x)."""
    torch.manual_seed(0)
    config = gan.GANConfig(n_noise=3, n_hidden=4, library=50.0)
    generator, y = gan.Generator(6, 2, config), torch.arange(9) % 2
    for norm in generator.norms:
        torch.nn.init.normal_(norm.gain)
        torch.nn.init.normal_(norm.shift)
    noise = torch.randn(9, 3)
    h = noise.numpy().astype(np.float64)
    with torch.no_grad():
        for layer, norm in zip(generator.layers, generator.norms, strict=True):
            h = h @ layer.weight.numpy().T + layer.bias.numpy()
            h = (h - h.mean(0)) / np.sqrt(h.var(0) + 1e-5)
            h = np.maximum(h * norm.gain[y].numpy() + norm.shift[y].numpy(), 0)
        x = np.maximum(h @ generator.last.weight.numpy().T + generator.last.bias.numpy(), 0)
        wanted = np.log1p(50 * x / np.maximum(x.sum(1, keepdims=True), 1e-6))
        np.testing.assert_allclose(generator(noise, y), wanted, rtol=1e-3, atol=1e-5)


def test_conditional_gan_learns_where_the_types_are_and_keeps_the_library():
    rng = np.random.default_rng(0)
    labels = np.arange(240) % 2
    rate = np.where(labels[:, None] == np.array([0] * 5 + [1] * 5), 8.0, 0.5)
    X = controls.normalised(np.log1p(rng.poisson(rate) + 0.0), LIBRARY)
    config = gan.GANConfig(n_steps=120, n_hidden=32, n_noise=8, lr=2e-3, library=LIBRARY)
    state = torch.random.get_rng_state()
    model = gan.train_gan(X, labels, config)
    assert torch.equal(state, torch.random.get_rng_state())
    new = model.sample(100, labels=np.arange(100) % 2)
    np.testing.assert_allclose(np.expm1(new).sum(1), LIBRARY, rtol=1e-3)
    assert (new >= 0).all() and new.shape == (100, 10)
    first = np.expm1(new)[:, :5].sum(1) / LIBRARY
    assert first[::2].mean() > 0.7 and first[1::2].mean() < 0.3
    with pytest.raises(ValueError, match="labels"):
        gan.train_gan(X, labels[:3], config)


def test_figure_of_consistency_has_references_beside_simulators():
    table = pd.DataFrame([
        {"simulator": name, "percent": k, "mean": mean, "half": 0.5}
        for name, mean in {"copy": 0.9, "Gaussian": 0.7, "shuffle": 0.0}.items()
        for k in (0.1, 1.0)
    ])  # fmt: skip
    [ax] = figures.consistency_lines(table, {"Gaussian": 0.4}).axes
    assert ax.get_legend_handles_labels()[1] == ["the paper", "Gaussian"]
    assert [text.get_text() for text in ax.texts] == ["shuffle", "copy"]
    [bars] = ax.collections
    ends = np.array([path.vertices[:, 1] for path in bars.get_paths()])
    np.testing.assert_allclose(ends, [[0.2, 1.0]] * 2)  # no bar above 1
    assert figures.consistency_lines(table.head(0)).axes[0].texts


def test_every_simulator_of_a_line_has_its_own_look():
    looks = [v for k, v in figures.LOOKS.items() if k not in figures.REFERENCES]
    assert len({colour for colour, _ in looks}) == len(looks) == 6
