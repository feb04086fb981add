"""What chapter 16 says of truth.csv: hand-made tables, and its sentences against the real one."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from deepsem_book import datasets
from deepsem_book.truth import levels, power, realism, recorded
from deepsem_book.truth_table import COLUMNS, OWN


def table_of(rows: dict[tuple[str, int, str], dict[str, float]]) -> pd.DataFrame:
    """rows: (setting, network, method) to scores; what is not given is NaN."""
    listed = [
        dict.fromkeys(COLUMNS, np.nan) | {"setting": s, "network": k, "method": m, "seed": 0} | row
        for (s, k, m), row in rows.items()
    ]
    table = pd.DataFrame(listed)
    table.loc[table["method"] == OWN, "seed"] = -1
    return table


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return levels.known_truths()


# --- Hand-made ------------------------------------------------------------------------------------


def test_cells_are_interpolated_in_log_cells() -> None:
    curve = pd.Series([0.1, 0.4, 0.8], index=[50, 200, 3200])
    assert power.crossing(curve, 0.5) == pytest.approx(200 * 2)  # a quarter of the way, 16-fold
    assert power.crossing(curve, 0.4) == pytest.approx(200)
    assert power.crossing(curve, 0.05) == pytest.approx(50)
    assert power.crossing(curve, 0.9) == np.inf


def test_a_median_s_interval_are_order_statistics_and_holds_networks_that_never_get_there() -> None:
    ten = np.array([3, 1, 2, 10, 9, 8, 7, 6, 5, 4.0])
    assert power.median_interval(ten) == (5.5, 2, 9)
    covered = stats.binom.cdf(8, 10, 0.5) - stats.binom.cdf(1, 10, 0.5)
    assert covered >= 0.95 > stats.binom.cdf(7, 10, 0.5) - stats.binom.cdf(2, 10, 0.5)
    middle, low, high = power.median_interval(np.array([1, 2, 3, 4, 5, 6, *[np.inf] * 4]))
    assert (middle, low, high) == (5.5, 2, np.inf)
    assert np.isnan(power.median_interval(np.array([1.0, 2, 3]))[1])


def test_power_counts_networks_with_three_levels_only() -> None:
    rows = {
        (s, k, "ridge"): {"recall_half": r}
        for k in range(4)
        for s, r in (("n_cells=50", 0.0), ("n_cells=200", 0.5), ("base", 0.6))
        if (k, s) != (3, "base")
    }
    row = power.power(table_of(rows)).loc["ridge"]
    assert (row["networks"], row["reached"], row["most"]) == (3, 3, 1000)
    assert row["cells"] == pytest.approx(200)
    assert power.power_shown(table_of(rows)).loc["ridge", "cells needed"] == "200"


def test_the_best_is_judged_on_networks_that_all_have() -> None:
    scores = {"correlation": 0.7, "corrected": 0.71, "ridge": 0.8, OWN: 0.75}
    rows = {("base", k, m): {"auroc": s + k / 100} for m, s in scores.items() for k in range(3)}
    rows["base", 3, OWN] = {"auroc": 1.0}  # nobody else has network 3
    made = table_of(rows)
    assert recorded.best_of_main(made).to_dict() == {"base": "ridge"}
    row = recorded.advice(made).loc["the base"]
    assert (row["networks"], row["best"], row["as good"]) == (3, "ridge", "none")
    assert row[OWN] == pytest.approx(0.76)


def test_levels_are_in_words_and_in_the_order_of_the_grid() -> None:
    made = table_of({(s, 0, "ridge"): {} for s in ("zeros=0.9", "base", "zeros=0.0")})
    listed = levels.measured_levels(made, "zeros")
    assert list(listed.items()) == [("zeros=0.0", "0%"), ("base", "30%"), ("zeros=0.9", "90%")]
    assert levels.level_in_words("depth_sd=0.25 normalised=False", "raw depth") == "0.25"
    assert levels.level_in_words("normalised=False", "raw depth") == "0.5"


def test_curves_of_a_matrix_that_can_be_checked_by_hand() -> None:
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(4000, 1))
    X = 5 + shared + rng.normal(size=(4000, 40))  # every pair has r = 1/2, no zero
    curves = realism.curves_of(X).set_index("curve")
    assert (curves.loc["zeros", "y"] == 0).all() and (curves.loc["depth", "y"] == 1).all()
    assert curves.loc["sd", "y"].to_numpy() == pytest.approx(np.sqrt(2), abs=0.05)
    assert curves.loc["correlation", "y"].to_numpy() == pytest.approx(0.5, abs=0.06)
    first = curves.loc["eigenvalues"].iloc[0]
    assert (first["x"], first["y"]) == (1, pytest.approx((1 + 39 / 2) / 40, abs=0.02))


# --- The sentences of the chapter -----------------------------------------------------------------


def auroc(table: pd.DataFrame, setting: str, method: str) -> float:
    rows = table[(table["setting"] == setting) & (table["method"] == method)]
    return rows["auroc"].mean()


def test_the_answer(table) -> None:
    numbers = recorded.answer(table)
    assert numbers["best_own"] == 0
    assert numbers["best_ridge"] + numbers["best_corrected"] == numbers["settings"]
    assert numbers["best_ridge"] > numbers["settings"] / 2
    assert numbers["left_r"] < 0.7 and numbers["base_r"] - numbers["left_r"] > 0.15
    for method in ("own", "ridge"):
        assert abs(numbers[f"base_{method}"] - numbers[f"left_{method}"]) < 0.03
    assert recorded.counted(table).loc["correlation", "worse"] == 0


def test_few_cells_and_many_zeros_are_for_the_corrected_correlation(table) -> None:
    best = recorded.best_of_main(table)
    few = {"n_cells=50", "n_cells=200", "n_genes=500", "zeros=0.6", "zeros=0.9"}
    assert set(best.index[best == "corrected"]) == few
    numbers = recorded.in_the_advice(table)
    assert min(numbers[f"{name}_low"] for name in ("ridge", "r", "few")) > 0


def test_at_nine_zeros_in_ten_the_oracle_finds_no_more_than_a_correlation(table) -> None:
    pair = [auroc(table, "zeros=0.9", m) for m in ("oracle", "correlation", OWN, "ridge")]
    assert max(pair) < 0.6 and max(pair) - min(pair) < 0.02


def test_direction(table) -> None:
    rows = recorded.directions(table)
    assert rows.loc[OWN, "high"] < 0.5 < rows.loc["ridge", "low"]
    assert rows.loc["oracle", "low"] > rows.loc["ridge", "all settings"]
    assert rows.loc["oracle", "0% zeros"] > 0.75


def test_power_of_the_recorded_methods(table) -> None:
    rows = power.power(table)
    main = rows.loc[["ridge", OWN, "corrected"], "cells"]
    assert main.between(100, 900).all(), "some hundred cells"
    curve = table[(table["method"] == "correlation")].groupby("setting")["recall_half"].mean()
    assert curve["n_cells=5000"] < 0.6, "the correlation levels off"
    at = table[table["setting"] == "zeros=0.6"].groupby("method")["recall_half"].mean()
    assert at.max() < 0.5


def test_seeds_agree_where_most_of_the_list_is_wrong(table) -> None:
    rows = recorded.agreement(table)
    few, many = rows.loc["50 cells"], rows.loc["5,000 cells"]
    assert few["shared"] > many["shared"] > 0.8
    assert few["early_precision"] < 0.35 and many["early_precision"] > 0.6


def test_real_matrices_have_stronger_axes_than_the_base() -> None:
    statistics = datasets.results("realism_statistics")
    rows = realism.beside(statistics, {"r_mean": "mean r", "first": "first", "rank": "rank"})
    first = rows["first"]
    assert (first["real"] > first["base"]).sum() >= 6
    assert first["real"].between(0.2, 0.36).sum() == 5
    strong = first[first["real"] > 0.2]
    assert (strong["real"] > strong["depth left in"]).all()
    near = rows.loc["baron"]
    assert abs(near["first", "real"] - near["first", "base"]) < 0.01
    papalexi = rows.loc["papalexi"]
    assert papalexi["rank", "real"] == pytest.approx(papalexi["rank", "depth left in"], rel=0.15)
    curves = datasets.results("realism").set_index(["data", "matrix", "curve"]).sort_index()
    sd = [curves.loc[("beeline/hHEP-1000", kind, "sd"), "y"] for kind in ("real", "base")]
    assert sd[0].min() > sd[1].max()


def test_one_rival_finds_no_repression(table) -> None:
    rows = recorded.by_sign(table)
    assert rows.attrs["networks"] == 3 and len(rows) == len(recorded.SIGNED)
    assert rows.loc["RegDiffusion", "high"] < 0.5 < 0.8 < rows.loc["RegDiffusion", "activating"]
    assert (rows.drop("RegDiffusion")["repressing"] >= 0.5).all()
