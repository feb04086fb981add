"""Effects and scores of removals by hand, and tables from rows that are made here."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats

from deepsem_book import datasets, removal
from deepsem_book.removal import effects, measure, methods, recorded, scores


def cells(shift: float = 2.0, n: int = 60) -> AnnData:
    """Genes A to F; removing A lowers A and B and raises C, removing B lowers B only."""
    rng = np.random.default_rng(5)
    X = rng.normal(5, 0.5, size=(3 * n, 6))
    labels = np.repeat(["", "A", "B"], n)
    X[labels == "A", 0] -= shift
    X[labels == "A", 1] -= shift
    X[labels == "A", 2] += shift
    X[labels == "B", 1] -= shift
    made = AnnData(X, obs=pd.DataFrame({"removed": labels}, index=[f"c{i}" for i in range(3 * n)]))
    made.var_names = list("ABCDEF")
    made.uns["source"] = {"name": "toy"}
    return made


def test_what_moved_is_found_and_a_removed_gene_is_not_its_own_target() -> None:
    screen = removal.screen_of(cells())
    assert screen.removed == ["A", "B"] and list(screen.n_cells) == [60, 60]
    assert screen.moved[:, 0].tolist() == [False, True, True, False, False, False]
    assert not screen.moved[:, 1].any()
    assert np.isnan(screen.change[0, 0]) and np.isnan(screen.change[1, 1])
    assert screen.own == pytest.approx([-2, -2], abs=0.3)
    assert screen.change[2, 0] == pytest.approx(2, abs=0.3)
    table = removal.summary(screen)
    assert table.loc["A", ["moved", "up", "down"]].tolist() == [2, 1, 1]


def test_small_changes_do_not_count_in_a_strict_screen() -> None:
    made = cells()
    made.X[made.obs["removed"] == "A", 2] -= 1.6  # C rises by 0.4: less than an sd of 0.5
    screen = removal.screen_of(made)
    assert screen.moved[:, 0].tolist() == [False, True, True, False, False, False]
    assert screen.strict(1.5).moved[:, 0].tolist() == [False, True, False, False, False, False]
    assert (screen.strict(1.5).judged == screen.judged).all()


def test_p_and_distance_are_those_of_each_gene() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(30, 2)), rng.normal(1, 1, size=(20, 2))
    distance, p = effects.compared(a, b)
    for gene in range(2):
        assert p[gene] == pytest.approx(stats.mannwhitneyu(a[:, gene], b[:, gene]).pvalue)
        assert distance[gene] == stats.wasserstein_distance(a[:, gene], b[:, gene])


def test_a_replicate_that_is_deeper_moves_nothing() -> None:
    made = cells(shift=0.0)
    labels = made.obs["removed"].to_numpy()
    later = np.where(labels == "A", np.arange(180) % 4 > 0, np.arange(180) % 4 == 0)
    made.X[later] += 3
    assert removal.screen_of(made).moved.any()  # cells of A come from the deeper replicate
    made.obs["replicate"] = np.where(later, "two", "one")
    assert not removal.screen_of(made).moved.any()


def test_screens_that_cannot_be_judged_are_refused() -> None:
    made = cells()
    made.obs["replicate"] = made.obs["removed"].replace({"": "one"})
    with pytest.raises(ValueError, match="replicate A has no control cells"):
        removal.screen_of(made)
    with pytest.raises(ValueError, match="no control cells"):
        removal.screen_of(cells()[60:].copy())
    with pytest.raises(ValueError, match="no removed gene"):
        removal.screen_of(cells()[:, list("CDEF")].copy())


def screen(moved: np.ndarray) -> effects.Screen:
    """Removed genes 0 and 1 of 8, with given effects."""
    genes = list("ABCDEFGH")
    q = np.where(moved, 0.0, 1.0)
    q[0, 0] = q[1, 1] = np.nan
    change = np.where(moved, -1.0, 0.1)
    control = np.random.default_rng(0).normal(5, 1, size=(50, 8))
    return effects.Screen(
        "toy", control, genes, ["A", "B"], np.array([9, 9]), change, np.abs(change), q, np.zeros(2)
    )


def test_scores_by_hand() -> None:
    moved = np.zeros((8, 2), dtype=bool)
    moved[[1, 2, 3], 0] = True  # A moves B, C, D
    moved[[4, 5, 6], 1] = True  # B moves E, F, G, and not A
    predicted = np.zeros((8, 2))
    predicted[[1, 2, 3], 0] = -3, -2, 1  # D has the wrong sign
    predicted[4, 0] = -2.5
    predicted[0, 1] = 0.5
    a, b = scores.judge(screen(moved), predicted)
    assert a["n_moved"] == 3 and a["density"] == pytest.approx(3 / 7)
    assert a["auroc"] == pytest.approx((4 + 3 + 3) / 12)  # E is above C and D
    assert a["sign"] == pytest.approx(2 / 3)
    assert a["first"] == pytest.approx(3 / 7)  # fewer than ten genes
    assert a["null_other"] == pytest.approx(0.5)  # B's ranking ties all but A, which is not judged
    assert (a["one_way"], a["right_way"]) == (1, 1) and b["one_way"] == 0
    tied = np.ones((8, 2))
    assert next(scores.judge(screen(moved), tied))["right_way"] == 0.5
    apart = next(scores.judge(screen(moved), predicted, signed=False, between=False))
    assert np.isnan(apart["sign"]) and apart["one_way"] == 0 and apart["auroc"] == a["auroc"]
    predicted[3, 0] = 0  # nothing is said of D, which has the lowest rank as before
    silent_on_one = next(scores.judge(screen(moved), predicted))
    assert silent_on_one["sign"] == 1


def test_a_removal_with_few_effects_has_no_auroc() -> None:
    moved = np.zeros((8, 2), dtype=bool)
    moved[[2, 3], 0] = True
    row = next(scores.judge(screen(moved), np.ones((8, 2))))
    assert "auroc" not in row and row["n_moved"] == 2


def test_the_null_of_the_level_keeps_what_the_level_says() -> None:
    rng = np.random.default_rng(0)
    level = rng.normal(size=400)
    truth = rng.random(400) < 1 / (1 + np.exp(-3 * level))
    assert scores.within_levels(truth, level, level) > 0.8
    own = truth + rng.normal(0, 0.1, 400)  # knows what moved beyond its level
    assert scores.auroc(truth, own) > scores.within_levels(truth, own, level) + 0.1


@pytest.fixture(scope="module")
def simulated() -> effects.Screen:
    return removal.screen_of(removal.with_removals(datasets.load("sim/nonlinear-20")))


def test_networks_of_control_cells_find_effects_of_a_known_network(simulated) -> None:
    [pearson] = removal.predictions(simulated, "Pearson", range(3))
    rows = pd.DataFrame(removal.judge(simulated, pearson.changes))
    assert rows["auroc"].mean() > 0.7 > 0.6 > rows["null_other"].mean()
    assert rows["sign"].mean() > 0.8


def test_deepsem_speaks_by_seed_as_ensemble_and_by_knock_outs(simulated, monkeypatch) -> None:
    short = {methods.OWN: lambda n, m: methods.Config.for_data(n, m, n_epochs=6)}
    monkeypatch.setattr(methods, "PRESETS", short)
    made = list(removal.predictions(simulated, methods.OWN, range(2)))
    names = [methods.OWN, f"{methods.OWN}, edges cut", f"{methods.OWN}, gene silent"]
    assert [(p.method, p.seed) for p in made] == [(n, s) for n in names for s in (0, 1, -1)]
    assert np.allclose(np.mean([np.abs(p.changes) for p in made[3:5]], axis=0), made[5].changes)
    assert np.allclose(np.mean([p.changes for p in made[6:8]], axis=0), made[8].changes)
    assert (
        [p.signed for p in made]
        == [p.between for p in made]
        == [True] * 3 + [False] * 3 + [True] * 3
    )
    assert all(p.changes.shape == simulated.q.shape for p in made)


def test_signs_of_unsigned_methods_are_those_of_the_correlation(simulated) -> None:
    [corrected] = removal.predictions(simulated, "Pearson-APC", range(1))
    [pearson] = removal.predictions(simulated, "Pearson", range(1))
    ranked = simulated.judged & (corrected.changes != 0)
    assert ranked.mean() > 0.9
    assert (np.sign(corrected.changes) == np.sign(pearson.changes))[ranked].all()


def test_a_table_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure.TABLE, "path", tmp_path / "removal.csv")
    monkeypatch.setattr(measure, "screen_of", lambda adata: removal.screen_of(cells()))
    names = ["--data", "sim/nonlinear-100", "--methods", "Pearson", removal.LEVEL]
    measure.main([*names, "--seeds", "2"])
    first = (tmp_path / "removal.csv").read_text()
    assert len(measure.TABLE.read()) == 8  # two methods, thresholds, and removed genes
    monkeypatch.setattr(measure, "predictions", None)  # nothing is run again
    measure.main([*names, "--seeds", "2"])
    assert (tmp_path / "removal.csv").read_text() == first


def test_a_method_that_fails_has_its_error_in_the_table(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(measure.TABLE, "path", tmp_path / "removal.csv")
    monkeypatch.setattr(measure, "screen_of", lambda adata: removal.screen_of(cells()))
    no_network = lambda X, genes, tfs, seed: np.full((len(genes),) * 2, np.nan)  # noqa: E731
    monkeypatch.setitem(methods.baselines.METHODS, "ppcor", no_network)
    measure.main(["--data", "sim/nonlinear-100", "--methods", "ppcor", "Pearson", "--seeds", "1"])
    table = measure.TABLE.read().set_index("method")
    assert (table.loc["ppcor", "error"] == "ArithmeticError: W holds NaN or infinite values").all()
    assert (table.loc["Pearson", "error"] == "").all() and table.loc["ppcor", "auroc"].isna().all()


def test_random_rankings_are_one_per_seed(simulated) -> None:
    made = list(removal.predictions(simulated, methods.RANDOM, range(3)))
    assert [p.seed for p in made] == [0, 1, 2] and not np.allclose(made[0].changes, made[1].changes)
    assert all(p.changes.shape == simulated.q.shape and not p.signed for p in made)


def rows_of(method: str, aurocs: dict[str, float], seed: int = 0) -> list[dict[str, object]]:
    about = {
        "data": "papalexi",
        "method": method,
        "seed": seed,
        "one_way": 2,
        "right_way": 1.5,
        "least": 0.0,
        "error": np.nan,
    }
    same = {"null_other": 0.5, "null_level": 0.5, "first": 0.3, "density": 0.3, "sign": 0.5}
    return [about | same | {"removed": g, "auroc": a} for g, a in aurocs.items()]


def test_recorded_scores_are_paired_by_removal() -> None:
    table = pd.DataFrame([
        *rows_of("Pearson", {"A": 0.5, "B": 0.6, "C": 0.4}),
        *rows_of("GRNBoost2", {"A": 0.6, "B": 0.6, "C": 0.6}, 0),
        *rows_of("GRNBoost2", {"A": 0.8, "B": 0.6, "C": 0.4}, 1),
        *rows_of(removal.OWN, {"A": 0.9, "B": 0.9, "C": 0.9}, 0),
        *rows_of(removal.OWN, {"A": 0.7, "B": 0.7, "C": 0.7}, -1),
    ])  # fmt: skip
    means = recorded.over_removals(recorded.by_removal(table)).loc["papalexi"]
    assert means.loc[removal.OWN, "auroc"] == pytest.approx(0.7)  # the ensemble's
    assert means.loc["GRNBoost2", ["removals", "runs"]].tolist() == [3, 2]
    gains = np.array([0.7 - 0.5, 0.6 - 0.6, 0.5 - 0.4])
    half = stats.t.ppf(0.975, 2) * gains.std(ddof=1) / np.sqrt(3)
    assert means.loc["GRNBoost2", "gain"] == pytest.approx(gains.mean())
    assert means.loc["GRNBoost2", "gain_high"] == pytest.approx(gains.mean() + half)
    above = recorded.over_removals(recorded.by_removal(table), "excess").loc["papalexi"]
    assert above.loc["Pearson", "excess"] == pytest.approx(0.0)  # both nulls are 0.5
    assert recorded.by_removal(table, 0.2).empty
    failed = {"data": "dixit", "method": "RegDiffusion", "least": 0.0, "error": "ValueError: x"}
    more = pd.concat([table, pd.DataFrame([failed])])
    assert recorded.by_removal(more).equals(recorded.by_removal(table))
    assert recorded.failures(more).iloc[0].tolist() == ["RegDiffusion", "ValueError: x"]
    directions = recorded.directions(recorded.by_removal(table))
    assert directions.loc["Pearson", ["pairs", "right", "share"]].tolist() == [6, 4.5, 0.75]
    power = recorded.power(recorded.by_removal(table)).iloc[0]
    assert power["with enough effects"] == 3 and power["needed for 0.05"] > 3


def network_rows(method: str, aurocs: list[float], n_targets: int = 20) -> pd.DataFrame:
    rows = [{"TF": f"T{i}", "auroc": a, "n_targets": n_targets} for i, a in enumerate(aurocs)]
    return pd.DataFrame(rows).assign(data="d", network="n", method=method, preset="", epr=2.0)


def test_networks_of_knock_outs_are_paired_by_regulator() -> None:
    rows = pd.concat([
        network_rows("Pearson", [0.5, 0.6, 0.7, 0.9]), network_rows("X", [0.6, 0.8, 0.7]),
        network_rows("X", [0.0], 9),
    ])  # fmt: skip
    by_method = recorded.by_network(rows).set_index("method")
    assert by_method.loc["X", "n_tfs"] == 3  # the one with nine targets does not count
    assert by_method.loc["X", "auroc"] == pytest.approx(0.7)
    assert by_method.loc["X", "gain"] == pytest.approx(0.1)
    half = stats.t.ppf(0.975, 2) * 0.1 / np.sqrt(3)  # differences 0.1, 0.2, 0.0
    assert by_method.loc["X", "gain_high"] == pytest.approx(0.1 + half)
    assert (by_method.loc["Pearson", ["gain", "gain_low", "gain_high"]] == 0).all()
    wide = recorded.wide_by_network(recorded.by_network(rows))
    assert list(wide.index) == ["X", "Pearson"] and list(wide.columns) == ["d n (4)"]
