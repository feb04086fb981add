"""Checks of chapter 1. A check runs in the student's notebook and holds no answer."""


def check_3(early):
    """Leave a function `early(truth, scores)` that takes two arrays (true or false; importance) and returns
    the early precision, a number."""
    import numpy as np

    cases = [
        ([1, 0, 1, 0], [4, 3, 2, 1], 1 / 2, "two edges are true: look at the best two"),
        ([1, 1, 0, 0, 0], [3, 2, 2, 2, 1], 1 / 2, "two edges: who else is as good as the second?"),
        ([1, 0, 1], [2, 0, 0], 1, "an edge of importance 0 is never taken"),
        ([0, 1, 0], [0, 0, 0], 0, "no edge is taken at all"),
    ]
    for truth, scores, wanted, hint in cases:
        got = early(np.array(truth, dtype=bool), np.array(scores, dtype=float))
        assert np.isclose(got, wanted), f"truth {truth}, scores {scores}: not {got}; {hint}"


def check_4(rounded, broken, X, names):
    """Leave in `rounded` the edge table of chapter 1's correlations with `importance` rounded to one decimal,
    and in `broken` a list of 20 such tables in which the ties are broken at random."""
    import numpy as np

    from deepsem_book import foundations

    def by_pair(table):
        return table.set_index(["TF", "target"])["importance"].sort_index()

    exact, coarse = by_pair(foundations.by_correlation(X, names)), by_pair(rounded)
    assert coarse.index.equals(exact.index), "rounded: keep all pairs"
    assert abs(coarse - exact).max() < 0.0501, "rounded: this is not the correlation rounded"
    assert coarse.nunique() <= 11, "rounded: one decimal leaves eleven values at most"
    assert len(broken) == 20, f"broken: {len(broken)} tables, not 20"
    first, second = by_pair(broken[0]), by_pair(broken[1])
    assert first.nunique() > 0.99 * len(first), "broken: there are still ties"
    order = np.argsort(first.to_numpy(), kind="stable")
    assert (np.diff(coarse.to_numpy()[order]) >= 0).all(), (
        "broken: the order of unequal pairs changed"
    )
    assert not np.array_equal(order, np.argsort(second.to_numpy())), "broken: all tables are alike"
