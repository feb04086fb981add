"""Tables and sentences of the chapter on hand-made scores, and answers about a known network."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from deepsem_book import datasets
from deepsem_book.simulation import asked, said, said_recorded, tables


def recorded(**auc: float) -> pd.DataFrame:
    """Three repeats of two data sets, one of a single type; AUC of simulators by name."""
    base = {"DeepSEM, posterior": 0.5, "copy": 0.5, "DeepSEM, prior": 0.7, "scGAN": 0.9,
            "cscGAN": 0.8, "copula": 0.8, "shuffle": 0.95, "shuffle, our zeros": 0.75}  # fmt: skip
    rows = [
        {"data": data, "repeat": repeat, "simulator": name, "auc": value + 0.01 * repeat,
         "copied": float(name in ("copy", "DeepSEM, posterior"))}
        for data in ("blood", "blood/T")
        for repeat in range(3)
        for name, value in (base | auc).items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_realism_by_data_set_names_the_best_that_does_not_copy():
    lines = said_recorded.about_realism(recorded(shuffle=0.6)).split("\n")
    assert lines[0].startswith("- **blood**: AUC of DeepSEM's posterior 0.51, of copied")
    assert "better of our small GANs 0.81" in lines[0] and "is shuffle (0.61)" in lines[0]
    assert "On blood (0.61), blood/T (0.61) the forest does not even find" in "\n".join(lines)
    assert "0.71 on blood/T (the copula 0.81" in lines[-1]
    assert "the prior and the copula have 0.71 against 0.81 on blood." in lines[-1]


def test_what_the_prior_adds_is_seen_by_the_difference_to_its_zeros():
    assert "is seen on blood/T" in said_recorded.about_prior(recorded())
    assert "is not seen by this score" in said_recorded.about_prior(
        recorded(**{"shuffle, our zeros": 0.6})
    )


def test_the_answer_counts_sets_near_to_copies():
    same = said_recorded.answer(recorded())
    assert same.startswith("On 2 of 2 data sets") and "on 2 of 2 its draws" in same
    assert "does **not** tell" in same
    apart = said_recorded.answer(recorded(**{"DeepSEM, posterior": 0.6}))
    assert apart.startswith("On 0 of 2") and "separates the simulation from copies" in apart


def test_overlap_of_the_paper_is_that_of_the_gans_times_the_gain():
    numbers, overlap = datasets.published(), tables.paper_overlap()
    assert overlap["scGAN"] == numbers["simulation_overlap_scGAN"] / 100
    ours = [
        numbers[f"simulation_overlap_{gan}"]
        * (1 + numbers[f"simulation_overlap_gain_over_{gan}"] / 100)
        for gan in ("scGAN", "cscGAN")
    ]
    assert overlap["DeepSEM, posterior"] == pytest.approx(np.mean(ours) / 100)


def augmentation() -> pd.DataFrame:
    """DeepSEM above upsampling at 50 %, and below it in every second run at 10 %."""
    rows = []
    for run in range(4):
        rows += [(0.5, run, "DeepSEM", 0.9 + 0.001 * run), (0.5, run, "upsampling", 0.8)]
        rows += [(0.1, run, "DeepSEM", 0.5 + 0.3 * (run % 2)), (0.1, run, "upsampling", 0.6)]
    return pd.DataFrame(rows, columns=["share", "run", "training", "aupr"])


def test_side_by_side_is_decided_where_the_interval_excludes_zero():
    text = said_recorded.side_by_side(augmentation(), "DeepSEM", "upsampling")
    assert text == (
        "DeepSEM against upsampling: in the mean higher where 10, 50 % are kept (decided at 50 %)"
    )
    other = said_recorded.side_by_side(augmentation(), "upsampling", "DeepSEM")
    assert "lower where 10, 50 % are kept (decided at 50 %)" in other
    shown = tables.beside_upsampling(augmentation())["DeepSEM"]
    assert shown["50"].endswith(" *") and not shown["10"].endswith("*")
    assert said_recorded.n_runs(augmentation()) == "4"


def test_intervals_need_three_runs():
    table = tables.with_intervals(augmentation()[augmentation()["run"] < 2])
    assert table["half"].isna().all() and set(table["share"]) == {10, 50}
    assert tables.with_intervals(augmentation())["half"].notna().all()


def test_the_rare_type_is_the_smallest_with_enough_test_cells():
    codes = np.repeat([0, 1, 2], [30, 9, 3])
    study = SimpleNamespace(test_types=codes, types=["a", "b", "c"])
    assert tables.rare_type(study) == "b"
    assert "Type b, 9 test cells of it. 2 runs decide nothing" in said.about_runs(study, "b", 2)
    assert tables.rare_type(SimpleNamespace(test_types=codes * 0, types=["a"])) is None


def test_memory_names_copies_and_the_best_that_does_not_copy():
    rows = {"DeepSEM, posterior": (0.5, 0.1, 0.9), "DeepSEM, prior": (0.9, 1.0, 0.0)}
    scores = pd.DataFrame(rows, index=["auc", "ratio", "copied"]).T
    text = said.about_memory(scores)
    assert "**copies with noise**" in text and "is DeepSEM, prior (AUC 0.90)" in text
    assert said.about_memory(scores.assign(copied=0.2)).endswith("free of copies.")


def test_consistency_at_the_largest_k():
    rows = [("copy", 2.5, 0.9), ("two halves", 2.5, 0.5), ("shuffle", 2.5, 0.1), ("copy", 1.0, 0.0)]
    table = pd.DataFrame(rows, columns=["simulator", "percent", "mean"])
    text = said.about_consistency(table)
    assert "copy (0.90) > two halves (0.50) > shuffle (0.10)" in text
    assert "half of the cells only: copy." in text
    assert said.about_consistency(table[:0]).endswith("No TF is known among these genes.")


def test_zeros_explain_a_fall_or_not():
    assert "still tells the draws" in said.about_zeros(0.99, np.array([0.95, 0.96]))
    assert "That is the part of the zeros" in said.about_zeros(0.9, np.array([0.6, 0.61]))
    assert "within the scatter" in said.about_zeros(0.6, np.array([0.5, 0.69]))


def test_controls_must_lie_between_two_halves(monkeypatch):
    monkeypatch.setattr(tables, "halves_of", lambda cells: np.array([0.45, 0.55]))
    monkeypatch.setattr(tables.realism, "forest_auc", lambda *a: (np.array([0.6]), []))
    auc, cells = pd.Series({"copy": 0.5, "shuffle": 0.95}), np.ones((3, 2))
    study = SimpleNamespace(test=cells)
    table = tables.controls_table(study, {"bootstrap": cells}, auc, 10)
    assert table["as it must be"].tolist() == [True, False, True]
    assert table["must be"].tolist()[0].startswith("0.45 to 0.55")


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
    assert asked.nearest(table) == asked.BY_R


def test_agreement_of_trainings_is_not_truth():
    assert "could have been had without the model" in asked.beside_r(0.4, True, asked.BY_R)
    against = asked.beside_r(-0.2, True, asked.BY_R)
    assert against.startswith("The two trainings agree here") and "−r contradicts" in against
    assert "cannot be seen from these cells" in asked.beside_r(0.1, False, asked.BY_Z)


def test_regulators_by_weight_and_those_known_for_something_else():
    W = np.array([[0.0, 1, -3], [2, 0, 0], [0, 0, 0]])
    assert asked.by_weight(W, ["a", "b", "c"], ["a", "c"]) == ["c", "a"]
    assert "PTEN (a phosphatase)" in asked.about_tfs(["PTEN", "GATA1"])
    assert asked.about_tfs(["GATA1"]) == ""
