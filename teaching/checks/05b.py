"""Checks of the whole benchmark. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    1: """
    def lead_count(table, margin):
        return int(leads(table, "DeepSEM", margin).sum())
    """,
    2: """
    def interval(values):
        return beeline.t_interval(values)

    def interval_by_sets(values, sets):
        return beeline.t_interval(values.groupby(sets).mean())
    """,
}


def check_1(lead_count):
    """Leave a function `lead_count(table, margin)` that returns on how many benchmarks (rows) the column DeepSEM is
    above every other column by more than `margin` of it; a row without a score of every method does not count."""
    import numpy as np
    import pandas as pd

    table = pd.DataFrame(
        {
            "DeepSEM": [1.2, 1.06, 1.0, 3.0, 1.5],
            "X": [1.0, 1.0, 1.2, np.nan, 1.1],
            "Y": [0.5, 0.9, 0.1, 1.0, 1.49],
        }
    )
    for margin, wanted in ((0.0, 3), (0.05, 2), (0.1, 1), (0.5, 0)):
        got = lead_count(table, margin)
        assert got == wanted, f"margin {margin}: {wanted} of the rows of a small table, not {got}"


def check_2(interval, interval_by_sets):
    """Leave two functions that return mean, lower and upper end: `interval(values)`, as if all were independent,
    and `interval_by_sets(values, sets)`, with one value for each set of cells; `values` is a Series of logarithms."""
    import numpy as np
    import pandas as pd

    values = pd.Series([0.0, 1, 2, 3, 4, 5, 9])
    sets = np.array(["a", "a", "b", "b", "c", "c", "c"])
    flat, grouped = interval(values[:6]), interval_by_sets(values, sets)
    assert np.allclose(flat, (2.5, 0.537, 4.463), atol=0.01), f"interval of 0 to 5: not {flat}"
    assert np.isclose(grouped[0], 3.0), f"by sets: each set counts once, so not {grouped[0]:.2f}"
    assert np.allclose(grouped, (3.0, -3.916, 9.916), atol=0.01), (
        f"by sets: {grouped}; how many values are there, and which t?"
    )
