"""Checks of chapter 7. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    1: """
    def pooled_sd(values, change):
        groups = values.groupby(change)
        freedom = groups.size() - 1
        return np.sqrt((freedom * groups.var()).sum() / freedom.sum())
    """,
    3: """
    def seeds_needed(sd, half):
        return n[stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n) <= half][0]
    """,
}


def check_1(pooled_sd):
    """Leave a function `pooled_sd(values, change)` that returns the one standard deviation of the differences `values`
    within their changes (two Series), and in words how many verdicts change."""
    import numpy as np
    import pandas as pd

    values = pd.Series([1.0, 3, 10, 12, 14, 20, 20, 20, 24])
    change = pd.Series(list("aabbbcccc"))
    got = pooled_sd(values, change)
    assert not np.isclose(got, values.std()), "this is the scatter of all, not that within changes"
    mean = values.groupby(change).std().mean()
    assert not np.isclose(got, mean), "variances are pooled, and long groups weigh more"
    assert np.isclose(got, 1.915, atol=0.002), f"three small groups: not {got:.3f}"


def check_3(seeds_needed):
    """Leave a function `seeds_needed(sd, half)` that returns the smallest number of seeds whose 95 % interval is
    at most `half` wide on each side, for differences of this standard deviation."""
    for sd, half, wanted in ((0.05, 0.1, 4), (0.1, 0.1, 7), (0.2, 0.1, 18), (1.0, 0.5, 18)):
        got = seeds_needed(sd, half)
        assert got == wanted, f"sd {sd}, half width {half}: {got} is not the smallest number"
