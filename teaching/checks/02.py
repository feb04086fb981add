"""Checks of chapter 2. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    4: """
    fits = {
        alpha: ds.sem.fit_linear_sem(X, alpha=alpha, n_steps=300)
        for alpha in (0, 0.02, 0.05, 0.2, 1.0)
    }
    n_true = (truth != 0).sum()
    as_many = min(fits, key=lambda alpha: abs((fits[alpha] != 0).sum() - n_true))
    best = max(fits, key=lambda alpha: foundations.auprc(fits[alpha], truth))
    """,
}


def check_4(fits, as_many, best):
    """Leave in `fits` a dictionary from each of the five α to the W fitted with it, in `as_many` the α
    whose W has as many weights as there are edges, or the nearest, and in `best` the α with the best AUPRC."""
    import numpy as np

    import deepsem_minimal as ds
    from deepsem_book import foundations

    truth = ds.sem.random_network(20, n_regulators=2, seed=1)
    S = np.cov(ds.sem.simulate_linear(truth, n_cells=2000, seed=1).T, bias=True)
    assert set(fits) == {0, 0.02, 0.05, 0.2, 1.0}, f"fits: the five α are asked, not {list(fits)}"
    for alpha, W in fits.items():
        assert np.shape(W) == (20, 20) and not np.diag(W).any(), f"α = {alpha}: no W of 20 genes"
        slope = (ds.sem.objective(W, S)[1] + alpha * np.sign(W))[W != 0]
        level = np.abs(slope).max() if slope.size else 0.0
        assert level < 0.06, f"α = {alpha}: the loss with this α still falls here; whose cells?"
    surplus = {alpha: abs((W != 0).sum() - (truth != 0).sum()) for alpha, W in fits.items()}
    assert surplus[as_many] == min(surplus.values()), f"as_many: not {as_many}; count the weights"
    scores = {alpha: foundations.auprc(W, truth) for alpha, W in fits.items()}
    assert scores[best] == max(scores.values()), f"best: not {best}; compare the AUPRC"


def check_5(W4):
    """Leave the network in `W4`, four genes by four, W[target, regulator], and say in words why the fit fails."""
    import numpy as np

    import deepsem_minimal as ds
    from deepsem_book import foundations

    W4 = np.asarray(W4, dtype=float)
    assert W4.shape == (4, 4), f"W4: four genes by four, not {W4.shape}"
    assert W4.any() and not np.diag(W4).any(), "W4: some edges, and none from a gene to itself"
    weights = np.abs(W4[W4 != 0])
    assert weights.min() >= 0.3, "W4: an edge below 0.3 is lost by its size alone; make it stronger"
    assert np.abs(np.linalg.eigvals(W4)).max() < 1, "W4: its loop is stronger with each round"
    fit = ds.sem.fit_linear_sem(ds.sem.simulate_linear(W4, 20_000, seed=0))
    area = foundations.auprc(fit, W4)
    assert area < 0.99, f"W4: the fit finds its edges (AUPRC {area:.2f}); try another"
