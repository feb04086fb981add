"""A run with few regulators gives its rows, whatever comes of it."""

import numpy as np

from deepsem_book.beeline import measure_few_regulators as measured
from deepsem_book.datasets.problem import Problem


def test_runs_give_a_row_per_network_and_whatever_the_preset() -> None:
    problem = Problem.load("sim/nonlinear-20")
    for preset, groups in (("nonspecific", 0), ("specific", 2), ("own", 2)):
        rows = list(measured.scores(problem, preset, groups, 0))
        assert [row["network"] for row in rows] == list(problem.networks)
        assert all(row["error"] or np.isfinite(row["epr"]) for row in rows)
