"""Checks of chapter 16. A check runs in the student's notebook and holds no answer."""


def check_2(without_depth, aurocs, data, cells):
    """Leave a function `without_depth(X, counts)` that returns the corrected X (cells x genes), and in `aurocs` a
    dictionary with the AUROC of the correlation for "left in", "taken out" and "divided out"."""
    from dataclasses import replace

    import numpy as np

    from deepsem_book import truth

    rng = np.random.default_rng(0)
    counts = rng.poisson(np.exp(rng.normal(1, 0.7, size=(60, 1)) * np.ones(8)))
    counts[:, 0] += 1  # no empty cell
    X = np.log1p(counts) + rng.normal(size=counts.shape)
    kept = X.copy()
    got = without_depth(X, counts)
    assert np.array_equal(X, kept), "without_depth changes its argument X: begin with a copy"
    assert np.shape(got) == X.shape, f"without_depth returns {np.shape(got)}, not cells by genes"
    line = np.c_[np.ones(60), np.log(counts.sum(axis=1))]
    removed = X - got
    fit = line @ np.linalg.lstsq(line, removed, rcond=None)[0]
    assert np.allclose(fit, removed), "without_depth: what it takes away is no line in log(total)"
    left = np.corrcoef(got.T, line[:, 1])[-1, :-1]
    assert np.abs(left).max() < 1e-6, (
        f"without_depth: a gene still has r = {left.max():.2f} with it"
    )
    versions = {"left in": data, "divided out": cells["base"]}
    versions["taken out"] = replace(data, X=without_depth(data.X, data.counts))
    assert set(aurocs) == set(versions), f"aurocs: the three names {sorted(versions)}"
    for name in aurocs:
        version = versions[name]
        area = truth.score(truth.correlation(version), version.W, version.n_tfs)["auroc"]
        assert np.isclose(aurocs[name], area, atol=1e-3), f"aurocs, {name}: not {aurocs[name]:.3f}"
