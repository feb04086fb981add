"""Checks of chapter 10. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    2: """
    nearer = max(kept, key=lambda name: kept[name]["distance_r"])
    """,
}


def check_2(halves, kept, nearer, result, live):
    """Leave the two parts of W in `halves`, a dictionary with the names "strongest 1 %" and "the rest"; in `kept` what
    `embedding.preservation` says of DeepSEM's points beside those of each part; and in `nearer` the name of the part
    whose points are more like them by `distance_r`."""
    import numpy as np
    from scipy.spatial.distance import pdist

    from deepsem_book import embedding

    W, names = result.members[0].W, {"strongest 1 %", "the rest"}
    assert set(halves) == set(kept) == names, f"halves and kept: the two names {sorted(names)}"
    strong, rest = halves["strongest 1 %"], halves["the rest"]
    assert np.allclose(strong + rest, W), "halves: together they are W, entry by entry, with signs"
    share = (strong != 0).mean()
    assert 0.008 < share < 0.012, f"halves: the strongest are {share:.1%} of all weights"
    weakest = np.abs(strong[strong != 0]).min()
    assert weakest >= np.abs(rest).max(), "halves: a weight of the rest is stronger; by its size?"
    page = pdist(live["DeepSEM"].astype(float))
    for name in sorted(names):
        other = embedding.with_other_networks(live["no GRN"], W, other=halves[name])
        points = other["other seed"]
        r = np.corrcoef(page, pdist(points.astype(float)))[0, 1]
        assert np.isclose(kept[name]["distance_r"], r, atol=1e-3), (
            f"kept, {name}: distance_r {kept[name]['distance_r']:.3f}; what goes through the layer?"
        )
    best = max(names, key=lambda name: kept[name]["distance_r"])
    assert nearer == best, f"nearer: not {nearer!r}; a high correlation of distances is like"
