"""The tables of the section on few regulators, on made scores whose ratios are known."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book.speed import few_regulators, genome, genome_rivals


def scored(ratios: dict[int, float]) -> pd.DataFrame:
    rows = []
    for data, base in (("a-500", 2.0), ("b-500", 4.0), ("c-500", 3.0)):
        for seed in range(3):
            for groups, ratio in ratios.items():
                row = {"preset": "nonspecific", "data": data, "network": "STRING", "seed": seed}
                rows.append(row | {"nuisance": groups, "epr": base * ratio + seed})
    return pd.DataFrame(rows)


def test_ratios_are_of_means_over_shared_seeds() -> None:
    table = scored({-1: 1.0, 0: 0.5})
    table = table.drop(table.index[(table["nuisance"] == 0) & (table["seed"] == 2)])
    row = few_regulators.accuracy(table).iloc[0]
    expected = [(base * 0.5 + 0.5) / (base + 0.5) for base in (2.0, 4.0, 3.0)]
    assert row["ratio"] == pytest.approx(np.mean(expected))
    assert row["low"] < row["ratio"] < row["high"]
    assert (row["benchmarks"], row["seeds"]) == (3, 2)


def test_both_metrics_stand_side_by_side() -> None:
    table = scored({-1: 1.0, 0: 0.5}).assign(auprc_ratio=1.0)
    row = few_regulators.both_metrics(table).iloc[0]
    ratio, low, high = few_regulators.accuracy(table).iloc[0][["ratio", "low", "high"]]
    assert row["EPR"] == f"{ratio:.3f} [{low:.3f}, {high:.3f}]"
    assert row["AUPRC ratio"] == "1.000 [1.000, 1.000]"


def test_the_full_model_comes_from_the_tables_of_the_same_seeds() -> None:
    table = scored({20: 0.9})
    full = scored({-1: 1.0}).assign(method="DeepSEM", n_members=1, auprc_ratio=1.0)
    others = full.assign(method="GENIE3", epr=9.0)
    ensemble = full.assign(n_members=10, epr=9.0)
    paper = pd.concat([full, others, ensemble]).drop(columns="nuisance")
    own = paper[paper["method"] == "DeepSEM"].drop(columns=["preset", "method"])
    both = pd.concat([table, table.assign(preset="own", epr=table["epr"] * 2)])
    rows = few_regulators.accuracy(few_regulators.with_full(both, paper, own))
    ratios = rows.set_index("preset")["ratio"]
    assert ratios["own"] == pytest.approx(2 * ratios["nonspecific"])
    assert ratios["nonspecific"] == pytest.approx(np.mean([2.8 / 3, 4.6 / 5, 3.7 / 4]), abs=0.001)


def test_the_answer_has_every_preset_and_no_groups() -> None:
    table = scored({-1: 1.0, 0: 0.5, 20: 1.0}).assign(auprc_ratio=lambda rows: rows["epr"])
    one_seed = table[table["seed"] == 0].assign(preset="own")
    said = few_regulators.answer(pd.concat([table, one_seed]), groups=20)
    assert said["nonspecific"] == said["auprc"] == said["own"] == "1.00 [1.00, 1.00]"
    assert said["alone"].startswith("0.6")
    assert (said["nonspecific_seeds"], said["own_seeds"], said["benchmarks"]) == (3, 1, 3)


def test_kinds_of_nuisance_stand_beside_groups_and_none() -> None:
    table = scored({-1: 1.0, 0: 0.5, 20: 0.9, 50: 0.1})
    other = scored({7: 0.7}).assign(kind="detection").drop(columns=["preset", "nuisance"])
    rows = few_regulators.kinds(other, table)
    assert list(rows["nuisance"]) == ["20 groups by k-means", "detection", "none"]


def test_regdiffusion_stands_beside_both_models_on_one_matrix() -> None:
    table = scored({-1: 1.0, 0: 9.0, 20: 0.5})
    other_preset = table.assign(preset="specific", epr=9.0)
    table = pd.concat([table[(table["nuisance"] != 20) | (table["seed"] < 2)], other_preset])
    rival = scored({-1: 2.0}).assign(method="RegDiffusion").drop(columns="nuisance")
    said = few_regulators.beside_regdiffusion(table, rival, "b-500")
    assert list(said["STRING"]) == ["5.00 ± 1.00", "2.50 ± 0.71", "9.00 ± 1.00"]
    assert list(said["seeds"]) == [3, 2, 3]


def test_the_picture_shows_the_smaller_matrix() -> None:
    figure = few_regulators.columns(10, 3, 2)
    assert [ax.get_title(loc="left") or ax.get_title() for ax in figure.axes][2].endswith("5 × 5")


def test_a_step_is_timed_beside_its_products(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(genome.datasets, "DATA_DIR", tmp_path)
    (tmp_path / "results").mkdir()
    genome.steps(60, 10, 3, 2, dense=True)
    table = few_regulators.steps(genome.results().read())
    assert (table[["step", "products", "dense step"]] > 0).all(axis=None)
    assert list(table["n_genes"]) == [60]


def test_other_methods_take_a_part_that_is_scaled_to_the_whole(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(genome.datasets, "DATA_DIR", tmp_path)
    (tmp_path / "results").mkdir()
    for what in ("corrected correlation", "GRNBoost2, one target"):
        for n_genes in (60, 120):
            row = genome_rivals.measure(what, 1000, n_genes, 10)
            assert row["seconds"] >= 0 and row["peak_mb"] > 0
            genome.results().put([row | {"seconds": 3.0, "threads": 1}])
    member = genome.member(80, 60, 10, 3, 2) | {"n_regulators": 10, "repeat": 0, "nuisance": 3}
    about = {"what": "member", "n_cells": 1000, "threads": 1, "steps": 4}
    for n_genes, seconds in ((60, 1.0), (120, 4.0)):
        genome.results().put([member | about | {"n_genes": n_genes, "seconds": seconds}])
    table = few_regulators.scale(genome.results().read())
    assert list(table["n_genes"]) == [60, 120]
    assert list(table["GRNBoost2"]) == pytest.approx([3.0, 6.0])
    assert list(table["corrected correlation"]) == pytest.approx([0.05, 0.05])
    assert table["DeepSEM, a member"].iloc[0] == pytest.approx(91 * 16 * 0.25 / 60)
    assert few_regulators.exponent(table) == pytest.approx(2)


def test_the_largest_member_measured_to_its_end_stands_beside_regdiffusion() -> None:
    rows = [("member", 50, 3, 9.0), ("member", 60, 91, 120.0), ("member", 40, 91, 60.0)]
    names = ["what", "n_genes", "epochs", "wall"]
    table = pd.DataFrame(rows, columns=names).assign(peak_mb=1500.0, threads=2)
    scaled = pd.DataFrame({"n_genes": [60], "RegDiffusion": [30.0], "DeepSEM, a member": [2.0]})
    said = few_regulators.largest(table, scaled)
    assert said == {"genes": 60, "threads": 2, "minutes": 2, "gigabytes": 1.5, "rival": 15}


def test_a_member_reports_its_cost() -> None:
    cost = genome.member(80, 60, 10, 3, 2)
    assert cost["steps"] == 4 and cost["peak_mb"] > 0 and cost["seconds"] > 0
