"""Checks of chapter 11. A check runs in the student's notebook and holds no answer."""


def check_1(groups, stricter, known, control):
    """Leave in `groups` the number of the group of each gene that has a promoter, and in `stricter` what
    `cortex.against_null` says of the known edges with these groups."""
    import numpy as np
    import pandas as pd

    from deepsem_book import cortex

    evidence = known.evidence
    motifs, has = evidence.table("any promoter", known.genes, known.tfs)
    assert np.shape(groups) == (has.sum(),), f"groups: one number for each of {has.sum()} genes"
    n_groups = len(np.unique(groups))
    assert n_groups <= 64, f"groups: {n_groups} of them leave nobody to exchange with"
    matched = {
        "mean expression": known.level,
        "number of elements": evidence.near(known.genes),
        "number of motifs": motifs.sum(axis=1),
    }
    for name, values in matched.items():
        place = pd.Series(values[has]).rank(method="min", pct=True).groupby(groups)
        apart = (place.max() - place.min()).max()
        assert apart <= 0.251, f"groups: genes of one group differ in {name} by {apart:.0%} of all"
    assert np.isclose(stricter.observed, control["any promoter"].observed), (
        "stricter: the share with a motif has changed; only the null may"
    )
    again = cortex.against_null(known.known[has], motifs[has], np.asarray(groups), n=100)
    assert np.isclose(stricter.null, again.null), (
        f"stricter: a null of {stricter.null:.3f} is not that of these groups"
    )
