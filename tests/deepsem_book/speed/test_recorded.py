"""Where the time goes: operations by shape, exponents and shares of hand-made tables."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import speed


@pytest.mark.parametrize(
    ("name", "shapes", "serves"),
    [("aten::mul_", [[821, 821]], "optimiser"), ("aten::mul_", [[64, 821]], "the rest"),
     ("aten::linalg_lu_factor", [[821, 821]], "inverse or factorisation and solves"),
     ("aten::mm", [[64, 821], [821, 821]], "products with W"),
     ("aten::addmm", [[128], [52544, 128], [128, 128]], "MLPs on every entry"),
     ("aten::index_select", [[256, 4]], "table look-up")],
)  # fmt: skip
def test_operations_are_known_by_name_and_shape(name, shapes, serves):
    assert speed.purpose(name, shapes, n_genes=821) == serves


def test_exponent_of_a_cube_is_three():
    sizes = np.array([1.0, 2.0, 4.0])
    table = pd.DataFrame({"engine": "fast", "n_genes": sizes, "seconds": 5 * sizes**3})
    assert speed.exponent(table, "fast", "n_genes", "seconds") == pytest.approx(3)


def test_times_are_of_whole_trainings():
    rows = [[0, "a", 2.0, 0.5], [0, "b", 3.0, 0.25]]
    table = pd.DataFrame(rows, columns=["repeat", "engine", "seconds", "part"])
    times = speed.relative_times(table.assign(section="peers"), "a")
    assert times.loc[0, "b"] == 3  # 12 s against 4 s


def test_gpu_tables_take_medians_and_the_largest_error() -> None:
    size = {"n_cells": 10, "n_genes": 5, "epochs": 2, "engine": "fast", "members": 1}
    trainings = [size | {"what": "training", "seconds": s, "peak_mb": 1.0} for s in (1.0, 9.0, 2.0)]
    errors = [
        size | {"what": f"error of {name}", "value": v} for name, v in (("a", 1e-6), ("b", 3e-5))
    ]
    table = pd.DataFrame([*trainings, *errors])
    assert speed.on_gpu(table)[("seconds", "fast", 1)].tolist() == [2.0]
    assert speed.gpu_agreement(table).to_dict() == {5: 3e-5}
