"""Sick members are named: W left as it was, emptied, shifted as a whole, singular, or alone."""

import numpy as np
import pytest
import torch

from deepsem_book.baselines.hub_corrected import corrected_correlation
from deepsem_book.own_data.health import control, health, healthy, shared_edges, start_of
from deepsem_book.truth.simulator import Setting, simulate
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.preprocess import standardise
from deepsem_minimal.train import Config, Member, initial_W, train

M = 40


def member(W: np.ndarray, seed: int) -> Member:
    return Member(seed, DeepSEM(torch.as_tensor(W, dtype=torch.float32), n_hidden=4), [], 0.0)


def network(seed: int) -> np.ndarray:
    """The same 60 edges in every member, of both signs, and noise of its own."""
    W = np.zeros(M * M)
    W[np.random.default_rng(0).permutation(M * M)[:60]] = np.r_[np.full(35, 0.3), np.full(25, -0.2)]
    W = W.reshape(M, M) + 0.01 * np.random.default_rng(100 + seed).normal(size=(M, M))
    np.fill_diagonal(W, 0)
    return W


@pytest.fixture
def members() -> list[Member]:
    return [member(network(seed), seed) for seed in range(4)]


CONFIG = Config(lr_W=1e-4, W_init="safe")


def complaint(members: list[Member]) -> str:
    """What is said of the last member; the others must be healthy."""
    *others, last = health(members, CONFIG)
    assert not any(found.complaints for found in others)
    assert healthy(members, [*others, last]) == members[:-1]
    [text] = last.complaints[:1]
    return text


def test_healthy_members_have_no_complaint(members) -> None:
    found = health(members, CONFIG)
    assert all(not one.complaints for one in found)
    assert healthy(members, found) == members


def test_a_member_at_its_start_is_named(members) -> None:
    start = initial_W(M, "safe", torch.Generator().manual_seed(9)).numpy()
    assert "where it started" in complaint([*members, member(start, 9)])


def test_the_start_is_that_of_the_training() -> None:
    X = np.random.default_rng(0).normal(size=(64, M)).astype(np.float32)
    config = Config(n_epochs=1, K1=1, n_hidden=4)  # the first epoch trains the MLPs only
    trained = train(X, None, config, seed=3)
    np.testing.assert_array_equal(trained.W, start_of(trained, config))


def test_an_emptied_member_is_named(members) -> None:
    tiny = 1e-5 * np.random.default_rng(1).normal(size=(M, M))
    assert "W is empty" in complaint([*members, member(tiny, 9)])


def test_an_offset_of_one_sign_is_named(members) -> None:
    assert "one sign" in complaint([*members, member(0.02 * network(9) - 0.05, 9)])


def test_a_nearly_singular_member_is_named(members) -> None:
    W = network(9)
    W += (0.95 - W.sum(axis=1, keepdims=True)) / (M - 1)
    np.fill_diagonal(W, 0)
    [*others, last] = health([*members, member(W, 9)], CONFIG)
    assert any("I - W is close to singular" in text for text in last.complaints)
    assert not any(one.complaints for one in others)


def test_a_member_that_is_alone_is_named(members) -> None:
    other = network(9).T.copy()
    assert "shares" in complaint([*members, member(other, 9)])


def test_pairs_by_hand() -> None:
    """Two networks of four edges with three in common, and regulators that leave one out."""
    A, B = np.zeros((2, 30, 30))
    A[[1, 2, 3, 4], [0, 0, 1, 2]] = B[[1, 2, 3, 5], [0, 0, 1, 2]] = 1
    pair = [member(A, 0), member(B, 1)]
    assert shared_edges(pair, top=4)["shared"].tolist() == [0.75]
    only = shared_edges(pair, regulators=np.array([0, 1]), top=3)
    assert only["shared"].tolist() == [1.0]
    assert only["chance"].tolist() == [3 / (2 * 29)]


def test_control_is_one_for_the_correlation_itself_and_low_for_noise() -> None:
    X = simulate(Setting(n_genes=60, n_cells=200, zeros=0.1)).X
    itself = control(np.abs(corrected_correlation(X)), X, np.arange(12))
    assert itself == {"rank": pytest.approx(1), "shared": 1}
    noise = control(np.random.default_rng(0).random((60, 60)), X, np.arange(12))
    assert abs(noise["rank"]) < 0.15
    assert noise["shared"] < 0.45  # by chance 200 / 708


def test_alpha_that_empties_W_is_found_in_a_real_training() -> None:
    """The paper's weight of mean|W| with 60 genes, beside one that lets W grow."""
    data = simulate(Setting(n_genes=60, n_cells=200, zeros=0.1))
    Z = standardise(data.X, "cells")[0]
    settings = dict(n_epochs=61, lr_W=5e-4, W_init="safe", n_hidden=16, n_knots=32)
    for alpha, empty in ((1000.0, True), (1.0, False)):
        config = Config(alpha=alpha, **settings)
        trained = [train(Z, None, config, seed) for seed in (0, 1)]
        told = " ".join(text for one in health(trained, config) for text in one.complaints)
        assert ("W is empty" in told) == empty
