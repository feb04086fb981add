"""Training: presets, alternation, schedules, seeds, and the errors that stop it."""

from __future__ import annotations

import dataclasses
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression, standardise
from deepsem_minimal.sem import random_network, simulate_nonlinear
from deepsem_minimal.train import TrainingError, train

training = sys.modules["deepsem_minimal.train"]  # `deepsem_minimal.train` is the function
FAST = {"n_hidden": 16, "n_knots": 64}


@pytest.fixture(scope="module")
def X() -> np.ndarray:
    """150 cells x 60 genes, standardised: three batches of 64, the last one short."""
    return standardise(simulate_nonlinear(random_network(60, seed=1), 150, seed=1)).X


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def given(X: np.ndarray, keep: np.ndarray | None = None) -> Expression:
    """Cells that are standardised already, and which entries count."""
    return Expression(X, np.zeros(X.shape[1]), np.ones(X.shape[1]), nonzero=keep)


def parameters(member: training.Member) -> dict[str, torch.Tensor]:
    return dict(member.model.named_parameters())


def moved(a: training.Member, b: training.Member) -> set[str]:
    """Parts of the model ("W" or "MLP") in which two members differ."""
    ours, theirs = parameters(a), parameters(b)
    names = {name for name in ours if not torch.equal(ours[name], theirs[name])}
    return {"W" if name == "grn.W" else "MLP" for name in names}


# --- Config --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "alpha", "beta", "n_epochs", "reconstruct", "standardise", "clip"),
    [
        (Config.nonspecific(), 100, 1, 91, "all", "cells", None),
        (Config.cell_type_specific(), 1, 0.01, 151, "nonzero", "nonzero", 10),
        (Config.cell_type_specific("mDC"), 1, 0.01, 151, "nonzero", "nonzero", 10),
        (Config.cell_type_specific("mHSC-GM"), 1, 0.01, 151, "nonzero", "nonzero", 10),
        (Config.cell_type_specific("hESC"), 0.1, 0.01, 151, "nonzero", "nonzero", 10),
        (Config.cell_type_specific("beeline/hESC-500"), 0.1, 0.01, 151, "nonzero", "nonzero", 10),
        (
            Config.cell_type_specific("beeline/mHSC-E-1000"),
            0.1,
            0.01,
            151,
            "nonzero",
            "nonzero",
            10,
        ),
        (Config.embedding(), 10, 1, 120, "nonzero", "nonzero", 15),
        (Config.simulation(), 10, 1, 120, "nonzero", "nonzero", 15),
    ],
)
def test_presets(
    config: Config,
    alpha: float,
    beta: float,
    n_epochs: int,
    reconstruct: str,
    standardise: str,
    clip: float | None,
) -> None:
    """The authors' hyper-parameters; the GRN classes run one epoch more (ledger 13)."""
    assert (config.alpha, config.beta, config.n_epochs) == (alpha, beta, n_epochs)
    assert (config.reconstruct, config.standardise, config.clip) == (reconstruct, standardise, clip)
    assert (config.batch_size, config.n_hidden, config.n_components) == (64, 128, 1)
    assert (config.lr, config.lr_W, config.lr_decay, config.K1, config.K2) == (
        1e-4,
        2e-5,
        0.95,
        1,
        2,
    )
    assert (config.kl, config.W_init, config.encoder_bias) == ("sample", "authors", "random")


def test_changes_to_a_preset_leave_the_rest() -> None:
    config = Config.cell_type_specific("hESC", n_epochs=7)
    expected = dataclasses.replace(Config.cell_type_specific("hESC"), n_epochs=7)
    assert config == expected and config.alpha == 0.1


@pytest.mark.parametrize(
    "bad",
    [
        {"reconstruct": "some"},
        {"standardise": "genes"},
        {"kl": "exact"},
        {"W_init": "zeros"},
        {"encoder_bias": None},
        {"n_epochs": 0},
        {"n_components": 0},
        {"K1": -1},
        {"K2": 0},
        {"batch_size": 0},
        {"n_hidden": 0},
        {"n_knots": 5},
        {"n_knots": -1},
        {"lr": 0.0},
        {"lr_W": -1e-5},
        {"lr_decay": 0.0},
        {"lr_decay": 1.5},
        {"alpha": -1.0},
        {"beta": float("nan")},
        {"clip": 0.0},
    ],
    ids=str,
)
def test_config_rejects(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"Config.*{next(iter(bad))}"):
        Config(**bad)


# --- initial network -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "mean", "sd"),
    [
        ("authors", 1 / 199 + 1e-4, 2e-4 / np.sqrt(12)),  # 1/(m - 1) + U(0, 2e-4)
        ("paper", 1 / 199, 1e-4),  # N(1/(m - 1), ε²)
        ("safe", 0.5 / 199, 2e-4 / np.sqrt(12)),
    ],
)
def test_initial_W(how: str, mean: float, sd: float) -> None:
    W = training.initial_W(200, how, torch.Generator().manual_seed(0)).numpy()
    off = W[~np.eye(200, dtype=bool)]
    assert not W.diagonal().any()
    assert off.mean() == pytest.approx(mean, abs=4e-6)
    assert off.std() == pytest.approx(sd, rel=0.03)


def test_safe_start_is_far_from_singular_for_few_genes() -> None:
    norms = {}
    for how in ("authors", "safe"):
        W = training.initial_W(10, how, torch.Generator().manual_seed(0)).double()
        norms[how] = torch.linalg.norm(torch.linalg.inv(torch.eye(10) - W), 2).item()
    assert norms["authors"] > 500 and norms["safe"] < 3


# --- the loop ------------------------------------------------------------------------------------


def test_epochs_alternate_and_leave_the_other_part_alone(X: np.ndarray) -> None:
    members = [train(given(X), Config(n_epochs=n, **FAST), seed=3) for n in range(1, 5)]
    assert [row["phase"] for row in members[-1].history] == ["MLP", "W", "W", "MLP"]
    assert [row["epoch"] for row in members[-1].history] == [0, 1, 2, 3]
    steps = [moved(a, b) for a, b in pairwise(members)]
    assert steps == [{"W"}, {"W"}, {"MLP"}]
    generator = torch.Generator().manual_seed(3)
    start = training.initial_W(60, "authors", generator).numpy()
    np.testing.assert_array_equal(members[0].W, start)  # the first epoch is the MLPs'


def test_k1_zero_leaves_the_mlps_untouched(X: np.ndarray) -> None:
    few, more = (train(given(X), Config(n_epochs=n, K1=0, **FAST), seed=0) for n in (1, 5))
    assert moved(few, more) == {"W"}
    assert {row["phase"] for row in more.history} == {"W"}


def test_lr_decays_every_epoch_on_the_mlps_and_never_on_W(
    X: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rate is read off the steps: 0.95 ** epoch for the MLPs (ledger 12), constant for W."""
    mlp_rates: list[float] = []
    W_rates: list[float] = []

    class Recorder(torch.optim.RMSprop):
        def step(self, *args: Any, **kwargs: Any) -> Any:
            mlp_rates.append(self.param_groups[0]["lr"])
            return super().step(*args, **kwargs)

    real = training.rmsprop_l1_

    def record(W: Any, grad: Any, average: Any, lr: float, *rest: Any) -> None:
        W_rates.append(lr)
        real(W, grad, average, lr, *rest)

    monkeypatch.setattr(torch.optim, "RMSprop", Recorder)
    monkeypatch.setattr(training, "rmsprop_l1_", record)
    train(given(X), Config(n_epochs=7, **FAST))
    batches = 3
    expected = np.repeat([1e-4 * 0.95**epoch for epoch in (0, 3, 6)], batches)
    np.testing.assert_allclose(mlp_rates, expected, rtol=1e-12)
    np.testing.assert_allclose(W_rates, [2e-5] * 4 * batches, rtol=1e-12)
    mlp_rates.clear()
    train(given(X), Config(n_epochs=7, lr_decay=1.0, **FAST))
    np.testing.assert_allclose(mlp_rates, [1e-4] * 3 * batches, rtol=1e-12)


@pytest.mark.parametrize("masked", [False, True])
def test_first_steps_are_rmsprops(X: np.ndarray, masked: bool) -> None:
    """Three epochs by hand from the same draws: RMSprop on the MLPs, then on W with its L1 term.

    The steps on W are large, so that factors of an old W would show.
    """
    keep = (X > 0).astype(np.float32) if masked else None
    settings = {"alpha": 5.0, "beta": 0.3, "batch_size": 150, "n_hidden": 8, "n_knots": 0}
    config, seed = Config(n_epochs=3, lr_W=1e-3, **settings), 4
    member = train(given(X, keep), config, seed)

    generator, noise = (torch.Generator().manual_seed(seed) for _ in range(2))
    W = training.initial_W(60, "authors", generator)
    model = training.DeepSEM(Config(n_hidden=8, n_knots=0), W, generator)
    x = torch.from_numpy(X)
    others = [p for name, p in model.named_parameters() if name != "grn.W"]
    y = torch.ones(1, 1)
    on_mlps, on_W = (
        torch.optim.RMSprop(others, lr=1e-4),
        torch.optim.RMSprop([model.grn.W], lr=1e-3),
    )
    for optimiser in (on_mlps, on_W, on_W):
        cells = x[torch.randperm(150, generator=generator)]
        kept = (cells > 0).float() if masked else None
        eps = torch.randn(cells.shape, generator=noise)
        loss = model.loss(model.scan(cells, y), cells, kept, eps, 0.3)
        model.zero_grad()
        (loss.elbo + 5.0 * model.grn.W.abs().mean()).backward()
        optimiser.step()
        with torch.no_grad():
            model.grn.W.fill_diagonal_(0)
        model.inverse_grn.factor.stale = True
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(
            parameters(member)[name], parameter.detach(), rtol=1e-5, atol=2e-7, msg=name
        )


def test_history_holds_the_terms_of_eq_7(X: np.ndarray) -> None:
    member = train(given(X), Config(n_epochs=3, alpha=7.0, beta=0.2, **FAST))
    for row in member.history:
        assert row["loss"] == pytest.approx(row["mse"] + 0.2 * row["kl"] + 7.0 * row["l1"])
    assert member.history[-1]["l1"] == pytest.approx(np.abs(member.W).mean())


# --- seeds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("K", [1, 3])
def test_a_seed_gives_the_same_member_and_another_seed_another(X: np.ndarray, K: int) -> None:
    config = Config(n_epochs=4, n_components=K, **FAST)
    first = train(given(X), config, seed=1)
    torch.manual_seed(99)  # the global generator must not matter
    again, other = train(given(X), config, seed=1), train(given(X), config, seed=2)
    assert moved(first, again) == set()
    assert moved(first, other) == {"W", "MLP"}
    assert [row["loss"] for row in first.history] == [row["loss"] for row in again.history]


def test_members_side_by_side_equal_members_one_by_one(X: np.ndarray) -> None:
    config = Config(n_epochs=4, **FAST)
    parallel = train_ensemble(given(X), config, [0, 1, 2], n_jobs=3)
    assert [member.seed for member in parallel] == [0, 1, 2]
    for member in parallel:
        np.testing.assert_array_equal(member.W, train(given(X), config, member.seed).W)
    assert torch.get_num_threads() == 1  # as before


# --- errors --------------------------------------------------------------------------------------


# Rounding leaves a pivot of 0 to 5e-7, depending on the processor; a step on W moves away from it.
@pytest.mark.parametrize(("K1", "m"), [(0, 5), (1, 5), (1, 9), (1, 14)])
def test_singular_start_raises(
    monkeypatch: pytest.MonkeyPatch, X: np.ndarray, K1: int, m: int
) -> None:
    """Row sums of exactly 1, what the printed initialisation means without its noise (ledger 9)."""

    def singular(m: int, *rest: object) -> torch.Tensor:
        return (torch.ones(m, m) / (m - 1)).fill_diagonal_(0)

    monkeypatch.setattr(training, "initial_W", singular)
    with pytest.raises(TrainingError, match=r"Seed 5, epoch 0.*W_init='safe'"):
        train(given(X[:, :m]), Config(n_epochs=2, K1=K1, **FAST), seed=5)


def test_loss_that_is_not_finite_raises(X: np.ndarray) -> None:
    broken = X.copy()
    broken[3, 2] = np.nan
    with pytest.raises(TrainingError, match="the loss is nan"):
        train(given(broken), Config(n_epochs=2, **FAST))
    with pytest.raises(TrainingError, match="the loss is"):
        train(given(X), Config(n_epochs=12, lr=1e4, lr_W=1e4, **FAST))


def test_an_error_in_one_member_reaches_the_caller(X: np.ndarray) -> None:
    with pytest.raises(TrainingError, match="Seed"):
        train_ensemble(given(X * np.nan), Config(n_epochs=2, **FAST), [0, 1], n_jobs=2)


def test_preset_for_ones_own_data_follows_its_rules() -> None:
    paper_like = Config.for_data(1000, 1000)
    assert paper_like.alpha == pytest.approx(10)
    assert Config.for_data(10, 1000).alpha == pytest.approx(100)
    assert Config.for_data(5000, 1000).alpha == pytest.approx(10)
    for n_cells, n_genes in ((200, 100), (1000, 50), (5000, 2000), (19_200, 100)):
        config = Config.for_data(n_cells, n_genes)
        batches = -(-n_cells // config.batch_size)
        steps = batches * sum(epoch % 3 >= 1 for epoch in range(config.n_epochs))
        assert 600 <= steps < 600 + 2 * batches
        reach = config.lr_W * steps * n_genes  # of a row
        assert reach == pytest.approx(10 * np.sqrt(n_cells / 1000))
    many = Config.for_data(10**6, 100)
    assert many.cells_per_epoch == 19_200
    assert many.n_epochs == 3
    assert Config.for_data(1000, 100, beta=0.5).beta == 0.5


def test_zero_start_has_no_offset() -> None:
    W = training.initial_W(200, "zero", torch.Generator().manual_seed(0))
    assert abs(W.mean()) < 2e-6
    assert W.abs().max() <= 1e-4
    assert not W.diagonal().any()
