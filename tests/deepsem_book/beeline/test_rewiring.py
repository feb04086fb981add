"""Degrees, direction and leads on networks small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import beeline
from deepsem_book.beeline import comparison, live, rewiring, survey, text_cells, text_live

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
    assert np.isnan(table["z"][0]) and table["p"][0] == 1
    assert table["epr"][0] == table["null_low"][0] == table["null_high"][0]


@pytest.mark.parametrize(
    ("epr", "null_mean", "z", "said"),
    [(3, 1, 4, "edges"), (3, 2.9, 40, "above chance only"), (3, 1, np.nan, "above chance only"),
     (1.2, 0.5, 9, "edges, hidden by degrees"), (1.2, 1.2, 0, "not shown"),
     (np.nan, np.nan, np.nan, "not run here")],
)  # fmt: skip
def test_verdict_needs_z_and_ratio(epr, null_mean, z, said):
    assert rewiring.rewiring_verdict(epr, null_mean, z, chance=1.5) == said


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


def test_share_of_a_lead():
    columns = ["DeepSEM", "Pearson", *survey.CORRECTED]
    rows = [[3.0, 1.0, 2.0, 1.5, 3.0, 1.0], [1.0, 2.0, 3.0, 3.0, 3.0, 3.0]]
    scores = pd.DataFrame(rows, columns=columns)
    shares = survey.share_of_lead(scores).filter(like="share")
    assert list(shares.iloc[0]) == [0.5, 0.25, 1.0, 0.0] and shares.iloc[1].isna().all()


def test_the_recorded_lead_leaves_out_benchmarks_without_the_control():
    scores = {
        "DeepSEM": [3.0, 3.0, 1.0],
        "Pearson": [1.0, 1.0, 2.0],
        "Pearson-APC": [2.0, None, 3.0],
    }
    rows = [
        {"data": data, "network": "STRING", "method": method, "observed": value}
        for method, values in scores.items()
        for data, value in zip("abc", values, strict=True)
    ]
    table = survey.recorded_lead(pd.DataFrame(rows)).set_index("data")
    assert list(table.index) == ["a", "c"] and table["lead"].tolist() == [2.0, -1.0]
    assert table["share"]["a"] == 0.5 and np.isnan(table["share"]["c"])


def test_a_line_turns_when_it_moves_twofold_and_back():
    assert text_cells.turns(pd.Series([1.0, 2.1, 1.0], index=[50, 100, 200]))
    assert not text_cells.turns(pd.Series([1.0, 1.9, 1.0], index=[50, 100, 200]))
    assert not text_cells.turns(pd.Series([1.0, 2.1, 4.5], index=[50, 100, 200]))


def test_counts_are_told_apart_from_two_sd_on():
    assert text_live.sd_of_count(50) == 5  # binomial of 100
    assert text_live.apart(50, 63) == "cannot be told"  # 13 against 2 · 6.95
    assert text_live.apart(64, 50) == "yes" and text_live.apart(50, 64) == "no, it is worse"


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
