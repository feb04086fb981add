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


def test_offsets_of_rows_and_columns_are_taken_away(truth) -> None:
    """What is left of them is far below an edge, and an offset of all pairs leaves nothing."""
    rng = np.random.default_rng(1)
    W = truth + 1e-3 * rng.normal(size=truth.shape)
    offset = rng.normal(size=(100, 1)) + rng.normal(size=(1, 100))
    edge = truth != 0
    importance, sign = centred(W + offset)
    off = ~np.eye(100, dtype=bool) & ~edge
    assert np.quantile(importance[off], 0.95) < 0.1 < 0.2 < importance[edge].min()
    np.testing.assert_array_equal(sign[edge], np.sign(truth[edge]))
    np.testing.assert_allclose(centred(W + 0.7)[0], centred(W)[0], atol=1e-9)


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


def test_self_edges_have_no_importance_and_do_not_move_the_centre() -> None:
    W = np.full((5, 5), 0.25)
    W[1, 0] = 0.75
    np.fill_diagonal(W, 0)
    importance, sign = centred(W)
    expected = np.zeros((5, 5))
    expected[1, 0] = 0.5
    np.testing.assert_allclose(importance, expected)
    assert sign[1, 0] == 1
