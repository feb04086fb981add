"""Checks of chapter 13. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    2: """
    agree = alone["in_top"].mean()
    agree_others = best.head(200).drop(alone.index)["in_top"].mean()
    """,
}


def check_2(alone, agree, agree_others, best, folder):
    """Leave the edges in `alone` (columns TF and target at least), in `agree` the mean of their `in_top`, and in
    `agree_others` that of the others among the first 200."""
    import numpy as np
    import pandas as pd

    def pairs(table):
        return [*zip(table["TF"], table["target"])]

    in_top = dict(zip(pairs(best), best["in_top"]))
    asked, known = pairs(best)[:200], pairs(pd.read_csv(folder / "control.csv"))
    place = dict(zip(known, range(len(known))))
    mine = set(pairs(alone))
    assert mine <= set(asked), f"alone: {len(mine - set(asked))} edges are not among the first 200"
    ranks = {pair: place[pair] + 1 for pair in asked}
    early = [pair for pair in mine if ranks[pair] < 1001]
    assert not early, f"alone: the control has {early[0]} at place {ranks[early[0]]}"
    n_late = sum(rank > 1000 for rank in ranks.values())
    assert len(mine) == n_late, f"alone: {len(mine)} of {n_late} edges"
    parts = {"agree": (agree, mine), "agree_others": (agree_others, set(asked) - mine)}
    for name, (got, edges) in parts.items():
        mean = np.mean([in_top[pair] for pair in edges]) if edges else np.nan
        assert np.isclose(got, mean, equal_nan=True), f"{name}: not {got:.3f}; the mean of in_top"
