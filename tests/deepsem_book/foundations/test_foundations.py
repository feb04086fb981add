"""Chapters 1 and 2: known networks beside each other, controls, and direction, by hand."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book import foundations
from deepsem_book.foundations import cells, experiments
from deepsem_minimal import metrics
from deepsem_minimal.networks import known_edges


def network(*edges: str) -> pd.DataFrame:
    """Edges written as "AB": A regulates B."""
    return pd.DataFrame([tuple(edge) for edge in edges], columns=["Gene1", "Gene2"])


FIRST = network("AB", "BA", "AC", "BD", "AA")
SECOND = network("AB", "AC", "BC", "CD")


def test_a_known_network_as_a_matrix_has_every_named_gene_and_no_self_edge():
    matrix = foundations.as_matrix(FIRST)
    assert list(matrix.index) == ["A", "B"] and list(matrix.columns) == list("ABCD")
    assert matrix.to_numpy().tolist() == [[False, True, True, False], [True, False, False, True]]


def test_shared_edges_beside_chance_are_those_counted_by_hand():
    """TFs of both are A and B; 2 x 4 places minus 2 self edges; SECOND keeps AB, AC, BC."""
    matrices = {"one": foundations.as_matrix(FIRST), "two": foundations.as_matrix(SECOND)}
    row = foundations.overlaps(matrices).loc["one and two"]
    assert row["TFs of both"] == 2 and row["edges"] == "4 and 3" and row["shared"] == 2
    assert row["expected by chance"] == f"{4 * 3 / 6:.0f}" and row["times chance"] == "1.0"
    assert row["expected from degrees"] == f"{(2 * 2 + 2 * 1) * (1 * 1 + 1 * 2) / 12:.0f}"
    assert row["shared, of all their edges"] == "40%"


def test_panels_show_the_genes_with_most_edges_first():
    matrices = {"one": foundations.as_matrix(FIRST), "two": foundations.as_matrix(SECOND)}
    panels = foundations.side_by_side(matrices)
    assert [panel.sum(axis=0).tolist() for panel in panels.values()] == [[1, 1, 1, 1], [2, 1, 0, 0]]
    table = pd.DataFrame(
        [("t", "Pearson |r|", "epr", 2.0), ("u", "Pearson |r|", "epr", 3.0),
         ("t", "TF-degree oracle", "epr", 4.0), ("t", "ceiling", "epr", 9.0),
         ("t", "Pearson |r|", "auprc_ratio", 99.0)],
        columns=["truth", "method", "score", "value"],
    )  # fmt: skip
    answer = foundations.answer(table, panels)
    assert answer["share"] == 2 / 5 and (answer["tfs"], answer["genes"]) == (2, 4)
    assert (answer["r_low"], answer["r_high"], answer["degrees_high"]) == (2, 3, 4)


def test_a_network_is_described_among_the_genes_of_the_data():
    row = foundations.described({"first": FIRST}, list("ABCD"), ["A", "B"]).loc["first"]
    assert (row["TFs"], row["genes"], row["edges"], row["candidates"]) == (2, 4, 4, 6)
    assert row["density"] == "0.667" and row["of these both ways"] == "100%"


def test_direction_of_one_way_edges_is_right_wrong_or_a_tie():
    scores = pd.DataFrame(np.zeros((3, 3)), list("ABC"), list("ABC"))  # [target, regulator]
    scores.loc["B", "A"], scores.loc["A", "C"] = 0.9, 0.5  # A → B and C → A score higher
    matrix = {"x": foundations.as_matrix(network("AB", "AC", "BC", "CB", "BA", "BB"))}
    row = foundations.one_way_edges(matrix, scores).loc["x"]
    assert row.to_dict() == {"one-way edges": 1, "right": 0, "wrong": 1, "tie": 0}
    only_right = {"x": foundations.as_matrix(network("AB", "BC", "CB"))}
    assert foundations.one_way_edges(only_right, scores).loc["x", "right"] == 1


def test_a_simulation_has_its_truth_and_half_of_it():
    truths = foundations.truths_of("sim/linear-20")
    assert len(truths["half of it"]) == round(len(truths["truth"]) / 2)
    assert (
        known_edges(truths["half of it"])
        .isin(known_edges(truths["truth"]).to_dict("list"))
        .all(axis=None)
    )


def test_subtracting_a_covariate_leaves_nothing_that_correlates_with_it():
    rng = np.random.default_rng(0)
    covariate = rng.normal(size=200)
    X = rng.normal(size=(200, 3)) + np.outer(covariate, [1.0, -2.0, 0.5]) + 7
    left = foundations.without(X, covariate)
    assert np.abs([np.corrcoef(covariate, x)[0, 1] for x in left.T]).max() < 1e-10
    assert np.abs(left.mean(axis=0)).max() < 1e-10


def test_every_control_is_scored_against_every_network():
    rng = np.random.default_rng(0)
    X = np.maximum(rng.normal(1, 1, size=(60, 6)), 0)
    genes = list("ABCDEF")
    table = foundations.control_scores({"x": FIRST, "y": SECOND}, X, genes)
    assert (table["method"] == "random").sum() == 2 * 2 * foundations.controls.N_RANDOM
    ceiling = table[(table["method"] == "ceiling") & (table["truth"] == "x")]["value"]
    assert ceiling.tolist() == [6 / 4, 6 / 4]
    text = foundations.mean_and_spread(table)
    assert list(text.index) == [
        ("x", "epr"),
        ("x", "auprc_ratio"),
        ("y", "epr"),
        ("y", "auprc_ratio"),
    ]
    draws = table[(table["method"] == "random") & (table["truth"] == "y")]
    epr = draws[draws["score"] == "epr"]["value"]
    assert text.loc[("y", "epr"), "random"] == f"{epr.mean():.2f} ± {epr.std():.2f}"
    assert "±" not in text.loc[("y", "epr"), "Pearson |r|"]


def test_the_area_of_the_candidates_is_that_of_the_evaluation():
    rng = np.random.default_rng(1)
    truth = (rng.random((12, 12)) < 0.3) & ~np.eye(12, dtype=bool)
    truth[:, 4:] = False  # four TFs
    truth[np.arange(4, 12), np.arange(8) % 4] = True  # every gene is named
    scores = rng.normal(size=(12, 12))
    genes = [f"g{i}" for i in range(12)]
    edges = pd.DataFrame(
        [(genes[r], genes[t], abs(scores[t, r])) for t in range(12) for r in range(4) if t != r],
        columns=["TF", "target", "importance"],
    )
    known = pd.DataFrame(
        [(genes[r], genes[t]) for t, r in np.argwhere(truth)], columns=["Gene1", "Gene2"]
    )
    assert set(known["Gene1"]) == set(genes[:4])
    expected = metrics.evaluate(edges, known, genes)
    assert expected["n_genes"] == 12
    assert foundations.auprc(scores, truth, 4) == pytest.approx(expected["auprc"])


def test_right_way_counts_ties_half():
    truth = np.zeros((4, 4))
    truth[1, 0] = truth[2, 0] = truth[3, 1] = 1
    scores = np.zeros((4, 4))
    scores[1, 0], scores[0, 1] = -0.5, 0.1  # right, by the absolute value
    scores[2, 0], scores[0, 2] = 0.2, 0.3  # wrong
    assert foundations.right_way(scores, truth) == pytest.approx((1 + 0 + 0.5) / 3)


def test_covariance_of_a_sem_is_that_of_its_cells():
    W = np.array([[0, 0, 0], [0.8, 0, 0], [0.3, -0.5, 0]])
    noise = np.array([1.0, 0.5, 2.0])
    Z = np.random.default_rng(0).normal(size=(400_000, 3)) * np.sqrt(noise)
    X = np.zeros_like(Z)
    for gene in range(3):  # gene by gene, without an inverse
        X[:, gene] = X @ W[gene] + Z[:, gene]
    np.testing.assert_allclose(foundations.covariance(W, noise), np.cov(X.T), atol=0.02)


def test_colliders_are_found_edge_by_edge():
    """A → C ← B is a collider; with A → B too, C's regulators are linked and it is none."""
    truth = np.zeros((4, 4))
    truth[2, 0] = truth[2, 1] = truth[3, 2] = 1
    marked = foundations.in_colliders(truth)
    assert np.argwhere(marked).tolist() == [[2, 0], [2, 1]]
    truth[1, 0] = 1
    assert not foundations.in_colliders(truth).any()


def test_the_race_is_judged_network_by_network():
    values = {
        "random": [0.1, 0.1],
        "Pearson |r|": [0.2, 0.3],
        "linear SEM": [0.4, 0.2],
        "DeepSEM": [0.3, 0.4],
    }
    rows = [("w", seed, name, v[seed]) for name, v in values.items() for seed in range(2)]
    table = pd.DataFrame(rows, columns=["cells", "seed", "method", "value"])
    row = experiments.gains(table).loc["w"]
    assert row["DeepSEM better on"] == "1 of 2" and row["DeepSEM"] == "0.35"
    assert row["DeepSEM − linear SEM"] == "+0.050 ± 0.212"


def test_more_cells_find_more_links_and_units_cost_direction():
    table = experiments.more_cells([50, 2000], n_networks=2)
    assert len(table) == 2 * 2 * 2 * 2
    mean = table.groupby(["question", "scale", "cells"])["value"].mean()
    assert (
        mean[experiments.LINKED, experiments.UNIT, 2000]
        > mean[experiments.LINKED, experiments.UNIT, 50]
    )
    answer = experiments.answer(table, pd.Series([0.1, 0.9]))
    assert answer["way_simulated"] > answer["way"] and answer["cells"] == 2000
    assert answer["pairs"] == mean[experiments.LINKED, experiments.UNIT, 2000]


def test_an_undone_exponential_helps_the_linear_model():
    seen, logged = experiments.undoing()
    assert logged > seen + 0.2


@pytest.fixture()
def adata() -> AnnData:
    """Four cells; gene a rises along pseudotime, b falls, c varies most of the TFs."""
    X = np.array([[1, 4, 0, 5], [2, 3, 6, 5], [3, 0, 0, 5], [4, 0, 6, 5]], dtype=np.float32)
    obs = pd.DataFrame({"pseudotime_1": [0.0, 1, 2, 3]}, index=["LPS_1h_x", "LPS_2h", "y", "z"])
    return AnnData(X, obs, pd.DataFrame({"tf": [True, False, True, True]}, index=list("abcd")))


def test_cells_are_ordered_by_pseudotime_or_by_the_main_axis(adata):
    order = cells.order_of(adata)
    assert order.name == "pseudotime" and order.with_gene[0] == pytest.approx(1)
    assert order.with_gene[3] == 0  # constant
    del adata.obs["pseudotime_1"]
    order = cells.order_of(adata)
    assert order.name == "PC 1" and np.allclose(order.time, cells.main_axis(adata.X)[0])


def test_the_main_axis_is_the_first_eigenvector_of_the_correlations(adata):
    X = np.random.default_rng(0).normal(size=(50, 4)) @ np.diag([3, 1, 1, 1])
    X[:, 1] += X[:, 0]
    axis, share = cells.main_axis(X)
    values, vectors = np.linalg.eigh(np.corrcoef(X.T))
    assert share == pytest.approx(values[-1] / values.sum(), rel=1e-4)
    Z = (X - X.mean(0)) / X.std(0)
    assert abs(np.corrcoef(axis, Z @ vectors[:, -1])[0, 1]) == pytest.approx(1, abs=1e-5)


def test_genes_that_tell_and_hours_read_off_names(adata):
    assert list(cells.telling_genes(adata, cells.order_of(adata))) == ["c", "b", "a"]
    assert cells.hours_of(adata).tolist() == ["1 h", "2 h", "cells", "cells"]


def test_size_counts_each_tf_with_each_other_gene(adata):
    adata.uns["source"] = {"name": "x"}
    size = cells.size(adata)
    assert (size["tfs"], size["edges"], size["each"], size["zeros"]) == (3, 9, 9 / 4, 4 / 16)


def test_depth_beside_the_order_of_cells(adata):
    table = cells.depth_table(adata, cells.order_of(adata))
    zeros = (adata.X == 0).sum(axis=1)  # 1, 0, 2, 1
    r = np.corrcoef(zeros, adata.obs["pseudotime_1"])[0, 1]
    assert table.loc["pseudotime", "|r| with a cell's number of zeros"] == f"{r:.2f}"
    assert table.loc["pseudotime", "genes against the others"] == "1 of 4"
