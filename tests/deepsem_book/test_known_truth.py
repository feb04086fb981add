"""Scores of W where the truth is known."""

import numpy as np
import pytest

from deepsem_book.known_truth import both_signs, varsortability

CHAIN = np.array([[0.0, 0, 0], [0.8, 0, 0], [0, -0.5, 0]])  # gene 0 → gene 1 ⊣ gene 2


def test_varsortability_by_hand():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    X = (X - X.mean(0)) / X.std(0)
    # paths of CHAIN: 0 → 1, 1 → 2 and 0 → 1 → 2
    assert varsortability(X * [1, 2, 3], CHAIN) == 1
    assert varsortability(X * [3, 2, 1], CHAIN) == 0
    assert varsortability(X * [1, 3, 2], CHAIN) == pytest.approx(2 / 3)
    assert varsortability(X * [2, 1, 2], CHAIN) == pytest.approx((0 + 1 + 0.5) / 3)
    assert varsortability(X, CHAIN) == 0.5


def test_an_offset_hides_one_sign_by_hand():
    """Two edges of one regulator among six targets: with an offset -0.5 ranks below no edge."""
    truth = np.zeros((7, 7))
    truth[[1, 2], 0] = 0.5, -0.5
    plain = both_signs(truth, truth, n_tfs=1)
    assert plain == {"activating": 1, "repressing": 1, "sign": 1}
    shifted = both_signs(truth + 0.5, truth, n_tfs=1)
    assert (shifted["activating"], shifted["repressing"]) == (1, 0)
    assert both_signs(-truth, truth, n_tfs=1)["sign"] == 0
    only = both_signs(np.abs(truth), np.abs(truth), n_tfs=1)
    assert np.isnan(only["repressing"])
