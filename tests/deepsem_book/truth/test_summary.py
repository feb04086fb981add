"""Differences are those of the same network, and DeepSEM counts with its ensemble."""

import pandas as pd
import pytest

from deepsem_book.truth import summary
from deepsem_book.truth.methods import OWN

COLUMNS = ["setting", "network", "method", "seed", "n_members", "auroc", "auroc_activating",
           "auroc_repressing", "sign"]  # fmt: skip
TABLE = pd.DataFrame(
    [
        ["few", 1, "correlation", 0, 1, 0.8, 0.8, 0.8, 1.0],
        ["few", 2, "correlation", 0, 1, 0.6, 0.6, 0.6, 1.0],
        ["few", 3, "correlation", 0, 1, 0.1, 0.1, 0.1, 1.0],  # DeepSEM is not there yet
        ["few", 1, OWN, 0, 1, 0.0, 0.0, 0.0, 0.0],  # one member
        ["few", 1, OWN, -1, 2, 0.9, 0.95, 0.85, 1.0],
        ["few", 2, OWN, -1, 2, 0.9, 0.9, 0.7, 0.8],
        ["many", 1, "correlation", 0, 1, 0.5, 0.5, 0.5, 1.0],
        ["many", 1, OWN, -1, 2, 0.4, 0.4, 0.4, 0.9],
    ],
    columns=COLUMNS,
)


def test_difference_by_hand():
    rows = summary.against(TABLE)
    few = rows.loc["few"]
    assert (few["networks"], few[OWN], few["correlation"]) == (2, pytest.approx(0.9), 0.7)
    assert few["difference"] == pytest.approx(0.2)
    half = 12.706 * 0.1  # Student's t with one degree of freedom x standard error of 0.1 and 0.3
    assert few["high"] - few["difference"] == pytest.approx(half, rel=1e-3)
    assert rows.loc["many", "difference"] == pytest.approx(-0.1)


def test_signs_by_hand():
    few = summary.signs(TABLE).loc["few"]
    assert few["activating - repressing"] == pytest.approx(0.15)
    assert few["sign"] == pytest.approx(0.9)
