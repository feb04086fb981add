"""Degrees, direction and leads on networks small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import beeline
from deepsem_book.beeline import comparison, few_cells, live, rewiring, survey

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
