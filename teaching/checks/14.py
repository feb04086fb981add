"""Checks of chapter 14. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    2: """
    nothing = sorted(shares)[-2]
    """,
}


def check_2(shares, nothing, epr):
    """Leave in `shares` the per cent of the benchmarks on which each method has the best EPR (a dictionary or Series,
    by method), and in `nothing` the share of the second best method."""
    import numpy as np

    scores = epr.dropna()
    highest = scores.max(axis=1)
    names = [name for name in scores if (scores[name] == highest).any()]
    assert set(names) <= set(dict(shares)), f"shares: {len(names)} methods are best somewhere"
    total = sum(dict(shares).values())
    assert 96 < total < 104, (
        f"shares: together {total:.0f} %; some method is best on each benchmark"
    )
    of_method = {name: 100 * np.mean(scores[name] == highest) for name in names}
    for name, share in of_method.items():
        assert abs(shares[name] - share) < 0.6, f"shares, {name}: not {shares[name]:.1f} %"
    order = np.argsort([-share for share in of_method.values()])
    wanted = of_method[names[order[1]]]
    assert abs(nothing - wanted) < 0.6, f"nothing: not {nothing:.1f} %; whose share is it?"
