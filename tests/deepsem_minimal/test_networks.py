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


def test_edge_table_and_matrix_are_inverse():
    W = np.random.default_rng(0).normal(size=(7, 7))
    np.fill_diagonal(W, 0)
    genes = list("abcdefg")
    np.testing.assert_allclose(networks.to_matrix(networks.edge_table(W, genes), genes), np.abs(W))


def test_to_matrix_refuses_unknown_genes():
    with pytest.raises(ValueError, match="missing from `genes`: D"):
        networks.to_matrix(EDGES, ["A", "B", "C"])


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
