"""Paired effects of single settings: hand-made tables with known differences."""

import json

import numpy as np
import pandas as pd
import pytest

from deepsem_book.beeline import ablation_figures, ablations
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
    figure = ablation_figures.forest(made, DATA, [("STRING", "epr"), ("STRING", "auprc_ratio")])
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["L1 weight α: α = 10"]
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert sorted(marks[0].get_xdata()) == pytest.approx([0.5, 0.7])


def test_a_wide_interval_does_not_squeeze_the_dots():
    rows = [row("", 0, 1.0), row("", 1, 1.2), row("alpha=10", 0, 2.0), row("alpha=10", 1, 1.0)]
    # The differences are 1 and -0.2.
    [ax] = ablation_figures.forest(table(*rows), DATA, [("STRING", "epr")]).axes
    low, high = ax.get_xlim()
    assert -1 < low < -0.2 and 1 < high < 2  # the interval reaches beyond 8
