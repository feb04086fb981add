"""Chapter 13's recorded tables: every number by hand, and a verdict only where there is one."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import truth_table
from deepsem_book.own_data import figures, recorded
from deepsem_book.truth_table import OWN

COLUMNS = ["setting", "network", "method", "seed", "n_members", "auroc", "auroc_activating",
           "auroc_repressing", "sign", "shared"]  # fmt: skip


def rows_of(setting, network, ours, correlation, corrected, ridge, sign=1.0):
    """A network of a setting: DeepSEM's member and ensemble, three controls and a bound."""
    scores = {"correlation": correlation, "corrected": corrected, "ridge": ridge, "oracle": 1.0}
    controls = [[setting, network, name, 0, 1, auroc, auroc, auroc, 1.0, np.nan]
                for name, auroc in scores.items()]  # fmt: skip
    return [
        *controls,
        [setting, network, OWN, 0, 1, 0.0, 0.0, 0.0, 0.0, np.nan],  # a member does not count
        [setting, network, OWN, -1, 2, ours, ours + 0.02, ours - 0.02, sign, 0.8],
    ]


@pytest.fixture
def table() -> pd.DataFrame:
    rows = [
        *rows_of("zeros=0.6", 100, 0.70, 0.80, 0.72, 0.72),
        *rows_of("base", 100, 0.90, 0.80, 0.85, 0.95),
        *rows_of("base", 101, 0.80, 0.80, 0.85, 0.91, sign=0.9),
        *rows_of("normalised=False", 100, 0.90, 0.60, 0.6, 0.905),
        *rows_of("normalised=False", 101, 0.90, 0.50, 0.6, 0.905),
    ]
    unfinished = [["n_cells=50", 100, "ridge", 0, 1, 0.5, 0.5, 0.5, 1.0, np.nan]]
    return pd.DataFrame(rows + unfinished, columns=COLUMNS)


def test_settings_by_hand(table):
    rows = recorded.by_setting(table)
    assert list(rows.index) == ["base", "zeros=0.6", "normalised=False"]  # the knobs' order
    assert rows["networks"].tolist() == [2, 1, 2]
    assert rows["best"].tolist() == ["ridge", "correlation", "ridge"]
    assert rows["use"].tolist() == ["ridge", "correlation", "either"]  # 0.005 behind is nothing
    base = rows.loc["base"]
    assert base["difference"] == pytest.approx(0.05)
    assert base["difference to best"] == pytest.approx(-0.08)
    half = 12.706 * 0.03  # Student's t with one degree of freedom x standard error
    assert base["high to best"] - base["difference to best"] == pytest.approx(half, rel=1e-3)
    assert np.isnan(rows.loc["zeros=0.6", "low"])
    answer = recorded.answer(rows)
    assert (answer["settings"], answer["networks"], answer["behind"], answer["behind_best"],
            answer["ridge"], answer["ahead"]) == (3, 5, 1, 2, 1, 0)  # fmt: skip
    assert answer["ours"] == pytest.approx((0.85 + 0.7 + 0.9) / 3)
    shown = recorded.details(rows)
    assert shown["to correlation"].iloc[0].startswith("+0.050 [")
    assert shown.loc["60% zeros", "to best control"] == "-0.100"
    taken = recorded.instead(rows).data
    assert taken.loc["ridge", "which"].startswith("1,000 cells") and taken["settings"].tolist() == [
        1,
        1,
        1,
    ]


def test_methods_on_the_data_sets_that_all_have(table):
    table = table.assign(early_precision=table["auroc"] / 2, direction=0.5)
    means = recorded.by_method(table)
    assert list(means.index) == ["DeepSEM", "correlation", "corrected", "ridge", "oracle"]
    assert set(means["networks"]) == {5}
    assert means.loc["DeepSEM", "auroc"] == pytest.approx((0.7 + 0.9 + 0.8 + 0.9 + 0.9) / 5)
    fewer = table[(table["method"] != "oracle") | (table["setting"] == "base")]
    assert recorded.by_method(fewer)["auroc"]["DeepSEM"] == pytest.approx(0.85)


def test_what_is_ahead_by_more_than_the_limit_is_taken(table):
    rows = recorded.by_setting(pd.DataFrame(
        [*rows_of("base", 1, 0.9, 0.8, 0.8, 0.8)], columns=COLUMNS
    ))  # fmt: skip
    assert rows["use"].tolist() == ["DeepSEM"] and recorded.answer(rows)["ahead"] == 1


def test_demands_by_hand(table):
    pairs = pd.DataFrame({
        "data": ["a", "a", "b"], "shared": [0.7, 0.5, 0.6], "top": 200, "n_cells": 10,
        "n_genes": 5, "n_tfs": 2,
    })  # fmt: skip
    own = pd.DataFrame({
        "data": "beeline/c", "network": ["STRING", "Specific"], "seed": 0, "n_members": [1, 2],
        "epr": 1.0, "auprc_ratio": 1.0, "shared": [np.nan, 0.59],
    })  # fmt: skip
    shown = recorded.must_show(table, pairs, own)
    counted, depth, by_sign, apart, right, a, b, *missing, c, epr, _ = shown.to_dict("records")
    assert (c["measured"], c["holds"]) == ("59%", "no") and c["what"].startswith("2 seeds")
    assert [row["holds"] for row in missing] == ["not measured"] * 2
    assert "pbmc_facs" in missing[0]["what"]
    assert counted["measured"] == "2 of 3 settings; short: 60% zeros" and counted["holds"] == "no"
    assert depth["measured"] == "+0.350" and depth["holds"] == "undecided"  # 0.3 and 0.4
    assert by_sign["measured"].endswith("settings; beyond: none") and by_sign["holds"] == "yes"
    wider = table.assign(auroc_activating=table["auroc_repressing"] + 0.0625)
    far = recorded.must_show(wider, pairs, own).iloc[2]
    assert far["holds"] == "no" and "0.062 (correlation 0.062)" in far["measured"]
    assert apart["measured"] == "+0.040" and apart["holds"] == "yes"
    assert right["holds"] == "undecided"
    assert a["measured"] == "70%, 50%" and a["holds"] == "no"
    assert b["holds"] == "yes" and epr["holds"] == "not measured"


@pytest.mark.parametrize("ends, within, holds", [
    ((0.1, 0.2), False, "yes"), ((-0.1, 0.2), False, "undecided"), ((-0.2, -0.1), False, "no"),
    ((-0.04, 0.04), True, "yes"), ((0.06, 0.08), True, "no"), ((0.04, 0.08), True, "undecided"),
    ((-0.2, 0.2), True, "undecided"),
])  # fmt: skip
def test_verdicts(ends, within, holds):
    limit = 0.05 if within else 0.0
    row = recorded.demand("x", "y", np.mean(ends), *ends, limit, "{:.2f}", within)
    assert row["holds"] == holds
    alone = recorded.demand("x", "y", ends[1], np.nan, np.nan, limit, "{:.2f}", within)
    assert alone["holds"] in ("yes", "no") and alone["95 % interval"] == ""


def test_every_recorded_setting_has_words_and_a_place():
    settings = recorded.known_truths()["setting"].unique()
    words = [truth_table.in_words(setting) for setting in sorted(settings, key=recorded.order)]
    assert len(set(words)) == len(settings) and words[0] == "1,000 cells, 100 genes, 30% zeros"
    assert truth_table.in_words("depth_sd=0.25 normalised=False") == (
        "depth varies by 0.25, depth not divided out"
    )


def test_figure_has_a_row_per_setting(table):
    rows = recorded.by_setting(table)
    [ax] = figures.known_truths(rows).axes
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "1,000 cells, 100 genes, 30% zeros", "60% zeros", "depth not divided out",
    ]  # fmt: skip
    blue, orange = (container.lines[0] for container in ax.containers)
    assert list(blue.get_xdata()) == pytest.approx(rows["difference"].tolist())
    assert list(orange.get_xdata()) == pytest.approx(rows["difference to best"].tolist())


def test_few_columns_are_compared_seed_by_seed(monkeypatch) -> None:
    """The mean over all is one of settings, and ensembles do not count."""

    def rows(method: str, aurocs: dict[str, list[float]]) -> pd.DataFrame:
        return pd.DataFrame([
            {"setting": setting, "network": network, "method": method, "seed": seed, "auroc": value}
            for setting, values in aurocs.items()
            for network, value in enumerate(values)
            for seed, value in ((0, value), (-1, 0.1))
        ])  # fmt: skip

    full = rows(recorded.OWN, {"base": [0.8, 0.9, 0.7], "zeros=0.6": [0.6, 0.5, 0.7]})
    few = rows("few", {"base": [0.7, 0.8, 0.6], "zeros=0.6": [0.6, 0.5, 0.7]})
    monkeypatch.setattr(recorded, "known_truths", lambda: full)
    monkeypatch.setattr(recorded.datasets, "results", {"truth_few": few}.__getitem__)
    table = recorded.few_columns()
    assert list(table["networks"]) == [3, 6, 3]
    assert table["difference"].tolist() == pytest.approx([-0.1, -0.05, 0.0])
    assert table.loc["all of these", "low"] < -0.5  # two settings say little


def test_the_whole_genome_has_a_row_per_measure(monkeypatch) -> None:
    measures = [("genes", 8669, np.nan), ("first edges that two seeds share", 0.5, 0.01),
                ("place of MAFA among the TFs of INS", 3, 570)]  # fmt: skip
    table = pd.DataFrame(measures, columns=["measure", "value", "of"]).assign(run="all")
    monkeypatch.setattr(recorded.datasets, "results", {"whole_genome": table}.__getitem__)
    assert recorded.whole_genome()["all"].tolist() == ["8,669", "50% / 1%", "3 / 570"]
