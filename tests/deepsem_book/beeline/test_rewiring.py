"""Degrees, direction and leads on networks small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest
from toy_network import EDGES, TRUTH

from deepsem_book import beeline
from deepsem_book.beeline import comparison, evidence, few_cells, live, rewiring

HUB = pd.DataFrame(
    [("A", f"g{i}") for i in range(8)] + [("B", "g8"), ("C", "g9")], columns=["Gene1", "Gene2"]
)
GENES = ["A", "B", "C", *(f"g{i}" for i in range(10))]


def test_limits_of_the_hub_are_those_counted_by_hand():
    """36 candidates, 10 true; the 12 edges that leave A are tied at the top, 8 of them true."""
    limits = rewiring.limits(HUB, GENES)
    assert limits["true edges"] == 10 and limits["ceiling"] == pytest.approx(3.6)
    assert limits["TF-degree"] == pytest.approx(8 / 12 * 3.6)


def test_sd_of_chance_is_that_of_random_rankings():
    scores = [
        rewiring.evaluate(beeline.random_scores(GENES, ["A", "B", "C"], seed), HUB, GENES)
        for seed in range(2000)
    ]
    sd = np.std([score["epr"] for score in scores])
    assert rewiring.chance_sd(scores[0]) == pytest.approx(sd, rel=0.06)


def test_a_ranking_of_degrees_is_not_changed_by_rewiring():
    table = rewiring.against_rewired({"hub": beeline.degree_oracle(HUB)}, HUB, GENES, 10)
    assert np.isnan(table["z"][0]) and table["headroom"][0] == pytest.approx(0)
    assert table["epr"][0] == table["null_low"][0] == table["null_high"][0]


def test_the_headroom_is_the_way_from_degrees_to_the_ceiling():
    """The three true edges of the toy, first in the ranking: EPR is the ceiling, headroom 1."""
    edges = EDGES.assign(importance=[6, 1, 5, 4, 2, 3])
    [row] = rewiring.against_rewired({"m": edges}, TRUTH, ["A", "B", "C", "D"], 20).itertuples()
    assert row.epr == pytest.approx(2) and row.headroom == pytest.approx(1)
    assert evidence.headroom(3.0, 1.0, 5.0) == 0.5


def test_shuffled_names_keep_tfs_among_tfs():
    """A matrix whose only weights join two TFs scores on the true pair of TFs, however renamed."""
    genes, W = ["A", "B", "C", "D"], np.zeros((4, 4))
    W[1, 0] = W[0, 1] = 1.0
    network = pd.DataFrame([("A", "B"), ("B", "A")], columns=["Gene1", "Gene2"])
    problem = beeline.Problem("toy", np.zeros((3, 4)), genes, ["A", "B"], {"STRING": network})
    shuffled = rewiring.with_shuffled_names(W, problem, "STRING", n=5)
    assert list(shuffled) == [1.0] * 5  # two candidates, both true: density 1
    table = rewiring.chance_table({"m": W}, problem)
    assert table.loc[("STRING", "m"), "above chance"] == "not shown"


def test_holm_decides_what_holds_edges():
    table = evidence.with_verdict(pd.DataFrame({"z": [2.0, 2.0, 5.0, np.nan]}))
    assert list(table["edges"]) == [True, True, True, False]  # 2 · 0.023 and 0.023
    many = evidence.with_verdict(pd.DataFrame({"z": [2.0] * 3 + [5.0]}))
    assert list(many["edges"]) == [False] * 3 + [True]  # 3 · 0.023


def test_direction_counts_one_way_pairs_and_halves_ties():
    network = pd.DataFrame(
        [("a", "b"), ("b", "a"), ("A", "C"), ("c", "B"), ("a", "x")], columns=["Gene1", "Gene2"]
    )
    pairs = beeline.one_way(network, ["A", "B", "C", "X"])
    assert sorted(map(tuple, pairs)) == [(0, 2), (2, 1)]  # A → C and C → B
    W = np.zeros((4, 4))
    W[2, 0], W[0, 2] = 0.9, 0.1  # A → C the right way
    W[1, 2] = W[2, 1] = -0.5  # C → B tied
    assert beeline.pointing(W, pairs) == 0.75
    assert np.isnan(beeline.pointing(W, pairs[:0]))


def test_a_line_turns_when_it_moves_twofold_and_back():
    assert few_cells.turns(pd.Series([1.0, 2.1, 1.0], index=[50, 100, 200]))
    assert not few_cells.turns(pd.Series([1.0, 1.9, 1.0], index=[50, 100, 200]))
    assert not few_cells.turns(pd.Series([1.0, 2.1, 4.5], index=[50, 100, 200]))


def test_counts_are_told_apart_from_two_sd_on():
    assert live.sd_of_count(50) == 5  # binomial of 100
    assert live.apart(50, 63) == "cannot be told apart"  # 13 against 2 · 6.95
    assert live.apart(64, 50) == "more" and live.apart(50, 64) == "fewer"


def test_methods_run_with_other_settings_keep_their_name():
    known = {"PIDC", "GENIE3/n_trees=50", "DeepSEM", "DeepSEM/no-decay"}
    assert comparison.as_run("GENIE3", known) == ["GENIE3/n_trees=50"]
    assert comparison.as_run("DeepSEM", known) == ["DeepSEM"]
    assert comparison.as_run("ppcor", known) == ["ppcor"]
    assert comparison.changed_settings("GENIE3/n_trees=50") == "n_trees = 50, not 1000"


def test_heads_count_true_edges():
    curves = pd.DataFrame(
        {"network": "n", "method": "m", "k": [50, live.HEAD], "precision": [0.4, 0.2], "ratio": 4.0}
    )
    assert live.heads(curves).loc[("n", "m"), "hits"] == pytest.approx(20)


def test_single_trainings_are_counted_above_each_control():
    """Of the random rankings the luckiest is the bar."""
    rows = [("DeepSEM*", epr) for epr in (1.0, 1.5, 2.0)] + [("DeepSEM", 1.8)]
    rows += [("random", 0.9), ("random", 1.2), ("Pearson", 0.5), ("Pearson-APC", 1.6)]
    scores = pd.DataFrame([*rows, ("TF-degree", 4.0)], columns=["method", "epr"])
    [(_, row)] = live.verdicts(scores.assign(network="STRING", max_epr=8.0)).iterrows()
    assert row["single trainings"] == "1.50 (1.00 to 2.00)" and row["ceiling"] == "8.0"
    assert row["above random?"] == "2 of 3 (1.20)" and row["above Pearson?"] == "all (0.50)"
    assert row["above TF-degree?"] == "none (4.00)"


def test_fewer_cells_are_compared_by_ensembles():
    columns = ["network", "matrix", "n_cells", "members", "score"]
    rows = [("STRING", "a", 400, 5, 4.0), ("STRING", "a", 50, 5, 1.0), ("STRING", "a", 50, 1, 0.5)]
    table = few_cells.beside_paper(pd.DataFrame(rows, columns=columns))
    row = table.loc[("STRING", "a")]
    assert row["change"] == "-75 %" and row["the paper, mean"] == "-31 %"
    assert row["single trainings, 50"] == "0.50 to 0.50" and row["steady"] == "yes"
