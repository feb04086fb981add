"""Sick members are named: W left as it was, emptied, shifted as a whole, singular, or alone."""

import numpy as np
import pytest
import torch

from deepsem_book.own_data import health
from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.result import Result
from deepsem_minimal.sem import random_network, simulate_nonlinear
from deepsem_minimal.train import Member, initial_W, train

M = 40
CONFIG = Config(lr_W=1e-4, W_init="safe", n_hidden=4)


def member(W: np.ndarray, seed: int) -> Member:
    return Member(seed, DeepSEM(CONFIG, torch.as_tensor(W, dtype=torch.float32)), [], 0.0)


def network(seed: int) -> np.ndarray:
    """The same 60 edges in every member, of both signs, and noise of its own."""
    W = np.zeros(M * M)
    W[np.random.default_rng(0).permutation(M * M)[:60]] = np.r_[np.full(35, 0.3), np.full(25, -0.2)]
    W = W.reshape(M, M) + 0.01 * np.random.default_rng(100 + seed).normal(size=(M, M))
    np.fill_diagonal(W, 0)
    return W


def ensemble(*odd: Member) -> Result:
    """Four healthy members and the given ones."""
    members = [*(member(network(seed), seed) for seed in range(4)), *odd]
    genes = [f"g{i}" for i in range(M)]
    return Result(members, genes, CONFIG, np.zeros(M), np.ones(M))


def complaint(odd: Member) -> str:
    """What is said of the member that joins four healthy ones."""
    result = ensemble(odd)
    *others, last = health.judged(result)
    assert not any(judged.complaints for judged in others)
    assert health.without_sick(result, [*others, last]).seeds == [0, 1, 2, 3]
    [line] = health.lines([*others, last])
    assert line.startswith("seed 9 left out: ")
    assert not health.most_are_sick([*others, last])
    return " ".join(last.complaints)


def test_healthy_members_have_no_complaint():
    result = ensemble()
    judgement = health.judged(result)
    assert health.lines(judgement) == []
    assert health.without_sick(result, judgement).seeds == result.seeds


def test_a_member_at_its_start_is_named():
    start = initial_W(M, "safe", torch.Generator().manual_seed(9)).numpy()
    assert "where it started" in complaint(member(start, 9))


def test_the_start_is_that_of_the_training():
    X = np.random.default_rng(0).normal(size=(64, M)).astype(np.float32)
    config = Config(n_epochs=1, K1=1, n_hidden=4)  # the first epoch trains the MLPs only
    trained = train(Expression.of(X, config), config, seed=3)
    alone = Result([trained], [f"g{i}" for i in range(M)], config, np.zeros(M), np.ones(M))
    [judged] = health.judged(alone)
    assert judged.moved == 0 and np.isnan(judged.agreement)
    assert health.most_are_sick([judged])
    assert health.without_sick(alone, [judged]).seeds == [3]  # nothing else is there


def test_an_emptied_member_is_named():
    assert "W is empty" in complaint(member(1e-5 * np.random.default_rng(1).normal(size=(M, M)), 9))


def test_an_offset_of_one_sign_is_named():
    assert "one sign" in complaint(member(0.02 * network(9) - 0.05, 9))


@pytest.mark.parametrize("row_sum", [0.95, 1.05])
def test_a_nearly_singular_member_is_named(row_sum):
    W = network(9)
    W += (row_sum - W.sum(axis=1, keepdims=True)) / (M - 1)
    np.fill_diagonal(W, 0)
    assert "I - W is close to singular" in complaint(member(W, 9))


def test_a_member_that_is_alone_is_named():
    assert "of its first edges with the others" in complaint(member(network(9).T.copy(), 9))


def cells() -> np.ndarray:
    return simulate_nonlinear(random_network(60, n_tfs=12, seed=0), 200, dropout=0.3, seed=0)


def test_alpha_that_empties_W_is_found_in_a_real_training():
    """The paper's weight of mean|W| with 60 genes, beside one that lets W grow."""
    X = cells()
    settings = {"n_epochs": 61, "lr_W": 5e-4, "W_init": "safe", "n_hidden": 16, "n_knots": 32}
    for alpha, empty in ((1000.0, True), (1.0, False)):
        config = Config(alpha=alpha, **settings)
        given = Expression.of(X, config)
        members = [train(given, config, seed) for seed in (0, 1)]
        result = Result(members, [f"g{i}" for i in range(60)], config, given.mean, given.sd)
        assert ("W is empty" in " ".join(health.lines(health.judged(result)))) == empty
