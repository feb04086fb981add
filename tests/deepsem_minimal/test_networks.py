"""Metrics against hand-made cases, scikit-learn, and the facts known of BEELINE's networks."""

import os

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from deepsem_book import datasets
from deepsem_book.baselines import controls
from deepsem_book.beeline.epr import decompose, epr_variants, rewire, rewiring_test, within_tf_auroc
from deepsem_minimal import metrics, networks


def table(*rows):
    return pd.DataFrame(rows, columns=["TF", "target", "importance"])


def network(*rows):
    return pd.DataFrame(rows, columns=["Gene1", "Gene2"])


# Two TFs (A, B), four genes: candidates AB AC AD BA BC BD; three are true, density 1/2.
TRUTH = network(("A", "B"), ("A", "C"), ("B", "D"))
EDGES = table(
    ("A", "B", 6), ("B", "C", 5), ("A", "C", 4), ("B", "D", 3), ("A", "D", 2), ("B", "A", 1)
)


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


def test_random_scores_have_expectation_one():
    rng = np.random.default_rng(0)
    genes = [f"g{i}" for i in range(60)]
    truth = network(*zip(rng.choice(genes, 600), rng.choice(genes, 600), strict=True))
    results = [metrics.evaluate(controls.random_scores(genes, seed=s), truth) for s in range(20)]
    assert np.mean([r["epr"] for r in results]) == pytest.approx(1, abs=0.08)
    assert np.mean([r["auroc"] for r in results]) == pytest.approx(0.5, abs=0.01)


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


def test_degree_oracle():
    edges = controls.degree_oracle(TRUTH)
    W = networks.to_matrix(edges, list("ABCD"))
    np.testing.assert_array_equal(W[:, 0], [0, 2, 2, 2])  # A has two targets
    np.testing.assert_array_equal(W[:, 1], [1, 0, 1, 1])
    by_target = networks.to_matrix(controls.degree_oracle(TRUTH, of="target"), list("ABCD"))
    np.testing.assert_array_equal(by_target[:, 1], [0, 0, 1, 1])  # nothing regulates A
    with pytest.raises(ValueError, match="of='genes'"):
        controls.degree_oracle(TRUTH, of="genes")


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


# Facts about the real networks; they need the mirror of the data sets.
needs_mirror = pytest.mark.skipif(
    not os.environ.get("DEEPSEM_MIRROR"), reason="DEEPSEM_MIRROR names no mirror of the data"
)


@needs_mirror
def test_sizes_and_ceilings_of_beeline_networks():
    def oracle(name):
        net = datasets.load_network(f"beeline/{name}", quiet=True)
        return metrics.evaluate(controls.degree_oracle(net), net)

    hesc = oracle("hESC-500/STRING")
    assert (hesc["n_tfs"], hesc["n_genes"], hesc["n_edges"]) == (343, 517, 4257)
    assert oracle("mDC-500/STRING")["max_epr"] == pytest.approx(26.65, abs=0.005)
    assert oracle("mHSC-GM-500/Specific")["max_epr"] == pytest.approx(1.84, abs=0.005)
    chip = oracle("hESC-500/Specific")  # knows the degrees of the TFs only
    assert chip["epr"] == pytest.approx(3.04, abs=0.005)
    assert chip["max_epr"] == pytest.approx(6.09, abs=0.005)


@needs_mirror
@pytest.mark.parametrize(
    ("kind", "epr", "auprc_ratio"),
    [("STRING", 1.46, 1.10), ("Non-Specific", 1.06, 0.94), ("Specific", 1.24, 1.08)],
)
def test_pearson_on_mdc(kind, epr, auprc_ratio):
    adata = datasets.load("beeline/mDC-500", quiet=True)
    edges = networks.edge_table(np.corrcoef(adata.X, rowvar=False), adata.var_names)
    result = metrics.evaluate(edges, datasets.load_network(f"beeline/mDC-500/{kind}", quiet=True))
    assert result["epr"] == pytest.approx(epr, abs=0.005)
    assert result["auprc_ratio"] == pytest.approx(auprc_ratio, abs=0.005)
