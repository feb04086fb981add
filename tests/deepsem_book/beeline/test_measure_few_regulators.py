"""A run with few regulators gives its rows, whatever comes of it."""

from dataclasses import replace

import numpy as np
import pytest

from deepsem_book.beeline import measure_few_regulators as measured
from deepsem_book.beeline import measure_nuisance as nuisance
from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.train import train


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch) -> None:
    def short(expression, config, seed):
        return train(expression, replace(config, n_epochs=6), seed)

    for module in (measured, nuisance):
        monkeypatch.setattr(module, "train", short)


def test_runs_give_a_row_per_network_and_whatever_the_preset() -> None:
    for preset, groups in (("nonspecific", 0), ("specific", 2), ("own", 2)):
        rows = list(measured.scores("sim/nonlinear-20", preset, groups, 0))
        assert [row["network"] for row in rows] == ["truth"]
        assert all(row["error"] or np.isfinite(row["epr"]) for row in rows)


def test_each_kind_of_nuisance_gives_a_row_per_network(monkeypatch) -> None:
    monkeypatch.setattr(nuisance, "GROUPS", 2)
    for kind in nuisance.KINDS:
        rows = list(nuisance.scores("sim/nonlinear-20", kind, 0))
        assert [row["network"] for row in rows] == ["truth"]
        assert all(row["error"] or np.isfinite(row["epr"]) for row in rows)


def test_groups_by_detection_part_the_seen_from_the_unseen(monkeypatch) -> None:
    monkeypatch.setattr(nuisance, "GROUPS", 2)
    X = np.ones((8, 5), dtype=np.float32)
    X[1:, [1, 3]] = 0  # seldom seen
    is_tf = np.array([True, False, False, False, False])
    expression = Expression.of(X, Config())
    part = nuisance.part_of(nuisance.KINDS["detection"], expression, X, is_tf)
    assert part[0] == 1 and part[1] == part[3] != part[2] and part[2] == part[4]
    assert sorted(set(part.tolist())) == [1, 2, 3]


def test_what_follows_depth_alone_is_gone_and_zeros_stay() -> None:
    rng = np.random.default_rng(0)
    depth = rng.normal(size=(200, 1))
    X = 5 + depth * np.array([1.0, 2.0, 3.0]) + 0.01 * rng.normal(size=(200, 3))
    X[0] = 0
    left = nuisance.without_depth(X[1:])
    assert left.std(axis=0).max() < 0.05
    assert (nuisance.without_depth(X)[0] == 0).all()
