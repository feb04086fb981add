"""The paper's claims: the verdicts on hand-made intervals, the numbers against plain counting."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import benchmark_table, datasets
from deepsem_book.scorecard import board, claim, claims, figures, inference, other_parts


@pytest.mark.parametrize(
    ("low", "high", "published", "nothing", "expected"),
    [
        (8, 14, 10, 0, "as published"),
        (2, 6, 10, 0, "weaker"),
        (12, 20, 10, 0, "stronger"),
        (-3, -1, 10, 0, "opposite"),
        (-1, 20, 10, 0, "undecided"),  # the published number inside does not decide it
        (-1, 5, 10, 0, "weaker or none"),
        (-5, 1, -10, 0, "weaker or none"),
        (-1, 5, np.inf, 0, "undecided"),
        (-14, -8, -10, 0, "as published"),
        (-6, -2, -10, 0, "weaker"),
        (-20, -12, -10, 0, "stronger"),
        (1, 3, -10, 0, "opposite"),
        (60, 70, 80, 14, "weaker"),  # distances count from what is nothing, not from 0
        (2, 6, np.inf, 0, "same direction"),
        (-6, -2, np.inf, 0, "opposite"),
        (-6, -2, -np.inf, 0, "same direction"),
        (-1, 1, 0, 0, "not contradicted"),
        (1, 2, 0, 0, "contradicted"),
        (np.nan, np.nan, 10, 0, "not measured"),
    ],
)
def test_verdicts(low: float, high: float, published: float, nothing: float, expected: str) -> None:
    assert claim.claim_verdict(low, high, published, nothing) == expected


def test_a_limit_is_contradicted_only_by_what_is_all_above_it() -> None:
    for low, high, expected in ((3, 7, "not contradicted"), (6, 7, "contradicted")):
        assert claim.claim_verdict(low, high, 5, 0, at_most=True) == expected


def test_values_give_a_t_test_their_median_and_the_mean_without_the_most_telling() -> None:
    sets = pd.Series([1.0, 2.0, 4.0, np.nan], pd.Index(["a", "b", "c", "d"], name="data"))
    of = claim.Claim("x", claim.UP, 0.0).of_values(sets, "sets")
    # t(0.975, 2) = 4.302653; sd of 1, 2, 4 = 1.527525; over √3
    assert (of.measured, of.n, of.median) == (pytest.approx(7 / 3), 3, 2)
    assert of.high - of.measured == pytest.approx(4.302653 * 1.527525 / np.sqrt(3), rel=1e-6)
    assert of.measured - of.low == pytest.approx(of.high - of.measured)
    assert of.p == pytest.approx(0.1181, abs=1e-4)  # scipy.stats.ttest_1samp([1, 2, 4], 0)
    assert (of.telling, of.without) == ("c", 1.5)
    alone = claim.Claim("x", claim.UP, 0.0).of_values(sets[:1], "sets")
    assert alone.measured == 1 and np.isnan(alone.low)


def test_shuffled_names_lead_by_a_margin_as_often_as_any_method_does() -> None:
    """Two methods, four benchmarks, on one of which the first is 10 % ahead of the second."""
    scores = pd.DataFrame({"a": [2.0, 1.0, 1.0, 1.05], "b": [1.0, 1.05, 1.0, 1.0]})
    assert inference.by_chance(scores, 0.1) == pytest.approx(100 / 4 / 2)
    assert inference.by_chance(scores[["a", "b"]].assign(b=0.5), 0.0) == 50


def test_how_far_a_weaker_effect_misses() -> None:
    row = claim.Claim("x", published=10.0, nothing=0.0, low=4.0, high=8.0)
    assert claims.missed_by(row) == pytest.approx(20)  # the end at 8 misses a fifth of 10
    assert np.isnan(claims.missed_by(claim.Claim("x", 10.0, 0.0, low=9.0, high=11.0)))


def test_counts_equal_plain_counting() -> None:
    """How often DeepSEM's ensemble leads, from the rows themselves."""
    rows = benchmark_table.recorded()
    rows = rows[
        (rows["preset"] == "") | (rows["preset"] == rows["network"].map(benchmark_table.PRESET_OF))
    ]
    best = []
    for _, of_one in rows.groupby(["data", "network"]):
        deep = of_one[(of_one["method"] == "DeepSEM") & (of_one["n_members"] == 10)]["epr"]
        method = of_one["method"].str.split("/").str[0]
        rivals = of_one[method.isin(inference.RIVALS)].groupby(method)["epr"].median()
        if len(deep) and len(rivals) == len(inference.RIVALS):  # a matrix may lack seeds or methods
            assert len(deep) == 1
            best.append(deep.iloc[0] > rivals.max())
    assert len(best) >= 25
    [claim] = [c for c in inference.beeline() if c.claim.startswith("best EPR")]
    assert claim.n == len(best) and claim.measured == pytest.approx(100 * np.mean(best))
    assert claim.nothing == pytest.approx(100 / 7)


def test_the_share_of_the_lead_is_that_of_logarithms(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = {"DeepSEM": 4.0, "Pearson": 1.0, "Pearson-APC": 2.0, "Pearson2-APC": 4.0}
    scores |= {"Pearson-detection": 1.0}
    rows = [
        {"data": f"beeline/{data}-500", "network": "STRING", "method": method, "preset": preset}
        | {"seed": 0, "n_members": 2 if preset else 1, "error": ""}
        | {"epr": value, "auprc_ratio": value}
        for data in ("a", "b")
        for method, value in scores.items()
        for preset in (["nonspecific"] if method == "DeepSEM" else [""])
    ]
    rows.pop()  # the second benchmark lacks a control
    table = pd.DataFrame(rows).reindex(columns=benchmark_table.COLUMNS).fillna({"preset": ""})
    monkeypatch.setattr(board.benchmark_table, "recorded", lambda: table)
    shares = {"Pearson-APC": "50 %", "Pearson2-APC": "100 %", "Pearson-detection": "0 %"}
    assert board.share_of_lead().loc["EPR"].to_dict() == {"benchmarks": "1"} | shares


def test_controls_count_each_benchmark_alike() -> None:
    """One large gain outweighs two losses in the mean of percentages, and not in the share."""
    index = pd.MultiIndex.from_product([["a-500", "b-500", "b-1000"], ["STRING"]])
    index.names = ["data", "network"]
    scores = pd.DataFrame({"DeepSEM": [4.0, 1.0, 1.0], "TF-degree": [1.0, 2.0, 2.0]}, index)
    gain, share = inference.beside_controls("EPR", scores)
    assert gain.measured == pytest.approx((300 - 50 - 50) / 3)
    assert (share.measured, share.nothing) == (pytest.approx(100 / 3), 50) and share.n == 3
    assert gain.of == share.of == "benchmarks of 2 sets of cells"


def test_mixture_counts_networks_and_does_not_average_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """EPR of one network up with K = 2 for each seed, of the other down by as much."""
    seeds, noise = range(3), np.array([0.0, 0.01, 0.02])
    rows = [
        {"data": inference.MIXTURE_DATA, "network": kind, "method": method, "seed": seed,
         "preset": "nonspecific", "n_members": 1, "error": "",
         "epr": 2 + (sign + noise[seed] if "/" in method else 0)}
        for kind, sign in (("STRING", 1), ("Non-Specific", -1))
        for method in ("DeepSEM", "DeepSEM/n_components=2") for seed in seeds
    ]  # fmt: skip
    monkeypatch.setattr(inference, "recorded_switches", lambda: pd.DataFrame(rows))
    two, three, *_ = inference.mixture()
    assert (two.measured, two.low, two.high, two.n) == (1, 1, 1, 2)
    assert two.of == "networks, 3 seeds"
    assert claim.claim_verdict(two.low, two.high, two.published, two.nothing) == "contradicted"
    assert three.n == 0 and np.isnan(three.measured)


def test_simulated_cells_compare_means_and_no_gan_that_has_not_converged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ratios of means over repeats; scGAN's errors are those of the shuffle, cscGAN's larger."""
    ours, worse = "DeepSEM, posterior", {"cscGAN": 2.0}
    rows = [("a", 0, ours, 0.4, 0.9), ("a", 1, ours, 0.6, 0.9), ("b", 0, ours, 0.5, np.nan)]
    for name in ("scGAN", "cscGAN", "copy", "shuffle"):
        rows += [("a", 0, name, 0.5, 0.2), ("a", 1, name, 1.0, 0.4), ("b", 0, name, 1.0, np.nan)]
    columns = ["data", "repeat", "simulator", "auc", "top_0.1"]
    made = pd.DataFrame(rows, columns=columns)
    made["marginal"] = made["correlation"] = made["simulator"].map(worse).fillna(1.0)
    monkeypatch.setattr(datasets, "results", lambda name: made)
    *of_cscgan, auc, overlap, copy = other_parts.simulated_cells()
    assert [c.barred for c in of_cscgan] == [claim.UNTESTABLE] * 2
    assert auc.measured == pytest.approx((-100 / 3 - 50) / 2) and auc.n == 2
    assert overlap.measured == pytest.approx(200) and overlap.n == 1
    assert copy.measured == pytest.approx((-100 / 3 - 50) / 2) and copy.n == 2


def test_gap_to_two_nulls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ensembles of the specific preset count, in promoters open in excitatory neurons alone."""
    here = "open in excitatory neurons"
    made = pd.DataFrame({
        "data": ["a", "a", "b", "b", "b"], "method": ["DeepSEM/specific"] * 4 + ["Pearson"],
        "kind": [here, "open in glia only", here, here, here],
        "n_members": [10, 10, 10, 1, 10], "k": [12] * 5, "type": ["all"] * 5,
        "observed": [0.5, 0.7, 0.4, 0.0, 0.0], "random": [0.3] * 5, "effect": [0.0, 0.2, 0.1, 9, 9],
    })  # fmt: skip
    monkeypatch.setattr(datasets, "results", lambda name: made)
    over_random, matched = other_parts.cortex()
    assert over_random.measured == pytest.approx((0.2 + 0.1) / 2) and over_random.n == 2
    assert matched.measured == pytest.approx((0.0 + 0.1) / 2) and matched.asked_by == claim.CONTROL


def test_every_claim_is_judged_and_those_with_an_interval_are_in_the_figure() -> None:
    table = claims.scorecard()
    assert set(table["part"]) == {"GRN inference", "Cortex", "Embedding", "Simulation"}
    assert (
        not table["claim"].duplicated().any()
        and not table["headline"][table["headline"] != ""].duplicated().any()
    )
    for row in table.itertuples():
        judged = claim.claim_verdict(row.low, row.high, row.published, row.nothing, row.at_most)
        alone = np.isfinite(row.measured) and not np.isfinite(row.low)
        assert row.verdict == (row.barred or ("no interval" if alone else judged))
    figure = figures.all_claims(table)
    labels = [text.get_text() for ax in figure.axes for text in ax.get_yticklabels()]
    shown = table[(table["high"] > table["low"]) & (table["barred"] == "")]
    names = shown["part"] + ": " + shown["claim"].str.removesuffix(", %")
    assert sorted(" ".join(label.split()) for label in labels) == sorted(names)
    values = [ax.lines[1].get_xdata()[0] for ax in figure.axes]  # the first dot of each panel
    assert all(value >= 1 for value in values), "ordered by value, the largest first"
    by = board.counts(table)
    assert by.to_numpy().sum() == len(table)
