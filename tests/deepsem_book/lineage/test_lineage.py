"""The steps from the linear SEM to RegDiffusion against finite differences and known networks."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from deepsem_book import known_truth
from deepsem_book.baselines import dag_gnn, notears
from deepsem_book.lineage import dazzle, figures, grid, race, regdiffusion
from deepsem_minimal import sem
from deepsem_minimal.preprocess import standardise

FIVE = np.array(  # A → B → C → D, A → C, E → D
    [
        [0, 0, 0, 0, 0],
        [0.9, 0, 0, 0, 0],
        [-0.7, 0.8, 0, 0, 0],
        [0, 0, -0.9, 0, 0.8],
        [0, 0, 0, 0, 0],
    ]
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_W(m: int, seed: int) -> np.ndarray:
    W = np.random.default_rng(seed).normal(size=(m, m)) / m
    np.fill_diagonal(W, 0)
    return W


def test_gradient_of_the_acyclicity_is_that_of_finite_differences():
    W, eps = random_W(5, seed=1), 1e-6
    grad = notears.acyclicity(W)[1]
    for i, j in np.ndindex(5, 5):
        step = np.zeros_like(W)
        step[i, j] = eps
        rise = notears.acyclicity(W + step)[0] - notears.acyclicity(W - step)[0]
        assert grad[i, j] == pytest.approx(rise / (2 * eps), abs=1e-7)


def test_both_measures_are_zero_without_loops_and_count_a_known_loop():
    acyclic = sem.random_network(12, seed=2)
    assert notears.acyclicity(acyclic)[0] == pytest.approx(0, abs=1e-9)
    exact = dag_gnn.polynomial_acyclicity(torch.tensor(acyclic))
    assert float(exact) == pytest.approx(0, abs=1e-9)
    loop = np.array([[0, 0.6], [0.5, 0]])  # two ways around: W∘W has the eigenvalues ±0.3
    assert notears.acyclicity(loop)[0] == pytest.approx(2 * math.cosh(0.3) - 2)
    squared = float(dag_gnn.polynomial_acyclicity(torch.tensor(loop)))
    assert squared == pytest.approx(1.15**2 + 0.85**2 - 2)  # (1 ± 0.3/2)²


def test_notears_recovers_five_genes_and_their_directions():
    W = notears.notears(sem.simulate_linear(FIVE, 4000, seed=0), l1=0.02)
    assert notears.acyclicity(W)[0] < 1e-8
    assert np.abs(W - FIVE).max() < 0.1
    assert known_truth.right_way(W, FIVE) == 1


def test_notears_depends_on_the_units_of_the_genes():
    X = sem.simulate_linear(FIVE, 4000, seed=0) * [30.0, 10.0, 3.0, 1.0, 1.0]
    W = notears.notears(X, l1=0.02)
    assert known_truth.right_way(W, FIVE) < 1  # variance now falls along the chain A → B → C → D


def test_layers_of_dag_gnn_undo_each_other():
    model = dag_gnn.DagGnn(5, 8, generator())
    model.encoder = torch.nn.Sequential(torch.nn.Linear(1, 2, bias=False))
    model.encoder[0].weight.data = torch.tensor([[1.0], [0.0]])  # mean x, log-variance 0
    model.decoder = torch.nn.Sequential(torch.nn.Identity())
    model.W.data = torch.tensor(FIVE, dtype=torch.float32)
    x, noise = torch.randn(7, 5, generator=generator()), torch.randn(7, 5, generator=generator(1))
    x_hat, mu, log_var = model(x, noise)
    assert torch.allclose(mu, x - x @ model.W.T, atol=1e-5)
    assert not log_var.any()
    expected = x + noise @ torch.linalg.inv(torch.eye(5) - model.W.T)
    assert torch.allclose(x_hat, expected, atol=1e-5)


def test_dag_gnn_finds_a_linear_network_without_loops():
    truth = sem.random_network(15, n_tfs=4, seed=0)
    X = standardise(sem.simulate_linear(truth, 600, seed=0)).X
    W = dag_gnn.dag_gnn(X, n_rounds=5, n_steps=150, lr=1e-2)
    assert known_truth.auprc(W, truth, 4) > 1.4 * (truth[:, :4] != 0).mean()
    assert known_truth.right_way(W, truth) > 0.7
    assert notears.acyclicity(W)[0] < 0.01


def test_kl_is_that_of_torch():
    mu, log_var = torch.randn(4, 3, generator=generator()), torch.randn(4, 3)
    posterior = torch.distributions.Normal(mu, torch.exp(0.5 * log_var))
    prior = torch.distributions.Normal(0.0, 1.0)
    expected = torch.distributions.kl_divergence(posterior, prior).mean()
    assert torch.allclose(dag_gnn.gaussian_kl(mu, log_var), expected)


def test_dropout_augmentation_zeroes_the_share_it_says_and_nothing_else():
    x = torch.rand(400, 100, generator=generator()) + 0.5  # no zeros before
    augmented, mask = dazzle.augment_dropout(x, 0.1, generator(3))
    share, sd = float(mask.float().mean()), math.sqrt(0.1 * 0.9 / mask.numel())
    assert abs(share - 0.1) < 5 * sd
    by_gene = mask.float().mean(0)  # every gene alike: sd of a gene's share is √(p(1-p)/n)
    assert float(by_gene.std()) == pytest.approx(math.sqrt(0.1 * 0.9 / 400), rel=0.3)
    assert torch.equal(augmented == 0, mask)
    assert torch.equal(augmented[~mask], x[~mask])


def test_dazzle_ranks_edges_of_a_linear_network():
    truth = sem.random_network(20, n_tfs=5, seed=4)
    X = sem.simulate_linear(truth, 600, seed=4)
    W = dazzle.dazzle(X, alpha=0.2, lr_W=1e-3, n_epochs=25, W_init="safe")
    chance = (truth[:, :5] != 0).mean()
    assert known_truth.auprc(W, truth, 5) > 2 * chance
    assert not np.diag(W).any()


def test_dazzle_survives_a_gene_that_never_changes():
    X = sem.simulate_linear(FIVE, 128, seed=0)
    X[:, 4] = 2.0
    assert np.isfinite(dazzle.dazzle(X, n_epochs=2, W_init="safe")).all()


def test_delay_keeps_the_penalty_out():
    X = sem.simulate_linear(sem.random_network(15, seed=1), 128, seed=1)
    settings = {"n_epochs": 4, "W_init": "safe", "lr_W": 1e-3}
    free = dazzle.dazzle(X, alpha=0.0, **settings)
    assert np.array_equal(dazzle.dazzle(X, alpha=100.0, delay=4, **settings), free)
    early = dazzle.dazzle(X, alpha=100.0, delay=0, **settings)
    assert np.abs(early).mean() < 0.9 * np.abs(free).mean()


def test_noise_schedule_has_its_closed_form():
    signal, noise = regdiffusion.noise_schedule(1000, start=1e-4, end=0.02)
    by_hand = [
        math.prod(1 - (1e-4 + (0.02 - 1e-4) * s / 999) for s in range(t + 1)) for t in (0, 9)
    ]
    assert float(signal[0]) == pytest.approx(math.sqrt(by_hand[0]), rel=1e-6)
    assert float(signal[9]) == pytest.approx(math.sqrt(by_hand[1]), rel=1e-6)
    assert torch.allclose(signal.square() + noise.square(), torch.ones(1000))
    assert (signal.diff() < 0).all()
    ends = [
        regdiffusion.noise_schedule(n).signal[-1] for n in (1000, 5000)
    ]  # same noise, finer steps
    assert float(ends[0]) == pytest.approx(float(ends[1]), rel=0.05)


def test_grn_layer_of_the_noise_predictor_may_come_last_or_before_the_projection():
    model = regdiffusion.NoisePredictor(6, 50, 16, dead_zone=0.5, seed=0)
    x, t = torch.randn(3, 6, generator=generator()), torch.tensor([0, 10, 49])
    W = torch.tensor(random_W(6, seed=3), dtype=torch.float32)
    features = []
    model.mix.register_forward_hook(lambda *args: features.append(torch.tanh(args[2])))
    fast = model(x, t, W)
    mixed = torch.einsum("bgd,gh->bhd", features[0], torch.eye(6) - W.T)  # as in the package
    assert torch.allclose(fast, model.out(mixed).squeeze(-1), atol=1e-6)


def test_the_dead_zone_keeps_repression_out():
    truth = sem.random_network(20, n_tfs=5, seed=5)
    X = standardise(sem.simulate_linear(truth, 600, seed=5)).X
    of = {
        zone: regdiffusion.regdiffusion(X, n_steps=300, n_levels=1000, dead_zone=zone, lr_W=0.003)
        for zone in (0.0, 0.5)
    }
    assert (of[0.5] >= 0).all()
    edges = truth != 0
    assert (np.sign(of[0.0][edges]) == np.sign(truth[edges])).mean() > 0.9


def test_regdiffusion_ranks_edges_of_a_positive_network():
    truth = np.abs(sem.random_network(20, n_tfs=5, seed=5))
    X = standardise(sem.simulate_linear(truth, 600, seed=5)).X
    W = regdiffusion.regdiffusion(X, n_steps=300, n_levels=1000, lr_W=0.003)
    assert known_truth.auprc(W, truth, 5) > 2 * (truth[:, :5] != 0).mean()
    assert not np.diag(W).any()


def test_scores_by_hand():
    truth = np.array([[0, 0, 0], [1.0, 0, 0], [0, 1.0, 0]])
    W = np.array([[0, 0.9, 0], [0.5, 0, 0], [0.1, -0.7, 0]])
    # candidates of two TFs: B→A .9 (false), B→C .7 (true), A→B .5 (true), A→C .1
    assert known_truth.auprc(W, truth, 2) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert known_truth.right_way(W, truth) == pytest.approx(1 / 2)  # A → B is the wrong way round
    assert known_truth.right_way(np.ones((3, 3)), truth) == pytest.approx(1 / 2)


def test_a_correlation_has_no_direction():
    truth = sem.random_network(50, n_tfs=10, seed=0)
    W = np.corrcoef(np.random.default_rng(0).normal(size=(50, 200)))
    assert (W != W.T).any()  # numpy divides by one sd after the other
    assert known_truth.right_way(W, truth) == 0.5


@pytest.mark.parametrize("method", [dag_gnn.dag_gnn, dazzle.dazzle, regdiffusion.regdiffusion])
def test_the_seed_decides(method):
    X = standardise(sem.simulate_linear(FIVE, 200, seed=0)).X
    short = {
        dag_gnn.dag_gnn: {"n_rounds": 1, "n_steps": 3},
        dazzle.dazzle: {"n_epochs": 2, "W_init": "safe"},
        regdiffusion.regdiffusion: {"n_steps": 3},
    }[method]
    torch.manual_seed(1)
    first = method(X, seed=7, **short)
    torch.manual_seed(2)
    assert np.array_equal(method(X, seed=7, **short), first)
    assert not np.array_equal(method(X, seed=8, **short), first)


def test_figure_of_the_race_draws_every_network_and_refuses_a_method_it_cannot_draw():
    rows = [(m, n, 0.1 * n, 2.0) for m in ("DeepSEM", "Pearson") for n in range(3)]
    table = pd.DataFrame(rows, columns=["method", "network", "auprc", "seconds"])
    left = figures.accuracy_and_time(table, chance=0.1).axes[0]
    drawn = [line.get_ydata() for line in left.lines if line.get_marker() == "."]
    assert [list(np.round(y, 6)) for y in drawn] == [[0.0, 0.1, 0.2]] * 2
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["Pearson", "DeepSEM"]
    with pytest.raises(ValueError, match="GENIE3"):
        figures.accuracy_and_time(table.replace("Pearson", "GENIE3"), chance=0.1)


def test_steps_of_the_race_need_holm_and_a_mean_that_counts():
    noise = [0.001, -0.001, 0.002, -0.002]
    columns = {"a": 0.2, "small": 0.24, "large": 0.4}
    rows = [(n, m, v + e) for n, e in enumerate(noise) for m, v in columns.items()]
    rows = [(n, m, v + (0.001 * n if m == "large" else 0)) for n, m, v in rows]
    rows = [(n, m, v - (0.001 * n if m == "small" else 0)) for n, m, v in rows]
    table = pd.DataFrame(rows, columns=["network", "method", "auprc"])
    gains = race.gains(table, [("small", "a"), ("large", "a"), ("a", "large")])
    assert list(gains["verdict"]) == ["undecided", "raises", "lowers"]  # 0.04 is below SMALL
    assert gains["networks won"]["large − a"] == "4 of 4"


def test_costs_are_beside_the_linear_sem():
    seconds = pd.DataFrame({"m": [2.0, 300.0], "n": [4.0, np.nan]}, index=["LinearSEM", "NOTEARS"])
    table = grid.costs(seconds)
    assert list(table.index) == ["linear SEM", "NOTEARS"] and list(table["matrices"]) == [2, 1]
    assert table.loc["NOTEARS", "times the linear SEM"] == "150"
