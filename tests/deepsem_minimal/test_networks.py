"""Metrics against hand-made cases, scikit-learn, and the facts known of BEELINE's networks."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score
from toy_network import EDGES, TRUTH, network, table

from deepsem_minimal import metrics, networks


def test_edge_table_orientation_order_and_self_edges():
    W = np.array([[9.0, 1, 2], [-3, 9, 2], [0, 4, 9]])  # W[target, regulator]
    edges = networks.edge_table(W, ["a", "b", "c"])
    assert list(edges.columns) == ["TF", "target", "importance"]
    assert edges.to_numpy().tolist() == [
        ["b", "c", 4.0],  # W[c, b]
        ["a", "b", 3.0],  # |W[b, a]|
        ["c", "a", 2.0],  # ties keep gene order
        ["c", "b", 2.0],
        ["b", "a", 1.0],
        ["a", "c", 0.0],
    ]
    only_b = networks.edge_table(W, ["a", "b", "c"], tfs=["B", "not measured"])
    assert only_b["TF"].tolist() == ["b", "b"]


def test_edge_table_holds_every_weight():
    W = np.random.default_rng(0).normal(size=(7, 7))
    genes = list("abcdefg")
    for row in networks.edge_table(W, genes, signed=True).itertuples():
        weight = W[genes.index(row.target), genes.index(row.TF)]
        assert (row.importance, row.sign) == (abs(weight), np.sign(weight))


def test_hand_computed_scores():
    result = metrics.evaluate(EDGES, TRUTH)
    assert (result["n_tfs"], result["n_genes"]) == (2, 4)
    assert (result["n_edges"], result["n_candidates"]) == (3, 6)
    assert result["density"] == 1 / 2
    assert result["max_epr"] == 2
    assert result["early_precision"] == pytest.approx(2 / 3)  # AB, AC of the first three
    assert result["epr"] == pytest.approx(4 / 3)
    assert result["auprc"] == pytest.approx((1 / 1 + 2 / 3 + 3 / 4) / 3)
    assert result["auprc_ratio"] == pytest.approx((1 / 1 + 2 / 3 + 3 / 4) / 3 * 2)
    assert result["auroc"] == pytest.approx(7 / 9)  # AB beats 3, AC and BD beat 2 of 3


def test_ties_at_the_cut_are_all_selected_and_divided_by():
    edges = EDGES.assign(importance=[5, 4, 3, 3, 3, 1])  # AC, BD, AD tie at rank 3
    result = metrics.evaluate(edges, TRUTH)
    assert result["early_precision"] == pytest.approx(3 / 5)
    reverse = metrics.evaluate(edges[::-1], TRUTH)
    assert reverse == pytest.approx(result)  # the order of the rows must not matter


def test_zero_scores_are_never_selected():
    edges = EDGES.assign(importance=[1, 0, 0, 0, 0, 0])
    assert metrics.evaluate(edges, TRUTH)["early_precision"] == 1.0  # one selected, one true
    silent = metrics.evaluate(EDGES.assign(importance=0.0), TRUTH)
    assert silent["epr"] == 0
    assert silent["auprc_ratio"] == pytest.approx(1)
    assert silent["auroc"] == pytest.approx(0.5)


def test_missing_candidates_count_as_zero():
    genes = ["A", "B", "C", "D"]
    full = EDGES.assign(importance=[6, 5, 4, 0, 0, 0])
    assert metrics.evaluate(EDGES[:3], TRUTH, genes) == metrics.evaluate(full, TRUTH)


def test_genes_argument_decides_which_candidates_exist():
    without_d = metrics.evaluate(EDGES[:3], TRUTH)  # D occurs in no row
    assert (without_d["n_genes"], without_d["n_edges"], without_d["n_candidates"]) == (3, 2, 4)


def test_case_duplicates_self_edges_and_foreign_genes_change_nothing():
    dirty_truth = network(
        ("a", "B"), ("A", "b"), ("A", "C"), ("B", "D"), ("B", "D"), ("A", "A"), ("A", "ELSEWHERE")
    )
    dirty_edges = pd.concat([EDGES, table(("A", "A", 99), ("B", "B", 99), ("X", "A", 50))])
    dirty_edges["TF"] = dirty_edges["TF"].str.lower()
    dirty_edges["target"] = dirty_edges["target"].str.lower()
    assert metrics.evaluate(dirty_edges, dirty_truth) == metrics.evaluate(EDGES, TRUTH)


def test_sign_is_ignored_and_repeated_edges_count_once():
    edges = pd.concat([EDGES, table(("A", "B", 0.5), ("A", "D", -1.9), ("A", "D", 1.8))])
    edges["importance"] *= -1
    assert metrics.evaluate(edges, TRUTH) == metrics.evaluate(EDGES, TRUTH)


@pytest.mark.parametrize("n_levels", [3, 50, 10_000])
def test_areas_equal_scikit_learn(n_levels):
    rng = np.random.default_rng(n_levels)
    truth = rng.uniform(size=3000) < 0.1
    scores = rng.integers(n_levels, size=3000) + truth * n_levels / 10
    precision, auroc = metrics.ranking_areas(truth, scores)
    assert precision == pytest.approx(average_precision_score(truth, scores))
    assert auroc == pytest.approx(roc_auc_score(truth, scores))


def test_complete_network_has_no_auroc_and_ratio_one():
    everything = network(("A", "B"), ("A", "C"))
    result = metrics.evaluate(table(("A", "B", 2), ("A", "C", 1)), everything)
    assert np.isnan(result["auroc"])
    assert result["epr"] == result["auprc_ratio"] == result["max_epr"] == 1


def test_bad_input_gets_one_clear_error():
    with pytest.raises(ValueError, match=r"lacks the column\(s\) \['importance'\]"):
        metrics.evaluate(EDGES.drop(columns="importance"), TRUTH)
    with pytest.raises(ValueError, match=r"network lacks the column\(s\) \['Gene2'\]"):
        metrics.evaluate(EDGES, TRUTH.drop(columns="Gene2"))
    with pytest.raises(ValueError, match="without a gene name"):
        metrics.evaluate(EDGES, pd.concat([TRUTH, network(("A", None))]))
    with pytest.raises(ValueError, match="NaN"):
        metrics.evaluate(EDGES.assign(importance=np.nan), TRUTH)
    with pytest.raises(ValueError, match="no gene of the network"):
        metrics.evaluate(EDGES, network(("X", "Y")))
    with pytest.raises(ValueError, match="no TF of the network"):
        metrics.evaluate(EDGES, network(("X", "A")))
    with pytest.raises(ValueError, match="no edge of the network"):
        metrics.evaluate(EDGES, network(("A", "Y")))
    with pytest.raises(ValueError, match="up to case: Abc, abc"):
        metrics.evaluate(table(("Abc", "B", 1), ("B", "abc", 2)), TRUTH)
    with pytest.raises(ValueError, match="target x regulator"):
        networks.edge_table(np.zeros((2, 3)), ["a", "b"])
    with pytest.raises(ValueError, match="W holds NaN"):
        networks.edge_table(np.full((2, 2), np.nan), ["a", "b"])
    with pytest.raises(ValueError, match="none of the TFs"):
        networks.edge_table(np.ones((2, 2)), ["a", "b"], tfs=["c"])


# --- What W would be without an edge --------------------------------------------------------------


def hubs_and_both_signs(seed=0):
    """Edges of 10 regulators among 60 genes (genes x genes), 40 % repressing, and noise."""
    rng = np.random.default_rng(seed)
    W = 1e-3 * rng.normal(size=(60, 60))
    edge = np.zeros((60, 60), dtype=bool)
    edge[10:, :10] = rng.random((50, 10)) < 0.1
    W[edge] += np.where(rng.random(edge.sum()) < 0.4, -0.5, 0.5)
    return W, edge


def test_offset_of_all_and_of_regulators_is_taken_away():
    W, _ = hubs_and_both_signs()
    offsets = 0.7 + np.random.default_rng(1).normal(size=(1, 60))
    np.testing.assert_allclose(networks.centred(W + offsets), networks.centred(W), atol=1e-9)


@pytest.mark.parametrize("offset", [-0.6, 0.6])
def test_absolute_values_hide_one_sign_and_the_centre_shows_both(offset):
    W, edge = hubs_and_both_signs()
    off = ~np.eye(60, dtype=bool)
    hidden = edge & (np.sign(W) != np.sign(offset))
    others = off & ~edge
    assert np.abs(W + offset)[hidden].max() < np.abs(W + offset)[others].min()
    scores = networks.centred(W + offset)
    assert np.abs(scores)[edge].min() > np.abs(scores)[others].max()
    np.testing.assert_array_equal(np.sign(scores)[edge], np.sign(W)[edge])


def test_centred_scores_by_hand():
    """Three genes. Distances from the columns' medians, and their products of means over 1 / 6."""
    W = np.array([[0.0, 0.5, 0.1], [0.2, 0.0, 0.1], [0.2, 0.1, 0.0]])
    size = np.array([[0, 0.2, 0], [0, 0, 0], [0, 0.2, 0]])  # 0.5 and 0.1 around 0.3
    of_target, of_regulator, mean = np.array([0.1, 0, 0.1]), np.array([0, 0.2, 0]), 0.4 / 6
    corrected = size - np.outer(of_target, of_regulator) / mean
    scores = networks.centred(W)
    lowest = corrected[~np.eye(3, dtype=bool)].min()
    np.testing.assert_allclose(scores[0, 1], corrected[0, 1] - lowest, atol=1e-12)
    np.testing.assert_allclose(scores[2, 1], lowest - corrected[2, 1], atol=1e-12)
    assert not scores[:, [0, 2]].any()  # at their centre: no sign


def test_a_pair_of_two_hubs_needs_more_than_others():
    """The same distance counts less where target and regulator are far from the centre anyway."""
    level = np.r_[np.full(10, 3.0), np.full(40, 1.0)]
    W = np.outer(level, level) * np.random.default_rng(2).choice([-0.1, 0.1], size=(50, 50))
    W[30, 40] = 0.9  # as far as the pairs of hubs
    assert np.unravel_index(networks.centred(W).argmax(), W.shape) == (30, 40)


def test_an_empty_W_has_no_scores_and_a_broken_one_is_not_mended():
    assert not networks.centred(np.zeros((5, 5))).any()
    broken = np.zeros((5, 5))
    broken[2, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        networks.edge_table(networks.centred(broken), list("abcde"))
