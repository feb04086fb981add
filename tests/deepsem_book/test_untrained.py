"""The member before its training is the one that `train` starts from."""

import numpy as np
import pytest
import torch

from deepsem_book.untrained import untrained
from deepsem_minimal import Config, train
from deepsem_minimal.preprocess import standardise


@pytest.mark.parametrize("bias", ["random", "zero"])
def test_it_is_the_start_of_a_training_that_takes_no_steps(bias):
    cells = standardise(np.random.default_rng(0).normal(size=(30, 5)))
    config = Config(W_init="safe", encoder_bias=bias, n_epochs=1, lr=1e-12)
    start, end = untrained(5, config, seed=3), train(cells, config, seed=3)
    assert np.array_equal(start.W, end.W) and start.seed == 3 and start.history == []
    for mine, theirs in zip(start.model.parameters(), end.model.parameters(), strict=True):
        torch.testing.assert_close(mine.detach(), theirs.detach(), atol=1e-9, rtol=0)
