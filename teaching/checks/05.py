"""Checks of chapter 5. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    1: """
    eprs_of_size = {}
    for size in range(1, len(members) + 1):
        draws = [rng.permutation(len(members))[:size] for _ in range(3)]
        eprs_of_size[size] = [
            beeline.live.epr_of(problem, kind, members[draw].mean(axis=0)) for draw in draws
        ]
    """,
    2: """
    def signed_epr(W, kind, largest_first):
        order = W - W.min() if largest_first else W.max() - W
        return beeline.live.epr_of(problem, kind, order)
    """,
}


def check_1(eprs_of_size, kind, scores):
    """Leave the name of your network in `kind`, and in `eprs_of_size` a dictionary from the number of members,
    from 1 to all, to a list of at least three EPRs."""
    import numpy as np

    rows = scores[scores["network"] == kind].groupby("method")["epr"]
    single, [whole] = rows.get_group("DeepSEM*"), rows.get_group("DeepSEM")
    assert sorted(eprs_of_size) == [*range(1, len(single) + 1)], f"sizes: 1 to {len(single)}"
    assert min(map(len, eprs_of_size.values())) >= 3, "three choices or more of each size"
    for epr in eprs_of_size[1]:
        assert np.isclose(epr, single).any(), f"size 1: no single training has an EPR of {epr:.3f}"
    assert np.allclose(eprs_of_size[len(single)], whole), (
        "size of all: this is not the ensemble's EPR; average first, then score, and without signs"
    )


def check_2(signed_epr, problem):
    """Leave a function `signed_epr(W, kind, largest_first)` that returns the EPR of the edges sorted by W itself,
    from the largest or, with `largest_first=False`, from the smallest."""
    import numpy as np

    kind, network = next(iter(problem.networks.items()))
    at = {gene.upper(): i for i, gene in enumerate(problem.genes)}
    upper = network.apply(lambda column: column.str.upper())
    pairs = [(at[b], at[a]) for a, b in zip(upper["Gene1"], upper["Gene2"]) if {a, b} <= {*at}]
    true = np.zeros((len(at),) * 2, dtype=bool)
    true[tuple(np.transpose(pairs))] = True
    cases = {  # W of true edges, W of the others: what is first decides
        "true 1, others -3": (1.0, -3.0),
        "true -1, others -3": (-1.0, -3.0),
        "true 2, others 1": (2.0, 1.0),
    }
    for name, (yes, no) in cases.items():
        W = np.where(true, yes, no)
        first, last = signed_epr(W, kind, True), signed_epr(W, kind, False)
        assert first > 1 > last, (
            f"W {name}: largest first gives {first:.2f}, smallest first {last:.2f}"
        )
        ceiling = signed_epr(true.astype(float), kind, True)
        assert np.isclose(first, ceiling), f"W {name}: the true edges are the largest, all of them"


def check_3(by_preset, scores, problem, presets):
    """Leave in `by_preset` a dictionary from (network, preset) to the list of the EPRs of the single trainings."""
    import numpy as np

    wanted = {(kind, preset) for kind in problem.networks for preset in presets}
    assert set(by_preset) == wanted, f"by_preset: {len(wanted)} pairs of a network and a preset"
    single = scores[scores["method"] == "DeepSEM*"].groupby("network")["epr"]
    for kind in problem.networks:
        own = [np.sort(by_preset[kind, preset]) for preset in presets]
        sizes = [len(eprs) for eprs in own]
        assert min(sizes) == len(single.get_group(kind)), f"{kind}: an EPR for each training"
        page = np.sort(single.get_group(kind))
        agree = [np.allclose(eprs, page) for eprs in own]
        assert any(agree), f"{kind}: neither preset has the EPRs of this page"
        assert not all(agree), f"{kind}: both presets have the same EPRs"


def check_5(mine, mine_of, sentence):
    """Leave the name of your data set in `mine_of`, the scores of all methods and single trainings in `mine` (one
    row each, as `beeline.live.scored` gives them), and your sentence in `sentence`."""
    import numpy as np

    from deepsem_book import beeline

    assert mine_of.startswith("beeline/"), f"mine_of: a data set of BEELINE, not {mine_of!r}"
    assert mine_of != "beeline/mDC-500", "mine_of: the page has this one; choose another"
    recorded = beeline.benchmark_table.recorded("", "lineage")
    recorded = recorded[recorded["data"] == mine_of].groupby(["network", "method"])["epr"]
    single = mine[mine["method"] == "DeepSEM*"].groupby("network").size()
    for kind in mine["network"].unique():
        own = mine[mine["network"] == kind].set_index("method")["epr"]
        assert single.get(kind, 0) >= 3, f"{kind}: three single trainings or more"
        assert "DeepSEM" in own and list(own.index).count("random") >= 3, (
            f"{kind}: ensemble, chance"
        )
        for method in ("Pearson", "Pearson-detection", "Pearson-APC", "TF-degree"):
            assert method in own, f"{kind}: the control {method} is missing"
            wanted = recorded.mean()[kind, method]
            assert np.isclose(own[method], wanted, rtol=0.01), (
                f"{kind}, {method}: {own[method]:.3f} is not its EPR on {mine_of}; which matrix is this?"
            )
    assert len(str(sentence).split()) >= 10, "sentence: what would you write into a paper?"
