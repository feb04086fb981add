"""Every stage of the cumulative table trains the same model."""

import numpy as np
import pytest

from deepsem_book.speed import cumulative
from deepsem_minimal.config import Config
from deepsem_minimal.model import InverseGRNLayer
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.train import train


@pytest.fixture(scope="module")
def given() -> tuple[Expression, Config]:
    X = np.random.default_rng(0).poisson(2.0, (200, 40)).astype(np.float32)
    config = Config.nonspecific(n_epochs=6, W_init="safe")
    return Expression.of(X, config), config


@pytest.mark.parametrize("stage", [*cumulative.STAGES[1:], cumulative.DIRECT])
def test_a_stage_changes_no_number_but_by_rounding(given, stage, monkeypatch) -> None:
    trained = []

    def kept(*of: object) -> None:
        trained.append(train(*of))

    monkeypatch.setattr(cumulative, "train", kept)
    assert cumulative.run(stage, *given) > 0
    np.testing.assert_allclose(trained[0].W, train(*given).W, atol=2e-5)


def test_the_patches_are_taken_back(given) -> None:
    before = InverseGRNLayer.forward, cumulative.TRAINING.scan_in_pieces, cumulative.engine.BLOCK
    cumulative.run(cumulative.STAGES[1], *given)
    assert before == (
        InverseGRNLayer.forward,
        cumulative.TRAINING.scan_in_pieces,
        cumulative.engine.BLOCK,
    )


def test_what_is_still_off_grows_towards_the_port() -> None:
    counts = [len(cumulative.patches(stage)) for stage in cumulative.STAGES[1:]]
    assert counts == [4, 3, 1, 0]
