"""The simulator: its knobs do what they say, and its cells obey the equation that defines it."""

from dataclasses import replace

import numpy as np
import pytest

from deepsem_book.truth import realism
from deepsem_book.truth.simulator import Setting, log_expression, network, simulate

SMALL = Setting(n_genes=40, n_cells=300)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_without_noise_a_cell_is_the_fixed_point_of_its_equation() -> None:
    """y = Σ W tanh(n y / 2) + b, solved here by iterating over the genes in order."""
    setting = replace(SMALL, noise=0.0, n_cells=5)
    W = network(40, 8, setting, rng())
    y = log_expression(W, 8, np.zeros(5, dtype=int), setting, rng(1))
    b = setting.variation * rng(1).normal(size=(5, 40))
    expected = np.zeros_like(b)
    for gene in range(40):  # regulators come before their targets
        expected[:, gene] = np.tanh(setting.hill / 2 * expected) @ W[gene] + b[:, gene]
    np.testing.assert_allclose(y, expected, atol=0.02)  # what eight life times leave


def test_tanh_is_the_hill_function() -> None:
    a = np.array([0.1, 1.0, 3.0])
    hill = a**2 / (1 + a**2)
    np.testing.assert_allclose(np.tanh(2 / 2 * np.log(a)), 2 * hill - 1)


def test_network_is_acyclic_without_feedback_and_signed_as_asked() -> None:
    setting = Setting(n_genes=500, repression=0.6)
    W = network(500, 100, setting, rng())
    assert not np.triu(W).any()
    assert not W[:, 100:].any()  # only TFs regulate
    rows = np.abs(W).sum(axis=1)
    np.testing.assert_allclose(rows[rows > 0], setting.strength)
    assert np.mean(W[W != 0] < 0) == pytest.approx(0.6, abs=0.06)
    loops = network(500, 100, replace(setting, feedback=0.5), rng())
    back = ((loops != 0) & (loops.T != 0)).sum() / 2
    assert back / (W[:, :100][:100] != 0).sum() == pytest.approx(0.5, abs=0.15)


def test_hubs_grow_with_the_exponent() -> None:
    largest = [
        (network(500, 100, Setting(n_genes=500, hub_exponent=e), rng()) != 0).sum(axis=0).max()
        for e in (0.0, 1.0, 1.5)
    ]
    assert largest[0] * 2 < largest[1] < largest[2]


@pytest.mark.parametrize("zeros", [0.0, 0.3, 0.9])
def test_zeros_are_as_many_as_asked(zeros: float) -> None:
    counts = simulate(replace(SMALL, zeros=zeros)).counts
    assert (counts == 0).mean() == pytest.approx(zeros, abs=0.02)


def test_depth_is_divided_out_or_left_in() -> None:
    setting = replace(SMALL, depth_sd=1.0, zeros=0.0)
    corrected, left = simulate(setting), simulate(replace(setting, normalised=False))
    np.testing.assert_array_equal(corrected.counts, left.counts)
    follows = [abs(np.corrcoef(np.log(d.depth), d.X.mean(axis=1))[0, 1]) for d in (corrected, left)]
    assert follows[0] < 0.3 < 0.9 < follows[1]


def test_hidden_regulators_leave_the_matrix_and_the_truth() -> None:
    data = simulate(replace(SMALL, hidden=0.5))
    assert data.X.shape == (300, 40)
    assert data.W.shape == (40, 40)
    assert data.n_tfs == 8
    rows = np.abs(data.W).sum(axis=1)
    assert (rows < SMALL.strength - 1e-6).mean() > 0.4  # what the unseen TFs do is missing


def test_sign_of_an_edge_is_the_sign_of_the_correlation() -> None:
    data = simulate(replace(SMALL, n_cells=3000, zeros=0.0, repression=0.5))
    alone = [t for t in range(8, 40) if (data.W[t] != 0).sum() == 1]
    assert len(alone) > 3
    for target in alone:
        regulator = np.flatnonzero(data.W[target])[0]
        r = np.corrcoef(data.X[:, target], data.X[:, regulator])[0, 1]
        assert r * np.sign(data.W[target, regulator]) > 0.2


def test_types_differ_and_the_same_seed_gives_the_same_cells() -> None:
    data = simulate(replace(SMALL, n_types=3), seed=5)
    again = simulate(replace(SMALL, n_types=3), seed=5)
    np.testing.assert_array_equal(data.counts, again.counts)
    centres = np.stack([data.X[data.types == k].mean(axis=0) for k in range(3)])
    one = simulate(SMALL, seed=5)
    halves = np.stack([one.X[:150].mean(axis=0), one.X[150:].mean(axis=0)])
    assert centres.std(axis=0).max() > 3 * halves.std(axis=0).max()


@pytest.mark.parametrize("wrong", [{"zeros": 1.2}, {"hidden": 1.0}, {"n_genes": 2}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="got Setting"):
        simulate(replace(SMALL, **wrong))


def test_statistics_of_independent_normal_genes() -> None:
    X = rng().normal(size=(4000, 50)) + 10
    found = realism.statistics_of(X)
    assert found["zeros"] == 0
    assert found["r_mean"] == pytest.approx(0, abs=0.002)
    assert found["r_sd"] == pytest.approx(4000**-0.5, rel=0.1)
    assert found["rank"] == pytest.approx(50, rel=0.05)
    assert found["negative"] == pytest.approx(0.5, abs=0.05)


def test_statistics_of_one_factor() -> None:
    """Genes that are one factor: a single eigenvector, and one direction."""
    factor = rng().normal(size=(500, 1))
    found = realism.statistics_of(np.repeat(factor, 20, axis=1))
    assert found["first"] == pytest.approx(1)
    assert found["rank"] == pytest.approx(1)


def test_simulated_cells_lie_among_the_real_ones() -> None:
    """Ranges of the seven real matrices of the chapter, with its table as the source."""
    table = realism.comparison({"simulated": simulate(Setting(n_genes=300)).X})
    row = table.loc["simulated"]
    assert 0.11 < row["zeros"] < 0.57
    assert row["zeros_on_mean"] < -0.6
    assert 0.07 < row["r_sd"] < 0.36
    assert 0.05 < row["first"] < 0.54
