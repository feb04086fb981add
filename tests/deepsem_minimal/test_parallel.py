"""Pools: what comes back, what is counted, what stops early, and threads that are given back."""

import dataclasses
import time

import numpy as np
import pytest
import torch

from deepsem_minimal import parallel
from deepsem_minimal.config import Config
from deepsem_minimal.parallel import Task, threads
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.sem import random_network, simulate_nonlinear
from deepsem_minimal.train import TrainingError

CONFIG = Config(n_epochs=4, n_hidden=8, n_knots=32, W_init="safe")


def tasks(n: int) -> list[Task]:
    X = simulate_nonlinear(random_network(20, seed=1), 80, seed=1)
    return [Task(Expression.of(X, CONFIG), CONFIG, seed) for seed in range(n)]


def broken(task: Task) -> Task:
    spoilt = dataclasses.replace(task.expression, X=task.expression.X * np.nan)
    return task._replace(expression=spoilt)


def test_every_task_has_its_member_and_every_epoch_is_counted() -> None:
    epochs: list[int] = []
    before = torch.get_num_threads()
    members = dict(threads(2)(tasks(3), lambda: epochs.append(1)))
    assert {i: member.seed for i, member in members.items()} == {0: 0, 1: 1, 2: 2}
    assert len(epochs) == 3 * CONFIG.n_epochs and torch.get_num_threads() == before


def test_a_failed_member_is_an_outcome_and_not_an_exception() -> None:
    first, second = tasks(2)
    outcomes = dict(threads(1)([broken(first), second], lambda: None))
    assert isinstance(outcomes[0], TrainingError) and outcomes[1].seed == 1


def test_a_caller_that_needs_no_more_does_not_wait_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def slow(task: Task, on_epoch: object) -> TrainingError:
        started.append(task.seed)
        time.sleep(0.05)
        return TrainingError("no")

    monkeypatch.setattr(parallel, "attempt", slow)
    pool = threads(1)(tasks(30), lambda: None)
    next(pool)
    pool.close()
    assert len(started) < 5
