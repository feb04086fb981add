"""Intervals against tables and against how often they should cover; verdicts by hand."""

import numpy as np
import pandas as pd
import pytest

from deepsem_minimal.intervals import mean_and_half, over_cells, t_interval, verdict


def test_t_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    ends = np.array([t_interval(rng.normal(1.0, 1, 3))[1:] for _ in range(4000)])
    assert ((ends[:, 0] < 1) & (ends[:, 1] > 1)).mean() == pytest.approx(0.95, abs=0.012)
    assert np.isnan(t_interval([1.0])[1:]).all()


def test_half_width_is_that_of_the_t_table():
    mean, half = mean_and_half([1.0, 2.0, 3.0])
    assert mean == 2 and half == pytest.approx(4.302653 / np.sqrt(3))  # t table, 2 degrees
    assert np.isnan(mean_and_half([1.0])[1])


def test_over_cells_draws_sets_of_cells_not_benchmarks():
    """Twenty copies of two cell sets are two draws: the mean is 0, 1/2 or 1, never in between."""
    names = [f"beeline/{cells}-{size}" for cells in ("a", "b") for size in (500, 1000)] * 10
    values = pd.Series(
        [float("/b" in name) for name in names],
        index=pd.MultiIndex.from_arrays([names, range(40)], names=["data", "network"]),
    )
    assert over_cells(values) == (0, 1)
    low, high = over_cells(values.reset_index(drop=True))
    assert 0.3 < low < 0.4 and 0.6 < high < 0.7


@pytest.mark.parametrize(
    ("n", "low", "high", "said"),
    [(0, np.nan, np.nan, "not run"), (1, np.nan, np.nan, "undecided"), (3, -1, 1, "undecided"),
     (3, 0.1, 1, "raises"), (3, -1, -0.1, "lowers"), (3, 0, 1, "undecided")],
)  # fmt: skip
def test_verdict_needs_an_interval_without_zero(n, low, high, said):
    assert verdict(n, low, high) == said
