"""Scores against a known truth: hand-made cases and independent formulas."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from deepsem_book.baselines.common import standardise
from deepsem_book.truth import methods, scores
from deepsem_book.truth.simulator import Setting, simulate


@pytest.fixture(scope="module")
def data():
    return simulate(Setting(n_genes=40, n_cells=500, zeros=0.1), seed=3)


def test_areas_agree_with_scikit_learn(data) -> None:
    S = methods.correlation(data)
    areas = scores.score(S, data.W, data.n_tfs)
    flat = [
        (data.W[t, r], abs(S[t, r])) for t in range(40) for r in range(data.n_tfs) if t != r
    ]  # fmt: skip
    w, s = np.array(flat).T
    assert areas["auroc"] == pytest.approx(roc_auc_score(w != 0, s))
    assert areas["auprc_ratio"] == pytest.approx(
        average_precision_score(w != 0, s) / np.mean(w != 0)
    )
    repressing = w <= 0
    expected = roc_auc_score(w[repressing] != 0, s[repressing])
    assert areas["auroc_repressing"] == pytest.approx(expected)


def test_the_truth_is_perfect_and_its_mirror_has_every_sign_and_direction_wrong(data) -> None:
    perfect = scores.score(data.W, data.W, data.n_tfs)
    assert perfect["auroc"] == perfect["sign"] == perfect["direction"] == 1
    assert perfect["early_precision"] == perfect["recall_half"] == 1
    assert scores.score(-data.W, data.W, data.n_tfs)["sign"] == 0
    assert scores.score(data.W.T, data.W, data.n_tfs)["direction"] == 0
    assert scores.score(data.W + data.W.T, data.W, data.n_tfs)["direction"] == 0.5


def test_degrees_explain_all_of_the_degrees(data) -> None:
    of_degrees = scores.score(methods.degrees(data), data.W, data.n_tfs)
    assert of_degrees["from_degrees"] == pytest.approx(1, abs=0.1)
    assert of_degrees["auroc"] > 0.6
    assert scores.score(data.W, data.W, data.n_tfs)["from_degrees"] < 0.7


def test_recall_at_half_precision_by_hand() -> None:
    """True, false, true, false, false, true, ...: precision is ½ at the 4th and at the 6th."""
    true = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0, 1], dtype=bool)
    assert scores.recall_at(0.5, true, np.arange(10, 0, -1.0)) == 0.75
    assert scores.recall_at(0.5, true[::-1][1:], np.arange(9, 0, -1.0)) == 0


def test_shared_counts_candidates_only() -> None:
    rng = np.random.default_rng(0)
    S, T = rng.normal(size=(2, 60, 60))
    assert scores.shared(S, S, 20) == 1
    T[:, :20] = S[:, :20]  # columns of other genes are no candidates
    assert scores.shared(S, T, 20) == 1
    assert scores.shared(S, T, 60) < 0.6


def test_correction_finds_an_edge_below_a_common_factor(data) -> None:
    """Genes that a hidden factor joins; the one true edge is between two that it hardly reaches."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 1)) * np.r_[np.full(16, 1.5), np.full(4, 0.3)] + rng.normal(
        size=(5000, 20)
    )
    X[:, 19] -= 0.6 * X[:, 18]
    joined = replace(data, X=X, n_tfs=20)
    r, left = methods.correlation(joined), methods.METHODS["corrected"](joined, 0)
    off = np.triu_indices(20, 1)
    edge = list(zip(*off, strict=True)).index((18, 19))
    assert np.argmax(np.abs(r[off])) != edge
    assert np.argmax(np.abs(left[off])) == edge
    assert left[18, 19] < 0


def test_ridge_is_the_regression_of_each_gene(data) -> None:
    from sklearn.linear_model import Ridge

    Z = standardise(data.X)
    W = methods.METHODS["ridge"](data, 0)
    others = [tf for tf in range(data.n_tfs) if tf != 2]
    fitted = Ridge(alpha=0.1 * len(Z), fit_intercept=False)
    np.testing.assert_allclose(W[2, others], fitted.fit(Z[:, others], Z[:, 2]).coef_, atol=1e-8)
    fitted.fit(Z[:, : data.n_tfs], Z[:, 30])
    np.testing.assert_allclose(W[30, : data.n_tfs], fitted.coef_, atol=1e-8)


def test_the_oracle_beats_the_correlation(data) -> None:
    of_oracle, of_r = (
        scores.score(method(data, 0), data.W, data.n_tfs)
        for method in (methods.oracle, methods.correlation)
    )
    assert of_oracle["auprc_ratio"] > of_r["auprc_ratio"]
    assert of_oracle["sign"] > 0.97


def test_the_oracle_is_the_gain_of_two_regressions(data) -> None:
    """Log likelihoods of least squares with and without the candidate, for an edge and no edge."""

    def log_likelihood(target: int, regulators: list[int]) -> float:
        Z = standardise(data.X)
        A = np.c_[np.ones(500), np.log(data.depth), Z[:, regulators]]
        rest = Z[:, target] - A @ np.linalg.lstsq(A, Z[:, target], rcond=None)[0]
        return -250 * np.log(np.mean(rest**2))

    gains, target = methods.oracle(data), 20
    edges = np.flatnonzero(data.W[target]).tolist()
    no_edge = next(tf for tf in range(data.n_tfs) if tf not in edges)
    gain = log_likelihood(target, edges) - log_likelihood(target, edges[1:])
    assert abs(gains[target, edges[0]]) == pytest.approx(gain)
    gain = log_likelihood(target, [*edges, no_edge]) - log_likelihood(target, edges)
    assert abs(gains[target, no_edge]) == pytest.approx(gain, abs=1e-8)
