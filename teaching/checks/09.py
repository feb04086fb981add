"""Checks of chapter 9. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    2: """
    best = table.idxmax(axis=1).to_dict()
    """,
}


def check_2(fits, by_alpha, best, adata):
    """Leave in `fits` a dictionary from three values of α or more to the W fitted to the standardised matrix, in
    `by_alpha` one from each α to its EPR by network, and in `best` one from each network to the best α."""
    import numpy as np

    import deepsem_minimal as ds
    from deepsem_book import lineage

    page = adata.uns["source"]["name"]
    problem = lineage.Problem.load(page)
    assert len(fits) >= 3 and set(by_alpha) == set(fits), "three α or more, the same in both"
    S = np.corrcoef(problem.X, rowvar=False)
    n_weights = []
    for alpha, W in sorted(fits.items()):
        assert W.shape == S.shape and not np.diag(W).any(), f"α = {alpha}: no W of these genes"
        n_weights.append((W != 0).sum())
        losses = [ds.sem.objective(V, S)[0] + alpha * np.abs(V).sum() for V in (W, 0 * W)]
        assert losses[0] < losses[1], f"α = {alpha}: no W at all has a lower loss; whose cells?"
        edges = ds.edge_table(np.abs(W), problem.genes, problem.tfs)
        for kind, known in problem.networks.items():
            epr = ds.evaluate(edges, known, problem.genes)["epr"]
            assert np.isclose(by_alpha[alpha][kind], epr), (
                f"α = {alpha}, {kind}: {by_alpha[alpha][kind]:.3f} is not the EPR of this W"
            )
    assert (np.diff(n_weights) < 0).all(), f"fits: a larger α leaves fewer weights; not {n_weights}"
    for kind in problem.networks:
        top = max(eprs[kind] for eprs in by_alpha.values())
        assert by_alpha[best[kind]][kind] == top, f"best, {kind}: not α = {best[kind]}"


def check_3(with_loop, fitted, small):
    """Leave a function `with_loop(back)` that returns the network of five genes with B → A of this weight, and in
    `fitted` a dictionary from (back, "NOTEARS") and (back, "linear SEM"), for both weights, to the W that was found
    in 4,000 cells."""
    import numpy as np

    import deepsem_minimal as ds
    from deepsem_book import lineage

    kept = small.copy()
    for back in (-0.6, 0.4):
        loop = with_loop(back)
        assert np.array_equal(small, kept), "with_loop changes `small` itself: begin with a copy"
        changed = np.argwhere(loop != small).tolist()
        assert len(changed) == 1, (
            f"with_loop: {len(changed)} entries differ from the page's network"
        )
        round_trip = -np.linalg.det(loop[:2, :2])
        assert np.isclose(round_trip, small[1, 0] * back), "with_loop: A and B form no such loop"
        S = np.cov(ds.sem.simulate_linear(loop, 4000, seed=1).T, bias=True)
        W = np.asarray(fitted[back, "linear SEM"])
        losses = [ds.sem.objective(V, S)[0] for V in (W, loop)]
        assert losses[0] < losses[1] + 0.05, (
            f"linear SEM, {back}: other cells of this network are far less likely than by the truth"
        )
        W = np.asarray(fitted[back, "NOTEARS"])
        assert lineage.notears.acyclicity(W)[0] < 1e-5, f"NOTEARS, {back}: W has a loop"
        assert (np.abs(W) > 0.05).sum() >= 4, f"NOTEARS, {back}: hardly an edge"
        for gene, row in enumerate(W):
            used = np.flatnonzero(np.abs(row) > 0.05)
            direct = np.linalg.solve(S[np.ix_(used, used)], S[used, gene])
            assert np.allclose(row[used], direct, atol=0.12), (
                f"NOTEARS, {back}: the weights of gene {gene} are no regression on its regulators"
            )
