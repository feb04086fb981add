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


def test_the_headroom_has_a_panel_for_each_kind_and_the_best_method_on_top():
    rows = [
        (kind, method, value, value > 0.1)
        for kind in ("STRING", "Non-Specific", "Specific")
        for method, value in (("DeepSEM", 0.2), ("ppcor", 0.0))
    ]
    table = pd.DataFrame(rows, columns=["network", "method", "headroom", "edges"])
    a, _, c = epr_figures.headroom(table).axes
    assert [tick.get_text() for tick in a.get_yticklabels()] == ["ppcor", "DeepSEM"]
    drawn = [(list(line.get_xdata()), line.get_markerfacecolor()) for line in c.lines[:6:3]]
    drawn += [(list(line.get_xdata()), line.get_markerfacecolor()) for line in c.lines[1:6:3]]
    dots = [(x[0], colour != "white") for x, colour in drawn if x]
    assert sorted(dots) == [(0.0, False), (20.0, True)]
