"""Intervals against tables and against how often they should cover; verdicts by hand."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book.statistics import (
    bootstrap_over_data_sets,
    holm,
    mean_and_half,
    most_telling,
    over_data_sets,
    p_over_data_sets,
    share_over_data_sets,
    t_interval,
    t_test,
    verdict,
)


def test_t_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    ends = np.array([t_interval(rng.normal(1.0, 1, 3))[1:] for _ in range(4000)])
    assert ((ends[:, 0] < 1) & (ends[:, 1] > 1)).mean() == pytest.approx(0.95, abs=0.012)
    assert np.isnan(t_interval([1.0])[1:]).all()


def test_half_width_is_that_of_the_t_table():
    mean, half = mean_and_half([1.0, 2.0, 3.0])
    assert mean == 2 and half == pytest.approx(4.302653 / np.sqrt(3))  # t table, 2 degrees
    assert np.isnan(mean_and_half([1.0])[1])


def test_over_data_sets_is_students_interval_of_sets_of_equal_size():
    names = [f"beeline/{cells}-{size}" for cells in "abcde" for size in (500, 1000)]
    values = pd.Series(
        np.random.default_rng(0).normal(size=10),
        index=pd.MultiIndex.from_arrays([names, range(10)], names=["data", "network"]),
    )
    means = values.to_numpy().reshape(5, 2).mean(axis=1)
    assert over_data_sets(values) == pytest.approx(t_interval(means)[1:])
    alone = values.reset_index(drop=True)
    assert over_data_sets(alone) == pytest.approx(t_interval(alone)[1:])
    assert np.isnan(over_data_sets(values[:2])).all() and np.isnan(over_data_sets(values[:0])).all()


def test_over_data_sets_covers_as_often_as_it_says_and_the_bootstrap_does_not():
    """Five sets of four benchmarks that share their cells, as in the recorded grid."""
    rng = np.random.default_rng(0)
    names = [f"{cells}-500" for cells in "abcde" for _ in range(4)]
    index = pd.MultiIndex.from_arrays([names, range(20)], names=["data", "network"])
    covered, by_bootstrap = [], []
    for _ in range(1000):
        sets = rng.normal(size=5)
        values = pd.Series(np.repeat(sets, 4) + rng.normal(size=20), index=index)
        low, high = over_data_sets(values)
        covered.append(low < 0 < high)
        low, high = bootstrap_over_data_sets(values, n_draws=500)
        by_bootstrap.append(low < 0 < high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)
    assert np.mean(by_bootstrap) < 0.88


def test_bootstrap_draws_data_sets_with_all_their_benchmarks():
    names = ["beeline/a-500", "beeline/a-1000", "beeline/b-500"]
    index = pd.MultiIndex.from_arrays([names, range(3)], names=["data", "network"])
    values = pd.Series([1.0, 1.0, 4.0], index=index)
    # By hand: aa (1/4 of the draws) has mean 1, bb 4, ab the mean of three rows, 2.
    assert bootstrap_over_data_sets(values) == (1, 4)
    many = pd.Series([0.0] * 99 + [1.0])  # without the level each row is a set: binomial(100, 1 %)
    assert bootstrap_over_data_sets(many) == pytest.approx((0, 0.03), abs=0.011)
    assert np.isnan(bootstrap_over_data_sets(values[:2])).all()


@pytest.mark.parametrize(
    ("n", "low", "high", "said"),
    [(0, np.nan, np.nan, "not run"), (1, np.nan, np.nan, "undecided"), (3, -1, 1, "undecided"),
     (3, 0.1, 1, "raises"), (3, -1, -0.1, "lowers"), (3, 0, 1, "undecided")],
)  # fmt: skip
def test_verdict_needs_an_interval_without_zero(n, low, high, said):
    assert verdict(n, low, high) == said


def test_holm_by_hand_and_without_what_was_not_tested():
    # 0.01 x 3, 0.03 x 2 and 0.04 x 1, which may not fall below the one before
    assert holm([0.04, 0.01, np.nan, 0.03])[[1, 3, 0]] == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(holm([0.04, 0.01, np.nan])[2])
    assert holm([0.6, 0.7]).tolist() == [1, 1]


def test_holm_rarely_finds_what_is_not_there():
    p = np.random.default_rng(0).random((4000, 10))
    assert (np.array([holm(row).min() for row in p]) < 0.05).mean() == pytest.approx(0.05, abs=0.01)


def test_t_test_agrees_with_the_interval():
    values = [0.3, 0.1, 0.2, 0.6]
    assert (t_test(values) < 0.05) == (t_interval(values)[1] > 0)
    assert t_test([-1.0, 1.0]) == 1 and np.isnan(t_test([1.0]))


def test_p_over_data_sets_is_five_per_cent_where_the_interval_ends_at_zero():
    index = pd.MultiIndex.from_product([["a-500", "a-1000", "b-500"], ["n"]], names=["data", "of"])
    values = pd.Series([1.0, 1.2, 3.0], index)
    low, _ = over_data_sets(values)
    assert p_over_data_sets(values - low) == pytest.approx(0.05)
    assert np.isnan(p_over_data_sets(values[:1]))


def test_the_most_telling_set_moves_the_mean_most():
    assert most_telling(pd.Series({"a": 1.0, "b": 1.1, "c": -4.0})) == "c"


def test_share_of_independent_sets_is_nearly_that_of_clopper_and_pearson():
    """3 of 10, each its own set: the exact interval is 0.0667 to 0.6525; sets cost one draw."""
    low, high, p = share_over_data_sets(pd.Series([1, 1, 1] + 7 * [0]), 0.5)
    assert low == pytest.approx(0.0667, abs=0.01) and high == pytest.approx(0.6525, abs=0.02)
    assert p == pytest.approx(0.34, abs=0.05)  # binomial test of 3 of 10 against ½


def test_share_keeps_between_0_and_1_and_covers_at_least_as_often_as_it_says():
    """Five sets of five benchmarks whose shares differ, the true mean near the border."""
    rng = np.random.default_rng(0)
    names = [f"{cells}-500" for cells in "abcde" for _ in range(5)]
    index = pd.MultiIndex.from_arrays([names, range(25)], names=["data", "network"])
    covered = []
    for _ in range(300):
        of_set = rng.beta(9, 1, 5)  # mean 0.9
        low, high, p = share_over_data_sets(
            pd.Series(rng.random(25) < np.repeat(of_set, 5), index), 0.9
        )
        assert 0 <= low <= high <= 1 and (low < 0.9 < high) == (p > 0.05)
        covered.append(low < 0.9 < high)
    assert np.mean(covered) > 0.93


def test_a_share_without_a_miss_is_not_wider_than_one_with_a_miss():
    names = [f"{cells}-500" for cells in "abcde" for _ in range(5)]
    index = pd.MultiIndex.from_arrays([names, range(25)], names=["data", "network"])
    hits = pd.Series(True, index)
    one_miss = hits.copy()
    one_miss.iloc[0] = False
    low, high, _ = share_over_data_sets(hits, 0.5)
    assert high == 1 and low >= share_over_data_sets(one_miss, 0.5)[0] > 0.5
    assert share_over_data_sets(~hits, 0.5)[0] == 0
