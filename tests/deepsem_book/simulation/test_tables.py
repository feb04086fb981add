"""Tables of the chapter on hand-made scores, and answers about a known network."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from deepsem_book import datasets
from deepsem_book.simulation import asked, figures, recorded, tables
from deepsem_book.statistics import holm, t_test
from deepsem_minimal.config import Config


def scores(simulator: str, marginal: float, correlation: float) -> dict[str, object]:
    return {"data": "blood", "repeat": 0, "simulator": simulator, "marginal": marginal,
            "correlation": correlation, "auc": 0.5}  # fmt: skip


def test_a_gan_is_compared_once_both_errors_reach_those_of_shuffled_genes():
    rows = [scores("shuffle", 0.2, 0.1), scores("copy", 0.3, 0.3), scores("scGAN", 0.2, 0.09)]
    kept = recorded.usable(pd.DataFrame([*rows, scores("cscGAN", 0.1, 0.11)]))
    assert kept["simulator"].tolist() == ["shuffle", "copy", "scGAN"]


def looks() -> pd.DataFrame:
    """Two looks at a training: the second is nearer to convergence; and one that converged."""
    row = {"data": "blood", "gan": "scGAN", "setting": "slow", "lr": 1e-4, "width": 8, "noise": 8,
           "batch": 8, "shuffle_marginal": 0.2, "shuffle_correlation": 0.1, "copy_marginal": 0.1,
           "copy_correlation": 0.1}  # fmt: skip
    return pd.DataFrame([
        row | {"steps": 10, "marginal": 0.8, "correlation": 0.05},
        row | {"steps": 20, "marginal": 0.3, "correlation": 0.2},
        row | {"steps": 10, "setting": "good", "marginal": 0.2, "correlation": 0.1},
    ])  # fmt: skip


def test_the_best_look_at_each_training_is_judged():
    table = recorded.gan_attempts(looks())
    assert table.index.get_level_values("setting").tolist() == ["good", "slow"]
    slow = table.xs("slow", level="setting").iloc[0]
    assert (slow["steps"], slow["correlation / shuffle"], slow["converged"]) == (20, 2, "no")
    assert slow["marginal / shuffle"] == 1.5 and slow["copy, marginal"] == 0.5
    assert table.xs("good", level="setting")["converged"].tolist() == ["yes"]


def test_the_papers_overlap_is_that_of_the_gans_times_the_gain():
    numbers = datasets.published()
    ours = [
        numbers[f"simulation_overlap_{gan}"]
        * (1 + numbers[f"simulation_overlap_gain_over_{gan}"] / 100)
        for gan in ("scGAN", "cscGAN")
    ]
    overlap = recorded.published_edges()
    assert overlap == {"DeepSEM, posterior": pytest.approx(np.mean(ours) / 100)}


def augmentation() -> pd.DataFrame:
    """DeepSEM above upsampling at 50 %, and below it in every second run at 10 %."""
    rows = []
    for run in range(4):
        rows += [(0.5, run, "DeepSEM", 0.9 + 0.001 * run), (0.5, run, "upsampling", 0.8)]
        rows += [(0.1, run, "DeepSEM", 0.5 + 0.3 * (run % 2)), (0.1, run, "upsampling", 0.6)]
    table = pd.DataFrame(rows, columns=["share", "run", "training", "aupr"])
    return table.assign(rare="B", n_genes=300, data="blood")


def test_stars_beside_upsampling_are_those_of_t_and_of_holm():
    shown = recorded.beside_upsampling(augmentation())["DeepSEM"]
    p = [t_test([-0.1, 0.2, -0.1, 0.2]), t_test([0.1, 0.101, 0.102, 0.103])]
    assert p[0] > 0.05 > holm(p)[1]
    assert shown["B", "50"].startswith("+0.101") and shown["B", "50"].endswith(" **")
    assert not shown["B", "10"].endswith("*")


def test_runs_with_other_genes_and_fewer_than_three_runs_are_not_compared():
    runs = augmentation()
    runs.loc[(runs["training"] == "DeepSEM") & (runs["run"] < 2), "n_genes"] = 200
    assert (recorded.beside_upsampling(pd.concat([runs, augmentation()]))["DeepSEM"] != "–").all()
    runs = pd.concat([runs, augmentation().assign(rare="T", training="upsampling")])
    extra = augmentation().query("training == 'DeepSEM'").assign(training="Gaussian")
    shown = recorded.beside_upsampling(pd.concat([runs, extra]))
    assert set(shown.columns) == {"Gaussian"} and len(shown) == 2


def added(gan: str, marginal: float, correlation: float) -> dict[str, object]:
    return {"data": "blood", "rare": "B", "share": 0.1, "run": 0, "training": gan, "aupr": 0.5,
            "marginal": marginal, "correlation": correlation, "shuffle_marginal": 0.2,
            "shuffle_correlation": 0.1}  # fmt: skip


def test_a_gan_that_adds_cells_is_judged_by_its_own_errors_or_by_those_of_the_other_table():
    nowhere = float("nan")
    simulated = pd.DataFrame([scores("shuffle", 0.2, 0.1), scores("cscGAN", 0.1, 0.1)])
    runs = pd.DataFrame([added("scGAN", 0.2, 0.3), added("cscGAN", nowhere, nowhere)])
    named = recorded.gans_named(runs, simulated)
    assert named["training"].tolist() == ["scGAN (not converged)", "cscGAN"]
    simulated.loc[1, "marginal"] = 0.3
    runs.loc[0, "correlation"] = 0.1
    named = recorded.gans_named(runs, simulated)
    assert named["training"].tolist() == ["scGAN", "cscGAN (not converged)"]


def test_a_panel_per_rare_group_dashes_what_has_not_converged():
    runs = pd.concat([augmentation(), augmentation().assign(rare="T")])
    runs["training"] = runs["training"].replace("DeepSEM", "scGAN (not converged)")
    figure = figures.augmentation(recorded.with_intervals(runs))
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["B", "T"]
    styles = [bars.lines[0].get_linestyle() for bars in figure.axes[0].containers]
    assert styles == ["--", "-"]


def test_intervals_need_three_runs():
    table = recorded.with_intervals(augmentation()[augmentation()["run"] < 2])
    assert table["half"].isna().all() and set(table["share"]) == {10, 50}
    assert recorded.with_intervals(augmentation())["half"].notna().all()


def test_the_recorded_numbers_bear_the_chapters_words():
    whole = datasets.results("simulation")
    kept = recorded.usable(whole)
    assert not set(kept["simulator"]) & set(recorded.GANS)
    assert recorded.gan_attempts(datasets.results("gan"))["converged"].eq("no").all()
    answer = recorded.answer(kept)
    assert abs(answer["auc"] - answer["copy"]) < 0.02 and answer["ratio"] < 0.1
    assert answer["prior_ratio"] > 1 and answer["prior_edges"] < 0.05 < answer["halves_edges"]
    assert answer["prior_r"] == pytest.approx(answer["shuffle_r"], rel=0.01)
    _, right = figures.answer(kept[kept["data"] == recorded.MIXED], 2.5).axes
    names = [text.get_text() for text in right.get_yticklabels()]
    assert names[-1] == "copy" and names.index("DeepSEM, prior") < 4
    runs = datasets.results("augmentation")
    gap = recorded.by_training(runs[runs["rare"] == "CD56+ NK"]).groupby("share").mean()
    assert (gap["Gaussian"] > gap["DeepSEM"]).all()
    named = recorded.gans_named(runs, whole).query("rare == 'louvain 1' and share == 0.01")
    assert named.groupby("training")["aupr"].mean().sort_values().index.tolist() == [
        "upsampling", "nothing added", "DeepSEM", "Gaussian", "scGAN (not converged)"
    ]  # fmt: skip


def test_an_answer_beside_the_truth_by_hand():
    true, change = np.array([-9.0, 1.0, -2.0, 0.0]), np.array([5.0, 2.0, 1.0, 0.0])
    row = asked.beside_truth(change, true, k=0)
    assert row["correlation with the truth"] == pytest.approx(
        np.corrcoef([2, 1, 0], [1, -2, 0])[0, 1]
    )
    assert row["right sign"] == 0.5 and row["size, of the truth"] == 1.0


def test_medians_have_no_size_without_a_model():
    r = {asked.BY_W: 0.1, asked.BY_Z: 0.3, asked.BY_R: 0.6}
    rows = [
        {"way": way, "correlation with the truth": c, asked.RIGHT: 0.5, asked.SIZE: c}
        for way, c in r.items()
    ]
    table = asked.medians(pd.DataFrame(rows))
    assert np.isnan(table.loc[asked.BY_R, "size, of the truth"])


def some_result(W: np.ndarray, genes: list[str]) -> SimpleNamespace:
    return SimpleNamespace(Ws=W[None], genes=genes, config=Config.simulation(W_init="safe"))


def test_curated_regulators_are_asked_about_or_those_of_most_weight():
    W = np.array([[0.0, 1, -3], [2, 0, 0], [0, 0, 0]])
    assert asked.regulators(some_result(W, ["BTG1", "FOS", "SPI1"])) == ["SPI1", "FOS"]
    assert asked.regulators(some_result(W, ["a", "b", "c"]), 2) == ["c", "a"]


def test_an_emptied_w_is_near_one_step():
    left = asked.emptied(some_result(np.full((3, 3), -0.1), ["a", "b", "c"]))
    assert left["mean |W|"] == pytest.approx(0.1) and left["start"] == 0.25


def test_chance_of_halves_narrows_around_one_half():
    cells = np.random.default_rng(0).normal(size=(120, 6)).astype(np.float32)
    study = SimpleNamespace(train=cells, test=cells[:30])
    chance = tables.chance_by_size(study, n_splits=4)
    assert chance.index.tolist() == [15, 30, 60]
    assert abs(chance["mean"] - 0.5).max() < 0.25
