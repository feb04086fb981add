"""Paired effects of single settings: hand-made tables with known differences."""

import json

import numpy as np
import pandas as pd
import pytest

from deepsem_book.beeline import ablation_figures, ablation_tables, ablations
from deepsem_book.beeline.grid import Method
from deepsem_book.benchmark_table import COLUMNS
from deepsem_minimal.config import Config

DATA = "beeline/mDC-500"


def row(change: str, seed: int, epr: float, n_members: int = 1, **other) -> dict:
    """One row of a table; `other` overrides columns."""
    method = "DeepSEM/" + change if change else "DeepSEM"
    config = Method.parse(ablations.method_name("nonspecific", change))[0].config(DATA)
    made = {"data": DATA, "network": "STRING", "method": method, "preset": "nonspecific"}
    made |= {"seed": seed, "n_members": n_members, "epr": epr, "auprc_ratio": epr / 2}
    return made | {"config": json.dumps(config), "error": ""} | other


def table(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.fixture
def made() -> pd.DataFrame:
    """Preset with three seeds, alpha = 10 with two of them and one that the preset lacks."""
    return table(
        *(row("", seed, value) for seed, value in enumerate([1.0, 2.0, 4.0])),
        row("alpha=10", 0, 1.5),
        row("alpha=10", 1, 2.7),
        row("alpha=10", 9, 99.0),  # no partner
        row("alpha=10", 2, 99.0, error="RuntimeError: x"),
        row("alpha=10", 0, 99.0, preset="specific"),  # not the preset of this network
        row("", 0, 3.0, n_members=2),
        row("alpha=10", 0, 2.5, n_members=2),
        row("alpha=10", 0, 99.0, n_members=3),
    )


def row_of(frame: pd.DataFrame, change: str) -> pd.Series:
    return frame[frame["change"] == change].iloc[0]


def test_differences_pair_the_same_seeds_only(made):
    pairs = ablations.differences(made, "epr")
    assert pairs["seed"].tolist() == [0, 1]
    assert pairs["value"].tolist() == pytest.approx([0.5, 0.7])


def test_effect_and_interval_by_hand(made):
    effect = row_of(ablations.effects(made, DATA, "epr"), "alpha=10")
    half = 12.7062 * np.std([0.5, 0.7], ddof=1) / np.sqrt(2)  # t of one degree of freedom, 97.5 %
    assert effect["n"] == 2 and effect["effect"] == pytest.approx(0.6)
    assert (effect["low"], effect["high"]) == pytest.approx((0.6 - half, 0.6 + half), rel=1e-4)
    assert effect["verdict"] == "undecided" and effect["ensemble"] == pytest.approx(-0.5)


@pytest.mark.parametrize(("sign", "said"), [(1, "raises"), (-1, "lowers")])
def test_verdict_follows_the_sign(sign, said):
    rows = [row("", seed, 3.0 + seed) for seed in range(4)]
    rows += [row("lr_decay=1.0", seed, 3.0 + seed + sign * (1 + 0.01 * seed)) for seed in range(4)]
    renamed = table(*rows).replace({"method": {"DeepSEM/lr_decay=1.0": "DeepSEM/no-decay"}})
    assert row_of(ablations.effects(renamed, DATA, "epr"), "no-decay")["verdict"] == said


def test_what_was_not_run_is_named_so(made):
    effects = ablations.effects(made, DATA, "epr")
    missing = effects[effects["n"] == 0]
    assert (missing["verdict"] == "not run").all() and missing["effect"].isna().all()
    expected = sum("nonspecific" in switch.presets for switch in ablations.SWITCHES) - 1
    assert len(missing) == expected


def test_along_keeps_changes_of_this_setting_only(made):
    more = pd.concat([made, table(row("K1=0,n_epochs=60", 0, 7.0), row("n_epochs=31", 0, 8.0))])
    points = ablations.along(more, DATA, "n_epochs")
    assert set(points["x"]) == {91, 31}  # "K1=0,n_epochs=60" changes two things
    assert set(points.loc[points["is_preset"], "x"]) == {Config.nonspecific().n_epochs}


def test_every_switch_can_be_run_and_changes_its_preset():
    names = set()
    for switch in ablations.SWITCHES:
        for preset in switch.presets:
            method = Method.parse(ablations.method_name(preset, switch.change))[0]
            assert method.name == switch.method
            plain = Method.parse(ablations.method_name(preset))[0]
            assert method.config(DATA) != plain.config(DATA)
            names.add((preset, method.name))
    assert len(names) == sum(len(switch.presets) for switch in ablations.SWITCHES)


def test_frozen_mlps_give_W_as_many_epochs_as_the_preset():
    for preset, base in (
        ("nonspecific", Config.nonspecific()),
        ("specific", Config.cell_type_specific()),
    ):
        period = base.K1 + base.K2
        on_W = sum(epoch % period >= base.K1 for epoch in range(base.n_epochs))
        frozen = next(s for s in ablations.SWITCHES if "K1=0" in s.change and preset in s.presets)
        config = Method.parse(ablations.method_name(preset, frozen.change))[0].config(DATA)
        assert config["n_epochs"] == on_W and config["K1"] == 0


def test_forest_draws_what_was_run(made):
    run = ablation_tables.all_effects(made, DATA)
    panels = [("STRING", "epr"), ("STRING", "auprc_ratio")]
    figure = ablation_figures.forest(made, DATA, run, panels)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["L1 weight α: α = 10"]
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert sorted(marks[0].get_xdata()) == pytest.approx([0.5, 0.7])


def test_a_wide_interval_does_not_squeeze_the_dots():
    rows = [row("", 0, 1.0), row("", 1, 1.2), row("alpha=10", 0, 2.0), row("alpha=10", 1, 1.0)]
    # The differences are 1 and -0.2.
    run = ablation_tables.all_effects(table(*rows), DATA)
    [ax] = ablation_figures.forest(table(*rows), DATA, run, [("STRING", "epr")]).axes
    low, high = ax.get_xlim()
    assert -1 < low < -0.2 and 1 < high < 2  # the interval reaches beyond 8


def test_a_verdict_among_many_must_survive_holm():
    """One clear effect of three; the other two have p near 0.04, which three questions undo."""
    rows = [row("", seed, 2.0) for seed in range(5)]
    rows += [row("alpha=10", seed, 4.0 + 0.01 * seed) for seed in range(5)]
    for change in ("alpha=1", "alpha=0.1"):  # differences with mean 1 and t = 2.98
        rows += [row(change, s, 2.0 + v) for s, v in enumerate([0.0, 0.5, 1.0, 1.5, 2.0])]
    run = ablation_tables.all_effects(table(*rows), DATA)
    epr = run[run["metric"] == "EPR"].set_index("change")
    assert (epr["verdict"] == "raises").sum() == 3 or epr["p"].max() > 0.03
    assert epr["sure"].to_dict() == {
        "alpha=10": "raises", "alpha=1": "undecided", "alpha=0.1": "undecided",
    }  # fmt: skip
    counted = ablation_tables.counts(run).loc[("EPR", "STRING")]
    assert counted["raises, after Holm"] == 1 and counted["effects"] == 3


def test_welch_takes_every_seed_of_the_preset(made):
    effect = row_of(ablations.effects(made, DATA, "epr"), "alpha=10")
    changed, preset = np.array([1.5, 2.7, 99.0]), np.array([1.0, 2.0, 4.0])
    t = (changed.mean() - preset.mean()) / np.sqrt((changed.var(ddof=1) + preset.var(ddof=1)) / 3)
    # Nearly all of the variance is that of three values: two degrees of freedom, in closed form.
    assert effect["apart"] == pytest.approx(1 - t / np.sqrt(2 + t**2), abs=1e-3)


def test_trainings_of_the_page_beside_the_record():
    recorded = table(*(row("", seed, value) for seed, value in enumerate([2.0, 2.2, 1.8])))
    live = pd.DataFrame({"network": ["STRING"] * 3, "change": ["", "", ""]})
    verdicts = [
        ablation_tables.again(live[:1].assign(epr=epr), recorded)["verdict"].iloc[0]
        for epr in (2.00001, 2.3, 9.0)
    ]
    assert verdicts == [
        "the same number", "another draw, within 3 sd", "another draw, outside 3 sd",
    ]  # fmt: skip
    missing = ablation_tables.again(live[:1].assign(epr=2.0), recorded[:0])
    assert missing["verdict"].tolist() == ["nothing recorded"]


def test_one_collapsed_seed_does_not_widen_the_band():
    values = pd.Series([2.0, 2.1, 1.9, 2.05, 1.95])
    collapsed = pd.concat([values, pd.Series([0.5])])
    assert ablation_figures.robust_sd(collapsed) < 2 * ablation_figures.robust_sd(values)
    assert collapsed.std() > 5 * values.std()


def test_effects_on_two_sets_agree_by_sign_and_by_interval():
    two = pd.DataFrame({
        "effect 1": [1.0, -1.0, 0.2], "effect 2": [2.0, 1.0, 0.1],
        "verdict 1": ["raises", "lowers", "undecided"],
        "verdict 2": ["raises", "raises", "undecided"],
    })  # fmt: skip
    assert ablation_tables.same_way(two).tolist() == [3, 2, 2, 1, 2, 1]


def test_levels_of_the_preset_show_what_its_first_seeds_are_like():
    rows = [row("", seed, value) for seed, value in enumerate([1, 1, 1, 1, 1, 3, 3, 3, 3, 3])]
    level = ablation_tables.levels(table(*rows, row("alpha=10", 0, 99.0))).loc["STRING"]
    assert (level["mean"], level["mean of seeds 0 to 4"], level["seeds"]) == (2, 1, 10)
