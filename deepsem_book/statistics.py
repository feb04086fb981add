"""The intervals of this book, and what they say of a change."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats


def t_interval(values: Iterable[float]) -> tuple[float, float, float]:
    """Mean and Student's 95 % t interval of it; NaN ends with fewer than two values."""
    numbers = np.asarray(list(values), dtype=float)
    if len(numbers) < 2:
        return (float(numbers[0]) if len(numbers) else np.nan), np.nan, np.nan
    mean, half = numbers.mean(), stats.t.ppf(0.975, len(numbers) - 1) * stats.sem(numbers)
    return float(mean), float(mean - half), float(mean + half)


def mean_and_half(values: Iterable[float]) -> tuple[float, float]:
    """Mean and half width of its `t_interval`."""
    mean, _, high = t_interval(values)
    return mean, high - mean


def t_test(values: Iterable[float]) -> float:
    """Two-sided p of a mean of 0 by Student's t; NaN with fewer than two values."""
    numbers = np.asarray(list(values), dtype=float)
    return float(stats.ttest_1samp(numbers, 0).pvalue) if len(numbers) > 1 else np.nan


def holm(p: Iterable[float]) -> NDArray[np.float64]:
    """p-values adjusted for their number (Holm, Scand. J. Stat. 6:65, 1979); NaN are not counted.

    The smallest of n is multiplied by n, the next by n - 1, ..., none is below the one before.
    """
    values = np.asarray(list(p), dtype=float)
    order = np.argsort(values)[: np.isfinite(values).sum()]
    weighted = values[order] * np.arange(len(order), 0, -1)
    adjusted = np.full(len(values), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(weighted), 1)
    return adjusted


def verdict(n: int, low: float, high: float) -> str:
    """What the interval of a change says; n is the number of values behind it."""
    if n == 0:
        return "not run"
    if low > 0:
        return "raises"
    return "lowers" if high < 0 else "undecided"


def data_set_names(matrices: Any) -> Any:
    """The data set of each matrix, its name without the number of genes (Index or Series)."""
    return matrices.str.replace(r"-\d+$", "", regex=True)


def data_set_of(values: pd.Series) -> NDArray[Any]:
    """The data set of each row by its index level "data"; without it each row is a set."""
    if "data" not in values.index.names:
        return np.arange(len(values))
    return np.asarray(data_set_names(values.index.get_level_values("data")))


def over_data_sets(values: pd.Series) -> tuple[float, float]:
    """95 % interval of the mean over benchmarks, from data sets; NaN with fewer than two of them.

    Benchmarks of the same data set (two gene sets, three networks) share cells or even the
    training. They are not independent draws: the standard error is that of cluster sampling
    (Cochran, Sampling Techniques, 1977, section 9A.1), with data sets as clusters (rows whose index
    level "data" differs in the number of genes only), and Student's t has one degree of freedom
    less than there are sets. Without this level each row is a set.
    """
    error, n_sets = error_over_data_sets(values)
    if n_sets < 2:
        return np.nan, np.nan
    half = stats.t.ppf(0.975, n_sets - 1) * error
    return float(values.mean() - half), float(values.mean() + half)


def p_over_data_sets(values: pd.Series) -> float:
    """Two-sided p of a mean of 0, from the interval of `over_data_sets`; NaN with one set."""
    error, n_sets = error_over_data_sets(values)
    if n_sets < 2 or not error:
        return np.nan
    return float(2 * stats.t.sf(abs(values.mean()) / error, n_sets - 1))


def error_over_data_sets(values: pd.Series) -> tuple[float, int]:
    """Standard error of `over_data_sets` (NaN with fewer than two sets), and the number of sets."""
    numbers = pd.Series(values.to_numpy(float))
    totals = (numbers - numbers.mean()).groupby(data_set_of(values)).sum().to_numpy()
    n_sets = len(totals)
    if n_sets < 2:
        return np.nan, n_sets
    return float(np.sqrt(n_sets / (n_sets - 1) * np.sum(totals**2)) / len(numbers)), n_sets


def share_over_data_sets(hits: pd.Series, nothing: float) -> tuple[float, float, float]:
    """95 % interval of a share of benchmarks, and the two-sided p of the share `nothing`.

    That of Clopper and Pearson with fewer draws than benchmarks: as many as have the scatter that
    data sets show (Korn and Graubard, Survey Methodology 24:193, 1998), so that both ends lie
    between 0 and 1 without being cut. NaN with fewer than two sets.
    """
    if len(np.unique(data_set_of(hits))) < 2:
        return np.nan, np.nan, np.nan
    share, draws = float(hits.mean()), effective_draws(hits.astype(float))
    above, below = draws * share, draws * (1 - share)
    low = stats.beta.ppf(0.025, above, below + 1) if above else 0.0
    high = stats.beta.ppf(0.975, above + 1, below) if below else 1.0
    tails = [
        stats.beta.cdf(nothing, above, below + 1) if above else 1.0,
        stats.beta.sf(nothing, above + 1, below) if below else 1.0,
    ]
    return float(low), float(high), float(min(1, 2 * min(tails)))


def effective_draws(hits: pd.Series) -> float:
    """How many independent benchmarks tell as much of the share of `hits` (0 or 1) as these do.

    Where all say the same, as if one of them did not: the one that leaves the fewest.
    """
    share, n, sets = float(hits.mean()), len(hits), data_set_of(hits)
    if share in (0, 1):
        firsts = [int(np.flatnonzero(sets == name)[0]) for name in np.unique(sets)]
        others = [hits.where(np.arange(n) != first, 1 - share) for first in firsts]
        return min(effective_draws(other) for other in others)
    error, n_sets = error_over_data_sets(hits)
    fewer = (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, n_sets - 1)) ** 2
    return float(min(n, fewer * share * (1 - share) / error**2)) if error else float(n)


def most_telling(values: pd.Series) -> str:
    """The name (index) without which the mean of `values` changes most."""
    return str((values - values.mean()).abs().idxmax())


def bootstrap_over_data_sets(values: pd.Series, n_draws: int = 10_000) -> tuple[float, float]:
    """95 % percentile interval of the mean when data sets are drawn with replacement.

    Shown beside `over_data_sets`, which judges: with five sets, this one excludes a true mean more
    than twice as often as 95 % promises (a test has the numbers). NaN with fewer than two sets.
    """
    of_set = pd.Series(values.to_numpy(float)).groupby(data_set_of(values)).agg(["sum", "size"])
    n_sets = len(of_set)
    if n_sets < 2:
        return np.nan, np.nan
    drawn = np.random.default_rng(0).integers(n_sets, size=(n_draws, n_sets))
    total, size = (of_set[column].to_numpy()[drawn].sum(axis=1) for column in ("sum", "size"))
    low, high = np.percentile(total / size, [2.5, 97.5])
    return float(low), float(high)
