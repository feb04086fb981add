"""Differences are those of the same network, and DeepSEM counts with its ensemble."""

import pandas as pd
import pytest

from deepsem_book import truth_table
from deepsem_book.truth import simulator
from deepsem_book.truth_table import OWN

COLUMNS = ["setting", "network", "method", "seed", "n_members", "auroc", "auroc_activating",
           "auroc_repressing", "sign"]  # fmt: skip
TABLE = pd.DataFrame(
    [
        ["n_cells=50", 1, "correlation", 0, 1, 0.8, 0.8, 0.8, 1.0],
        ["n_cells=50", 2, "correlation", 0, 1, 0.6, 0.6, 0.6, 1.0],
        ["n_cells=50", 3, "correlation", 0, 1, 0.1, 0.1, 0.1, 1.0],  # DeepSEM is not there yet
        ["n_cells=50", 1, OWN, 0, 1, 0.0, 0.0, 0.0, 0.0],  # one member
        ["n_cells=50", 1, OWN, -1, 2, 0.9, 0.95, 0.85, 1.0],
        ["n_cells=50", 2, OWN, -1, 2, 0.9, 0.9, 0.7, 0.8],
        ["base", 1, "correlation", 0, 1, 0.5, 0.5, 0.5, 1.0],
        ["base", 1, OWN, -1, 2, 0.4, 0.4, 0.4, 0.9],
    ],
    columns=COLUMNS,
)


def test_difference_by_hand():
    rows = truth_table.against(TABLE)
    few = rows.loc["n_cells=50"]
    assert (few["networks"], few[OWN], few["correlation"]) == (2, pytest.approx(0.9), 0.7)
    assert few["difference"] == pytest.approx(0.2)
    half = 12.706 * 0.1  # Student's t with one degree of freedom x standard error of 0.1 and 0.3
    assert few["high"] - few["difference"] == pytest.approx(half, rel=1e-3)
    assert rows.loc["base", "difference"] == pytest.approx(-0.1)


def test_signs_by_hand():
    few = truth_table.signs(TABLE).loc["n_cells=50"]
    assert few["activating - repressing"] == pytest.approx(0.15)
    assert few["sign"] == pytest.approx(0.9)


def test_the_base_is_that_of_the_simulator():
    assert {knob: getattr(simulator.Setting(), knob) for knob in truth_table.BASE} == (
        truth_table.BASE
    )


def with_ridge(auroc: float) -> pd.DataFrame:
    row = ["n_cells=50", 1, "ridge", 0, 1, auroc, auroc, auroc, 1.0]
    return pd.concat([TABLE, pd.DataFrame([row], columns=COLUMNS)])


def test_a_reader_is_told_where_a_control_is_better():
    """One network of the base has 0.4 against 0.5; with 50 cells DeepSEM leads."""
    assert truth_table.where_behind(TABLE, n_cells=70) == []
    [at] = truth_table.where_behind(TABLE, n_cells=900)
    assert (at.setting, at.networks, at.control, at.theirs, at.ours) == (
        "base", 1, "correlation", 0.5, 0.4,
    )  # fmt: skip
    # Cells, genes and zeros of the base are one setting, which is told once.
    assert len(truth_table.where_behind(TABLE, n_cells=1000, n_genes=60, zeros=0.2)) == 1
    assert truth_table.where_behind(TABLE, n_cells=9000, n_genes=2000, zeros=0.9) == []  # unknown
    assert truth_table.where_behind(TABLE[:0], n_cells=900) == []


def test_the_best_control_is_named():
    """Of the same network ridge has more than DeepSEM's 0.9; the correlation has less."""
    [at] = truth_table.where_behind(with_ridge(0.95), n_cells=50)
    assert (at.control, at.networks, at.theirs, at.ours) == ("ridge", 1, 0.95, 0.9)
    assert truth_table.where_behind(with_ridge(0.905), n_cells=50) == []
    assert truth_table.best_control(with_ridge(0.95), n_cells=50) == "ridge"
    assert truth_table.best_control(with_ridge(0.3), n_cells=50) == "correlation"
    assert truth_table.best_control(TABLE[:0], n_cells=50) in truth_table.CONTROLS


def test_settings_like_the_data_differ_in_one_knob():
    names = ["base", "n_cells=200", "n_cells=50 zeros=0.6", "zeros=0.0", "normalised=False"]
    table = pd.DataFrame({"setting": names})
    like = {"n_cells": 180, "n_genes": 100, "zeros": 0.05}
    assert truth_table.settings_like(table, **like) == ["n_cells=200", "base", "zeros=0.0"]
