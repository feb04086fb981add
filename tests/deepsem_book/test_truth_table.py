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


def test_a_reader_is_told_where_a_correlation_is_better():
    """One network of the base has 0.4 against 0.5; with 50 cells DeepSEM leads."""
    assert truth_table.where_behind(TABLE, n_cells=70) == []
    [line] = truth_table.where_behind(TABLE, n_cells=900)
    assert "n_cells=1000" in line and "0.500) than this network does (0.400)" in line
    assert len(truth_table.where_behind(TABLE, n_cells=20, n_genes=2000, zeros=0.9)) == 2
    assert truth_table.where_behind(TABLE[:0], n_cells=900) == []
