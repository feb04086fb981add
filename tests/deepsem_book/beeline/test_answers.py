"""The first sentences of chapters 5 and 5b hold in the recorded tables."""

import pytest

from deepsem_book import benchmark_table
from deepsem_book.beeline import Comparison, comparison, live


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
        benchmark_table.ratios(
            compared.scores["EPR"],
            [("DeepSEM*", name) for name in [*compared.rivals, *compared.others]],
        )
    )
    decided = sure[sure["verdict"] != "undecided"].index.get_level_values(1)
    assert set(decided) == {"DeepSEM* / ppcor"}
