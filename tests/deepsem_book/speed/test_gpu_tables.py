"""The tables of gpu.csv, on rows whose medians are known by heart."""

import pandas as pd
import pytest

from deepsem_book import datasets
from deepsem_book.speed import gpu_tables

SIZE = {"n_cells": 10, "n_genes": 5, "members": 1}


def test_medians_of_one_member_and_of_ten_stand_side_by_side() -> None:
    row = SIZE | {"what": "training", "engine": "fast", "peak_mb": 1.0}
    rows = [row | {"seconds": s} for s in (1.0, 9.0, 2.0)]
    rows.append(row | {"seconds": 17.0, "members": 10, "peak_mb": 3.0})
    table = gpu_tables.trainings(pd.DataFrame(rows))
    assert table.loc[(5, 10, "package")].tolist() == [2.0, 17.0, 1.0]


def test_a_comparison_that_nobody_ran_says_so() -> None:
    times = {"launched": (4e-3, 6e-3, 5e-3), "replayed": (1e-3, 1e-3, 9e-3)}
    rows = [
        SIZE | {"what": "step on W", "engine": name, "seconds": s}
        for name, of in times.items()
        for s in of
    ]
    table = gpu_tables.steps(pd.DataFrame(rows))
    assert list(table.loc["step on W"]) == [5, "launched, 5.00", "replayed, 1.00", "5.0"]
    assert table.loc["algebra of a step", "ratio"] == "not measured"


def test_the_answer_takes_the_fastest_training_and_the_largest_error() -> None:
    whole = SIZE | {"what": "whole training", "peak_mb": 2000.0}
    rows = [whole | {"engine": "few", "seconds": s} for s in (20.0, 14.0)]
    rows.append(whole | {"engine": "RegDiffusion", "seconds": 40.0})
    rows += [SIZE | {"what": f"error of {name}", "value": v} for name, v in (("a", 1), ("b", 3))]
    score = SIZE | {"what": "AUPRC ratio"}
    rows += [score | {"device": "cpu", "value": v} for v in (2.0, 1.0)]
    rows += [score | {"device": "cuda", "value": 1.5}]
    said = gpu_tables.answer(pd.DataFrame(rows).assign(card="a card"))
    assert said["recorded"].tolist() == [
        "a card",
        "3e+00",
        "2.00, 1.00",
        "1.50",
        "40 s, 2.0 GB",
        "14 s, 2.0 GB",
    ]


def test_the_recorded_card_computes_what_the_cpu_does() -> None:
    """Gradients to 1e-4, and scores within the seeds' spread."""
    table = datasets.results("gpu")
    errors = table.loc[table["what"].str.startswith("error of "), "value"]
    assert errors.max() < 1e-4
    scores = table[table["what"] == "AUPRC ratio"].groupby("device")["value"]
    assert scores.mean()["cuda"] == pytest.approx(scores.mean()["cpu"], rel=0.02)
