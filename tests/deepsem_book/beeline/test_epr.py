"""What EPR rewards: its variants by hand, parts of a ranking, truths with the same degrees."""

import numpy as np
import pandas as pd
import pytest
from toy_network import EDGES, TRUTH, network

from deepsem_book.baselines import controls
from deepsem_book.beeline.epr import decompose, epr_variants, rewire, rewiring_test, within_tf_auroc
from deepsem_minimal import metrics, networks


def test_variants_by_hand():
    no_ties = epr_variants(EDGES, TRUTH)
    assert no_ties["beeline"] == no_ties["deepsem_code"] == pytest.approx(4 / 3)
    assert no_ties["deepsem_tutorial"] == pytest.approx(4 / 3)
    assert no_ties["dazzle"] == pytest.approx(1 / (9 / 6))  # only AB, BC are above the 3rd
    assert no_ties["regdiffusion"] == pytest.approx(1 / (9 / 8))  # 2 x 4 candidates

    tied = epr_variants(EDGES.assign(importance=[5, 4, 3, 3, 3, 1]), TRUTH)
    assert tied["beeline"] == pytest.approx(3 / 5 * 2)
    assert tied["deepsem_code"] == pytest.approx(1 / (9 / 6))  # the tie is dropped
    assert tied["deepsem_tutorial"] == pytest.approx(2 / (9 / 6))  # first three rows

    with_self = pd.concat([TRUTH, network(("A", "A"))])
    variants = epr_variants(EDGES, with_self)
    assert variants["beeline"] == pytest.approx(4 / 3)
    assert variants["deepsem_code"] == pytest.approx(3 / (16 / 6))  # k = 4
    assert variants["dazzle"] == pytest.approx(1 / (9 / 6))
    assert variants["regdiffusion"] == pytest.approx(2 / (16 / 8))


def test_decomposition_finds_a_pure_tf_effect():
    W = np.tile([3.0, 1, 2], (3, 1))  # every target has the same regulator scores
    edges = networks.edge_table(W, list("abc"))
    pd.testing.assert_frame_equal(decompose(edges)["TF mean"], edges)


def test_decomposition_leaves_an_interaction_to_the_rest():
    rng = np.random.default_rng(1)
    genes = [f"g{i}" for i in range(30)]
    W = 5 * rng.uniform(size=30) + 5 * rng.uniform(size=(30, 1))  # TF + target effects
    planted = rng.uniform(size=W.shape) < 0.1
    np.fill_diagonal(planted, False)
    target, tf = np.nonzero(planted)
    truth = network(*((genes[i], genes[j]) for i, j in zip(tf, target, strict=True)))
    edges = networks.edge_table(W + planted, genes)
    auroc = {k: metrics.evaluate(v, truth)["auroc"] for k, v in decompose(edges).items()}
    assert auroc["rest"] > 0.99
    assert abs(auroc["TF mean"] - 0.5) < 0.15


def test_within_tf_auroc_ignores_differences_between_tfs():
    edges = EDGES.assign(importance=[16, 5, 14, 3, 12, 1])  # all of A above all of B
    result = within_tf_auroc(edges, TRUTH).set_index("TF")
    assert result.loc["A", "auroc"] == 1
    assert result.loc["B", "auroc"] == 0.5  # BC > BD > BA, only BD true
    assert result["n_targets"].tolist() == [2, 1]


def random_truth(seed, n_tfs=12, n_genes=40):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(size=(n_tfs, n_genes)) < rng.uniform(0.05, 0.6, size=(n_tfs, 1))
    allowed = ~np.eye(n_tfs, n_genes, dtype=bool)
    return truth & allowed, allowed


def test_rewiring_keeps_degrees_and_changes_edges():
    truth, allowed = random_truth(0)
    before = truth.copy()
    random = rewire(truth, allowed, np.random.default_rng(0))
    np.testing.assert_array_equal(truth, before)
    np.testing.assert_array_equal(random.sum(axis=0), truth.sum(axis=0))
    np.testing.assert_array_equal(random.sum(axis=1), truth.sum(axis=1))
    assert not (random & ~allowed).any()
    assert (random ^ truth).sum() > 0.2 * truth.sum()


def test_rewiring_samples_all_networks_of_a_tiny_case_evenly():
    # Three TFs, three targets, one edge each: the six permutation matrices, equally likely.
    start, allowed = np.eye(3, dtype=bool), np.ones((3, 3), dtype=bool)
    rng = np.random.default_rng(0)
    seen = [rewire(start, allowed, rng).argmax(axis=1).tobytes() for _ in range(1200)]
    counts = np.unique(seen, return_counts=True)[1]
    assert len(counts) == 6
    assert counts.min() > 150


def test_rewiring_z_separates_edge_knowledge_from_degree_knowledge():
    truth, _ = random_truth(3)
    genes = [f"G{i}" for i in range(truth.shape[1])]
    tf, target = np.nonzero(truth)
    net = network(*((genes[i], genes[j]) for i, j in zip(tf, target, strict=True)))
    known = net.set_axis(["TF", "target"], axis=1).assign(importance=1.0)
    perfect = rewiring_test(known, net, genes, n_rewirings=30).set_index("metric")
    oracle = rewiring_test(controls.degree_oracle(net), net, n_rewirings=30)
    assert (perfect["z"] > 8).all()
    assert oracle.set_index("metric").loc["epr", "observed"] > 1.2
    assert np.nan_to_num(oracle["z"]).max() < 3


def test_a_table_with_an_importance_that_is_not_finite_has_no_parts():
    with pytest.raises(ValueError, match="NaN or infinite importances"):
        decompose(EDGES.assign(importance=np.inf))
