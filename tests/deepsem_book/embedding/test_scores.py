"""Scores of embeddings on hand-made pictures and paths."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from deepsem_book.embedding import scores


def test_nested_by_hand():
    # cluster 0 holds two neurons and one glia, cluster 1 a neuron, cluster 2 two glia
    types = ["neuron", "neuron", "glia", "neuron", "glia", "glia"]
    assert scores.nested([0, 0, 0, 1, 2, 2], types) == pytest.approx(5 / 6)
    assert scores.nested([0, 1, 2, 3, 4, 5], types) == 1.0  # finer than the types
    assert scores.nested([0] * 6, types) == 0.5


def test_preservation_of_copies_and_of_a_stretch():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    same = scores.preservation(X, 3 * X + 1, k=5)
    assert same == pytest.approx({"distance_r": 1.0, "emd": 0.0, "knn": 1.0}, abs=1e-9)
    noise = scores.preservation(X, rng.normal(size=(60, 4)), k=5)
    assert abs(noise["distance_r"]) < 0.2 and noise["knn"] < 0.25


def test_preservation_by_hand():
    X, E = np.array([[0.0], [1], [3], [4.5]]), np.array([[0.0], [2], [3], [7]])
    got = scores.preservation(X, E, k=1)
    before, after = np.array([1, 3, 4.5, 2, 3.5, 1.5]), np.array([2, 3, 7, 1, 5, 4.0])
    assert got["distance_r"] == pytest.approx(np.corrcoef(before, after)[0, 1])
    # of equally many points the distance is that of the sorted values
    emd = np.abs(np.sort(before / 4.5) - np.sort(after / 7)).mean()
    assert got["emd"] == pytest.approx(emd)
    assert got["knn"] == 0.5  # nearest: 1 0 3 2 before, 1 2 1 2 after
    a, b = np.zeros((4, 4)), np.zeros((4, 4))  # Heiser and Lau: entries of the two matrices
    a[range(4), [1, 0, 3, 2]], b[range(4), [1, 2, 1, 2]] = 1, 1
    assert (a == b).mean() == 1 - 2 * 1 * (1 - got["knn"]) / 4


def test_paired_differences_by_hand():
    rows = [("x", "DeepSEM", s, v) for s, v in enumerate([0.8, 0.9, 1.0])]
    rows += [("x", "no GRN", s, v) for s, v in enumerate([0.7, 0.9, 0.8])]
    rows += [("x", "PCA", 0, 0.5), ("y", "PCA", 0, 0.5), ("x", "lost", 7, 0.1), ("x", "lost", 8, 1)]
    table = pd.DataFrame(rows, columns=["data", "method", "seed", "ari"])
    got = scores.paired(table, "ari").set_index("method")
    assert set(got.index) == {"no GRN", "PCA", "lost"}
    assert got.loc["no GRN", "mean"] == pytest.approx(0.1)
    low, high = stats.t.interval(0.95, 2, 0.1, 0.1 / np.sqrt(3))
    assert (got.loc["no GRN", "low"], got.loc["no GRN", "high"]) == pytest.approx((low, high))
    assert got.loc["no GRN", "p"] == pytest.approx(2 * stats.t.sf(np.sqrt(3), 2))
    assert got.loc["PCA", "n"] == 1 and got.loc["PCA", "mean"] == pytest.approx(0.3)
    assert np.isnan(got.loc["PCA", "low"])
    assert got.loc["lost", "n"] == 0 and np.isnan(got.loc["lost", "mean"])


def test_path_order_of_a_line_and_of_a_shuffled_line():
    rng = np.random.default_rng(0)
    time = np.sort(rng.uniform(0, 10, 300))
    E = np.column_stack([time, np.sin(time), rng.normal(0, 0.1, 300)])
    stages = np.array(["early", "middle", "late"])[np.minimum(time // 3.34, 2).astype(int)]
    order = ["early", "middle", "late"]
    assert scores.path_order(E, stages, order) > 0.75
    assert scores.path_order(E, rng.permutation(stages), order) < 0.3
    torn = np.where(time[:, None] > 6.68, E + 1e3, E)  # the late cells cannot be reached
    assert 0.75 < scores.path_order(torn, stages, order) < 1
