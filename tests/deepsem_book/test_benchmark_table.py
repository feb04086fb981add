"""The paper's summary of a table of scores, against tables small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import datasets
from deepsem_book.beeline import figures
from deepsem_book.benchmark_table import (
    COLUMNS,
    PRESET_OF,
    coverage,
    gains,
    leads,
    matrix,
    ratios,
    readable_ratios,
    summarise,
    table_in,
    wins,
)


def row(method, epr, network="STRING", preset="", seed=0, n_members=1, error=""):
    values = {"data": "beeline/mDC-500", "network": network, "method": method, "preset": preset}
    values |= {"seed": seed, "n_members": n_members, "epr": epr, "auprc_ratio": 1.0, "error": error}
    return dict.fromkeys(COLUMNS, 0) | values


def test_the_preset_of_the_paper_the_largest_ensemble_and_the_median_over_seeds():
    deepsem = [row("DeepSEM", epr, preset="nonspecific", seed=i) for i, epr in enumerate([1, 2, 6])]
    table = pd.DataFrame(
        [
            *deepsem,
            row("DeepSEM", 9.0, preset="specific"),  # not the preset for STRING
            row("DeepSEM", 3.0, preset="nonspecific", n_members=3),
            row("DeepSEM", 2.5, preset="nonspecific", n_members=2),
            row("DeepSEM/no-decay", 4.0, preset="nonspecific"),
            row("GENIE3", 5.0),
            row("GENIE3", np.nan, seed=1, error="MemoryError: too large"),
        ]
    )
    summary = summarise(table).set_index("method")
    assert summary["epr"].to_dict() == {
        "DeepSEM": 3.0, "DeepSEM*": 2.0, "DeepSEM*/no-decay": 4.0, "GENIE3": 5.0
    }  # fmt: skip
    assert summary["n"].to_dict() == {
        "DeepSEM": 1,
        "DeepSEM*": 3,
        "DeepSEM*/no-decay": 1,
        "GENIE3": 1,
    }
    assert summary.loc["DeepSEM*", ["epr_low", "epr_high"]].tolist() == [1.0, 6.0]
    wide = matrix(summary.reset_index(), "epr", ["GENIE3", "PIDC"])
    assert wide.loc[("beeline/mDC-500", "STRING"), "GENIE3"] == 5.0 and wide["PIDC"].isna().all()


def test_coverage_counts_seeds_of_inferences_that_worked():
    table = pd.DataFrame(
        [
            *(row("DeepSEM", 1.0, preset="nonspecific", seed=i) for i in range(3)),
            row("DeepSEM", 1.0, preset="specific"),
            row("DeepSEM", 1.0, preset="specific", n_members=2),
            *(row("GENIE3", 1.0, network=kind) for kind in ("STRING", "Specific")),
            row("GENIE3", np.nan, seed=1, error="MemoryError: too large"),
            *(row("GENIE3", 1.0, seed=i) | {"data": "beeline/hHEP-500"} for i in range(4)),
        ]
    )
    by_method = coverage(table).to_dict("index")
    assert by_method == {
        "DeepSEM": {"matrices": 1, "fewest seeds": 1, "most seeds": 3},
        "GENIE3": {"matrices": 2, "fewest seeds": 1, "most seeds": 4},
    }
    assert coverage(table.iloc[:0]).empty


def test_presets_follow_the_ledger():
    assert set(datasets.benchmarks()["kind"]) | set(datasets.knockouts()["kind"]) < set(PRESET_OF)
    specific = {kind for kind, preset in PRESET_OF.items() if preset == "specific"}
    assert specific == {"Specific", "Lofgof", "KDUnion", "truth"}


SCORES = pd.DataFrame(
    {"ours": [2.0, 1.5, 0.9, 3.0, 2.0], "a": [1.0, 1.5, 1.0, 2.9, np.nan], "b": [1.9, 1, 0.5, 1, 1]}
)


def test_wins_by_hand():
    """Row 0 wins by 5 %, row 1 ties, row 2 loses and is below chance, row 3 wins; row 4 lacks a."""
    assert wins(SCORES, "ours") == {"n": 4, "best": 2, "by_margin": 0, "below_chance": 1}
    assert wins(SCORES, "ours", margin=0.05)["by_margin"] == 1
    assert wins(SCORES[["ours", "b"]], "ours") == {
        "n": 5, "best": 5, "by_margin": 4, "below_chance": 1
    }  # fmt: skip


def test_gains_by_hand():
    by_method = gains(SCORES, "ours").set_index("method")
    expected = np.mean([2 / 1, 1.5 / 1.5, 0.9 / 1.0, 3.0 / 2.9]) - 1
    assert by_method.loc["a", "gain"] == pytest.approx(100 * expected)
    assert by_method.loc["a", ["n", "at_least"]].tolist() == [4, 3]
    assert by_method.loc["b", ["n", "at_least"]].tolist() == [5, 5]
    assert (by_method["low"] < by_method["gain"]).all() and (
        by_method["gain"] < by_method["high"]
    ).all()
    geometric = np.prod([2 / 1, 1.5 / 1.5, 0.9 / 1.0, 3.0 / 2.9]) ** (1 / 4)
    assert by_method.loc["a", "ratio"] == pytest.approx(geometric)


def test_a_rival_near_zero_cannot_make_a_ratio_below_zero():
    """The interval of the mean gain would reach below -100 %, which no gain can."""
    scores = pd.DataFrame({"ours": [2.0, 1.0, 1.0, 1.0], "a": [0.1, 1.0, 1.2, 0.9]})
    [gain] = gains(scores, "ours").to_dict("records")
    assert gain["low"] < -100
    assert 0 < gain["ratio_low"] < gain["ratio"] < gain["ratio_high"]
    scores.loc[3, "ours"] = 0.0
    [gain] = gains(scores, "ours").to_dict("records")
    assert gain["ratio"] == 0 and np.isnan(gain["ratio_low"])


def test_the_interval_is_that_of_the_mean():
    """For many rows it must agree with the normal interval of a mean."""
    other = np.ones(400)
    ours = 1 + np.random.default_rng(0).normal(0.1, 0.2, 400)
    [gain] = gains(pd.DataFrame({"ours": ours, "a": other}), "ours").to_dict("records")
    half = 1.96 * 100 * ours.std() / 20
    assert gain["high"] - gain["gain"] == pytest.approx(half, rel=0.1)
    assert gain["gain"] - gain["low"] == pytest.approx(half, rel=0.1)


def test_leads_need_more_than_a_tie():
    assert leads(SCORES, "ours").tolist() == [True, False, False, True]
    assert leads(SCORES, "ours", 0.05).tolist() == [True, False, False, False]


def test_an_empty_table_has_an_empty_summary(tmp_path):
    summary = summarise(table_in(tmp_path).read())
    scores = matrix(summary, "epr", ["ours", "a"])
    assert summary.empty and scores.empty
    assert wins(scores, "ours")["n"] == 0 and gains(scores, "ours")["n"].tolist() == [0]


def test_numbers_keep_six_digits_and_text_its_commas_and_quotes(tmp_path):
    records, text = table_in(tmp_path), 'ValueError: "a", b'
    records.put([row("GENIE3", 1 / 3, error=text)])
    table = records.read()
    assert table["epr"].tolist() == [0.333333] and table["error"].tolist() == [text]
    assert list(table.columns) == COLUMNS and table["seed"].dtype == int


def test_the_map_shows_scores_black_below_chance_and_hatched_where_not_run():
    benchmarks = datasets.benchmarks()
    index = pd.MultiIndex.from_tuples([("beeline/mDC-500", "STRING")], names=["data", "network"])
    scores = pd.DataFrame({"ours": [2.0], "a": [0.9], "b": [np.nan], "random": [0.8]}, index=index)
    figure = figures.score_map(scores, benchmarks, ["random"])
    patches = [patch for ax in figure.axes for patch in ax.patches]
    assert len(patches) == 44 * 4
    black = [patch for patch in patches if patch.get_facecolor() == (0, 0, 0, 1)]
    hatched = [patch for patch in patches if patch.get_hatch()]
    assert (len(black), len(hatched)) == (1, 44 * 4 - 3)
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert [text for text in texts if text != "not run here"] == ["2.00", "0.90", "0.80"]
    assert texts.count("not run here") == 44 - 1  # one of the benchmarks has scores


def test_ratios_go_by_kind_with_an_interval_over_sets_of_cells():
    index = pd.MultiIndex.from_tuples(
        [(f"beeline/{name}-500", kind) for kind in ("Specific", "STRING") for name in "abc"]
        + [("beeline/a-500", "Lofgof")],
        names=["data", "network"],
    )  # fmt: skip
    scores = pd.DataFrame({"x": [2, 2, 2.2, 1, 1, 8, 5.0], "y": 1.0}, index)
    table = ratios(scores, [("x", "y")])
    assert list(table["kind"]) == ["STRING", "cell-type-specific ChIP-seq"]  # one set: no interval
    string, specific = table.to_dict("records")
    assert string["ratio"] == pytest.approx(2) and string["median"] == pytest.approx(1)
    assert string["without"] == "c" and string["ratio_without"] == pytest.approx(1)
    assert string["low"] < 1 < string["high"] and specific["low"] > 1
    assert specific["holm"] == pytest.approx(2 * specific["p"]) and specific["holm"] < 0.05
    shown = readable_ratios(table)
    assert list(shown["verdict"]) == ["undecided", "higher"]
    assert list(shown["larger on"]) == ["1 of 3", "3 of 3"]
