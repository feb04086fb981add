"""Chapters 1 and 2: known networks beside each other, controls, and direction, by hand."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import foundations
from deepsem_book.foundations import said
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
    assert "2 edges are in all of them and 5 in at least one: **40%**" in said.shared_by_all(panels)


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


def test_the_race_is_told_network_by_network():
    values = {
        "random": [0.1, 0.1],
        "Pearson |r|": [0.2, 0.3],
        "linear SEM": [0.4, 0.2],
        "DeepSEM": [0.3, 0.4],
    }
    rows = [("w", seed, name, v[seed]) for name, v in values.items() for seed in range(2)]
    text = said.race(pd.DataFrame(rows, columns=["cells", "seed", "method", "value"]))
    assert "above Pearson in 2 and above the linear SEM in 1 of 2 networks" in text
    assert "difference to the linear SEM is +0.050 ± 0.212" in text
