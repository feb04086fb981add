"""What the figures of the chapter on EPR show: the values given, in the place of their method."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book.beeline import epr_figures


def marks(ax):
    """Label -> (x, y) of the marks of a panel."""
    return {
        line.get_label(): (np.asarray(line.get_xdata()), np.asarray(line.get_ydata()))
        for line in ax.get_lines()
        if not line.get_label().startswith("_")
    }


def parts(**values):
    """One method of one network, its parts given by name (spaces as underscores)."""
    rows = [["net", "method", name.replace("_", " "), value] for name, value in values.items()]
    return pd.DataFrame(rows, columns=["network", "method", "part", "value"])


def test_parts_stand_in_the_column_of_their_method():
    first = parts(all=2.0, TF_mean=0.5, target_mean=1.0, rest=3.0)
    second = first.assign(method="other", value=4.0)
    [ax] = epr_figures.score_parts(pd.concat([first, second])).axes
    x, y = marks(ax)["rest"]
    assert np.abs(x - [0, 1]).max() < 0.5 and list(y) == [3.0, 4.0]
    assert (x > marks(ax)["all"][0]).all()  # beside, not on top of it
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["method", "other"]


def test_a_score_of_zero_is_drawn_at_the_edge_and_a_large_one_inside():
    [ax] = epr_figures.score_parts(parts(all=0.0, rest=40.0)).axes
    low, high = ax.get_ylim()
    assert marks(ax)["all"][1][0] == pytest.approx(low)
    assert marks(ax)["rest"][1][0] < high


def test_an_unknown_part_is_an_error_with_the_known_ones():
    with pytest.raises(ValueError, match=r"colour.*known are.*TF mean"):
        epr_figures.score_parts(parts(colour=1.0))


def test_each_network_has_its_panel_with_its_own_null():
    table = pd.DataFrame(
        [["a", "m", 2.0, 1.0, 0.9, 1.1], ["b", "m", 0.5, 3.0, 2.5, 3.5]],
        columns=["network", "method", "epr", "null_mean", "null_low", "null_high"],
    )
    a, b = epr_figures.against_rewired(table).axes
    assert marks(a)["the truth"][1] == [2.0] and marks(b)["the truth"][1] == [0.5]
    assert marks(b)["rewired truths"][1] == [3.0]
    bar = b.collections[0].get_segments()[0]
    assert sorted(bar[:, 1]) == [2.5, 3.5]
    low, high = b.get_ylim()
    assert low < 0.5 and high > 3.5


def benchmarks(**columns):
    base = {"name": ["x-500", "y-500", "z-500"], "kind": ["A", "A", "B"]}
    base |= {"chance": [1.2] * 3, "TF-degree": [3.0] * 3, "target-degree": [2.0] * 3}
    return pd.DataFrame(base | {"ceiling": [20.0, 9.0, 1.8]} | columns)


def test_room_has_one_row_a_benchmark_grouped_by_kind():
    a, b = epr_figures.room(benchmarks(ours=[1.5, 4.0, 1.1]), ["ours"]).axes
    assert [tick.get_text() for tick in a.get_yticklabels()] == ["x-500", "y-500"]
    x, y = marks(a)["ours"]
    assert list(x) == [1.5, 4.0] and list(y) == [0, 1]
    assert list(marks(b)["ceiling"][0]) == [1.8]
    assert a.get_ylim()[0] > a.get_ylim()[1]  # the first benchmark is on top


def test_room_says_which_benchmarks_were_not_run():
    table = benchmarks(ours=[1.5, np.nan, 1.1]).assign(ceiling=[20.0, np.nan, 1.8])
    a, b = epr_figures.room(table, ["ours"]).axes
    said = [(text.get_text(), text.get_position()[1]) for text in a.texts]
    assert said == [("not run here", 1)] and not b.texts


def test_room_copes_with_a_method_that_was_not_run_and_scores_below_chance():
    a, _ = epr_figures.room(
        benchmarks(ours=[np.nan] * 3, low=[0.4, 1.0, 1.0]), ["ours", "low"]
    ).axes
    assert np.isnan(marks(a)["ours"][0]).all()
    assert a.get_xlim()[0] <= 0.4
