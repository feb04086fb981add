"""The first sentences of chapters 5, 5b, 8 and 9 hold in the recorded tables."""

import pytest

from deepsem_book import benchmark_table
from deepsem_book.beeline import Comparison, comparison, evidence, live
from deepsem_book.lineage import grid


@pytest.fixture(scope="module")
def recorded():
    return benchmark_table.recorded("", "lineage")


def test_the_control_is_within_the_range_of_single_trainings_and_the_third_network_is_chance(
    recorded,
):
    scores = live.recorded_scores(recorded, "beeline/mDC-500")
    numbers = live.answer(scores)
    for kind in ("string", "chip", "own"):
        assert numbers[f"{kind}_low"] <= numbers[f"{kind}_control"] <= numbers[f"{kind}_high"]
    assert min(numbers["string"], numbers["chip"]) > 2 and numbers["own"] < 1
    assert (scores[scores["method"] == "DeepSEM*"].groupby("network").size() == 10).all()


def test_the_count_of_the_paper_needs_the_ensemble_and_its_own_rivals(recorded):
    compared = Comparison.of(recorded)
    numbers = comparison.answer(compared)
    assert abs(numbers["share"] - numbers["paper"]) < 0.1
    assert numbers["single"] < numbers["of"] / 4
    for kind in ("string", "chip"):
        assert numbers[f"{kind}_low"] < 1 < numbers[f"{kind}_high"]
    counts = comparison.counts(compared)["all"]["EPR"]
    assert counts["ensemble of ten"].iloc[0] == f"{numbers['best']} of {numbers['n']}"
    assert counts["one training"].iloc[1] == f"{numbers['single']} of {numbers['of']}"
    sure = benchmark_table.readable_ratios(
        benchmark_table.ratios(compared.scores["EPR"], comparison.single_pairs(compared))
    )
    decided = sure[sure["verdict"] != "undecided"].index.get_level_values(1)
    assert set(decided) == {"DeepSEM* / ppcor"}


def test_every_method_but_three_holds_edges_on_two_kinds_of_network():
    table = evidence.tested()
    two = table[table["network"].isin(evidence.KINDS[:2])].groupby("method")["edges"]
    none = {"SCODE", "SINCERITIES", "ppcor"}
    assert set(two.all().index[two.all()]) == set(table["method"]) - none
    numbers = evidence.answer()
    assert numbers["own"] <= numbers["of"] / 2 and numbers["room"] < 0.02
    medians = table.groupby(["method", "network"])["headroom"].median()
    for kind in evidence.KINDS[:2]:  # "nearly as far"
        assert medians["Pearson-APC", kind] > 0.8 * medians["DeepSEM", kind]


def test_a_training_cannot_be_told_from_the_linear_sem(recorded):
    scores = grid.scores_of(recorded)
    numbers = grid.answer(scores["EPR"], grid.seconds_by_matrix(recorded))
    for kind in ("string", "chip"):
        assert numbers[f"{kind}_low"] < 1 < numbers[f"{kind}_high"] and numbers[f"{kind}_after"] > 1
    assert numbers["linear"] < numbers["deepsem"] < numbers["diffusion"]
    for table in scores.values():  # "no step of the line is sure"
        steps = benchmark_table.readable_ratios(benchmark_table.ratios(table, grid.STEPS))
        assert set(steps["verdict"]) == {"undecided"}
