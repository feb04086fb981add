"""The own-data preset beside the paper's: rows of a matrix, and the gain by hand."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import benchmark_table
from deepsem_book.beeline import measure_own
from deepsem_book.datasets.problem import Problem
from deepsem_book.results_table import ResultsTable
from deepsem_minimal.config import Config
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import centred, edge_table

GENES = [f"G{i}" for i in range(12)]


@pytest.fixture
def problem() -> Problem:
    X = np.random.default_rng(0).random((30, 12)).astype(np.float32)
    edges = pd.DataFrame({"Gene1": ["G0", "G0", "G1"], "Gene2": ["G1", "G5", "G7"]})
    return Problem("beeline/made-12", X, GENES, ["G0", "G1"], {"STRING": edges})


def test_a_run_is_scored_as_a_user_and_as_the_paper_rank_it(problem, tmp_path, monkeypatch):
    table = ResultsTable(tmp_path / "own.csv", measure_own.TABLE.key, measure_own.TABLE.columns,
                         measure_own.TABLE.text, measure_own.TABLE.whole)  # fmt: skip
    monkeypatch.setattr(measure_own, "TABLE", table)
    few = Config(n_epochs=3, n_hidden=8, W_init="zero", lr_W=1e-2, n_knots=16)
    monkeypatch.setattr(Config, "for_data", lambda *shape: few)
    members = []
    train = measure_own.train_ensemble

    def kept(*args, **options):
        members.extend(train(*args, **options))
        return members[-1:]

    monkeypatch.setattr(measure_own, "train_ensemble", kept)
    measure_own.measure(problem, 2)
    rows = table.read()
    assert rows[["seed", "n_members"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 1]]
    both = rows[rows["n_members"] == 2].iloc[0]
    Ws = [member.W for member in members]
    for end, W in (("", centred(np.mean(Ws, axis=0))), ("_paper", np.mean(np.abs(Ws), axis=0))):
        edges = edge_table(W, GENES, ["G0", "G1"])
        expected = evaluate(edges, problem.networks["STRING"], GENES)["auprc_ratio"]
        assert both[f"auprc_ratio{end}"] == pytest.approx(expected, rel=1e-5)


def test_gain_by_hand():
    """Medians over seeds 1.1 and 3 against 1 and 2, of two sets: +10 % and +50 %."""
    own = pd.DataFrame({
        "data": ["beeline/a-500"] * 3 + ["beeline/b-500"], "network": "STRING",
        "seed": [0, 1, 2, 0], "n_members": 1, "epr": [1.0, 1.1, 9.0, 3.0],
    })  # fmt: skip
    recorded = pd.DataFrame({
        "data": ["beeline/a-500", "beeline/b-500"], "network": "STRING", "method": "DeepSEM",
        "preset": "nonspecific", "seed": 0, "n_members": 1, "error": "",
        **{metric: [1.0, 2.0] for metric in benchmark_table.METRICS},
    })  # fmt: skip
    [row] = benchmark_table.against_the_paper(own, recorded, "epr").itertuples()
    assert row.benchmarks == 2 and row._2 == pytest.approx(30)
