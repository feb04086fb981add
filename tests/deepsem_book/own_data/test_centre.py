"""The centre of W: known edges under known offsets."""

import numpy as np
import pytest

from deepsem_book.own_data.centre import centred
from deepsem_book.truth.scores import score
from deepsem_book.truth.simulator import Setting, network


@pytest.fixture(scope="module")
def truth():
    setting = Setting(n_genes=100, repression=0.4)
    return network(100, 20, setting, np.random.default_rng(0))


def test_offset_of_all_and_of_regulators_is_taken_away(truth) -> None:
    rng = np.random.default_rng(1)
    W = truth + 1e-3 * rng.normal(size=truth.shape)
    importance, sign = centred(W)
    shifted = centred(W + 0.7 + rng.normal(size=(1, 100)))
    np.testing.assert_allclose(shifted[0], importance, atol=1e-9)
    np.testing.assert_array_equal(shifted[1], sign)


@pytest.mark.parametrize("offset", [-0.5, 0.5])
def test_absolute_values_hide_one_sign_and_the_centre_shows_both(truth, offset: float) -> None:
    W = truth + offset + 1e-3 * np.random.default_rng(1).normal(size=truth.shape)
    hidden = "auroc_repressing" if offset > 0 else "auroc_activating"
    assert score(W, truth, 20)[hidden] < 0.5
    importance, sign = centred(W)
    found = score(importance * sign, truth, 20)
    assert found["auroc_activating"] > 0.99
    assert found["auroc_repressing"] > 0.99
    assert found["sign"] == 1


def test_importance_by_hand() -> None:
    """Three genes. Distances from the columns' medians, and their products of means over 1 / 6."""
    W = np.array([[0.0, 0.5, 0.1], [0.2, 0.0, 0.1], [0.2, 0.1, 0.0]])
    distance = np.array([[0, 0.2, 0], [0, 0, 0], [0, -0.2, 0]])
    of_target, of_regulator, mean = np.array([0.1, 0, 0.1]), np.array([0, 0.2, 0]), 0.4 / 6
    left = np.abs(distance) - np.outer(of_target, of_regulator) / mean
    importance, sign = centred(W)
    lowest = left[~np.eye(3, dtype=bool)].min()
    np.testing.assert_allclose(importance[0, 1], left[0, 1] - lowest)
    np.testing.assert_allclose(importance[1, 0], -lowest)
    assert importance.min() == 0
    np.testing.assert_array_equal(np.diag(importance), 0)
    assert sign[0, 1] == 1
    assert sign[2, 1] == -1


def test_a_pair_of_two_hubs_needs_more_than_others(truth) -> None:
    """The same distance counts less where target and regulator are far from the centre anyway."""
    rng = np.random.default_rng(2)
    level = np.r_[np.full(10, 3.0), np.full(40, 1.0)]
    W = np.outer(level, level) * rng.choice([-0.1, 0.1], size=(50, 50))
    W[30, 40] = 0.9  # as far as the pairs of hubs
    importance, _ = centred(W)
    assert np.unravel_index(importance.argmax(), W.shape) == (30, 40)


def test_an_empty_W_has_no_importance_and_no_sign() -> None:
    importance, sign = centred(np.zeros((5, 5)))
    assert not importance.any()
    assert not sign.any()
