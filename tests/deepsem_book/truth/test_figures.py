"""Cells needed, by hand; and that the lines of the figure are the matrices'."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book.truth import figures


def levels(*recall: float) -> pd.DataFrame:
    return pd.DataFrame({"n_cells": [100, 1000, 10000][: len(recall)], "recall_half": recall})


def test_cells_needed_lie_between_the_levels_on_a_log_scale() -> None:
    assert figures.cells_needed(levels(0.4, 0.6)) == pytest.approx(100 * 10**0.5)
    assert figures.cells_needed(levels(0.25, 0.3, 0.5)) == pytest.approx(10000)
    assert figures.cells_needed(levels(0.7, 0.8)) == 100
    assert np.isnan(figures.cells_needed(levels(0.1, 0.4)))


def test_lines_of_the_realism_figure_are_those_of_the_matrix() -> None:
    X = np.random.default_rng(0).poisson(0.5, (200, 60)).astype(float)
    figure = figures.realism({"a": X}, {"b": X, "c": 2 * X})
    axes = figure.axes
    assert [len(ax.lines) for ax in axes] == [3] * 5
    assert axes[0].lines[0].get_ydata().mean() == pytest.approx((X == 0).mean(), abs=0.01)
    assert axes[2].lines[2].get_ydata().mean() == pytest.approx((X != 0).mean())
    width = figures.BINS[1] - figures.BINS[0]
    assert axes[4].lines[0].get_ydata().sum() * width == pytest.approx(1)
