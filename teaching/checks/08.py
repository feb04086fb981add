"""Checks of chapter 8. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    2: """
    disagree = {name for name, test in by_metric.items() if (test["z"] > 2).nunique() > 1}
    """,
    3: """
    def without_means(edges):
        return beeline.decompose(edges)["rest"]

    lead = {
        kind: compared.loc[(kind, "DeepSEM, rest"), "headroom"]
        - compared.loc[(kind, "Pearson, rest"), "headroom"]
        for kind in problem.networks
    }
    """,
}


def check_2(by_metric, disagree, rankings, problem, bounds, genes):
    """Leave in `by_metric` a dictionary from "DeepSEM", "Pearson" and "Pearson-APC" to what `rewiring_test` says of
    them, and in `disagree` the set of those whose z is above 2 by one metric and not by the other."""
    import deepsem_minimal as ds
    from deepsem_book import beeline

    n_true = {kind: limits["true edges"] for kind, limits in bounds.items()}
    known = problem.networks[min(n_true, key=n_true.get)]
    assert set(by_metric) == {"DeepSEM", "Pearson", "Pearson-APC"}, "by_metric: three rankings"
    for name, test in by_metric.items():
        own = test.set_index("metric")
        assert {"epr", "auprc_ratio"} <= set(own.index), f"{name}: both metrics are asked"
        page = ds.evaluate(rankings[name], known, genes)
        rough = beeline.rewiring_test(rankings[name], known, genes, 20, seed=1)
        for metric, mean, sd in rough[["metric", "null_mean", "null_sd"]].itertuples(index=False):
            got = own.loc[metric]
            assert abs(got["observed"] - page[metric]) < 0.006, (
                f"{name}, {metric}: {got['observed']:.2f} on the truth; which ranking and network?"
            )
            assert abs(got["null_mean"] - mean) < 1.2 * sd + 0.01, (
                f"{name}, {metric}: a null of {got['null_mean']:.2f}; what keeps the degrees?"
            )
    apart = {name for name, test in by_metric.items() if len(set(test["z"] > 2)) == 2}
    assert set(disagree) == apart, f"disagree: not {set(disagree)}; compare the two z of each"


def check_3(without_means, lead, rankings, problem, genes):
    """Leave a function `without_means(edges)` that returns an edge table without the means of TFs and targets, and
    in `lead` a dictionary from each network to the headroom of DeepSEM less that of Pearson, both corrected."""
    import numpy as np
    import pandas as pd

    from deepsem_book import beeline

    rng = np.random.default_rng(0)
    pairs = pd.MultiIndex.from_product([list("PQR"), list("wxyz")], names=["TF", "target"])
    sizes = pd.Series(rng.normal(size=12), pairs, name="importance")
    rest = without_means(sizes.reset_index()).set_index(["TF", "target"])["importance"].unstack()
    assert rest.shape == (3, 4) and rest.notna().all(axis=None), "without_means: keep all pairs"
    for axis, whose in ((1, "TFs"), (0, "targets")):
        assert np.ptp(rest.mean(axis=axis)) < 1e-9, f"without_means: {whose} still differ in mean"
    contrasts = []
    for table in (sizes.abs().unstack(), rest):
        of_row = table - table.iloc[0]
        contrasts.append(of_row.sub(of_row["w"], axis=0))
    assert np.allclose(*contrasts), (
        "without_means: more than the means has changed; is the importance a size, without its sign?"
    )
    assert set(lead) == set(problem.networks), (
        f"lead: one number for each of {list(problem.networks)}"
    )
    rests = {name: without_means(rankings[name]) for name in ("DeepSEM", "Pearson")}
    for kind in lead:
        known = problem.networks[kind]
        room = beeline.against_rewired(rests, known, genes, 10, seed=1)["headroom"]
        wanted = room[0] - room[1]
        assert abs(lead[kind] - wanted) < 0.03, (
            f"lead, {kind}: {lead[kind]:.3f}; ten rewirings give about {wanted:.2f}, give or take 0.03"
        )
