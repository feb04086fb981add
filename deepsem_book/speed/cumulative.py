"""The savings of `engine.py` switched on one after another, from the authors' loop to the package.

The stages run our model with what is still off patched back: the inverse as the authors take it,
factors and scans that are thrown away after each use, an update of W in one piece.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import partial
from typing import Any
from unittest import mock

import torch

from deepsem_minimal import engine
from deepsem_minimal.config import Config
from deepsem_minimal.model import InverseGRNLayer
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.train import train

from .authors_loop import train_plain
from .timing import Row, mdc, row, timed

Patch = Callable[[], AbstractContextManager[Any]]
SECTION = "cumulative"
PORT, PACKAGE, DIRECT = "the authors' loop", "+ W updated in blocks", "all but the tables"


def inverted(layer: InverseGRNLayer, z: torch.Tensor) -> torch.Tensor:
    """z (I - Wᵀ)⁻¹ by the inverse, whose gradient takes two more products of m x m matrices."""
    W = layer.grn.W
    return z @ torch.linalg.inv(torch.eye(len(W)) - W.T)


class Forgetful(engine.Factor):
    """Factorises for every solve, backward too."""

    def substitute(self, b: torch.Tensor, transposed: bool = False) -> torch.Tensor:
        self.stale = True
        return super().substitute(b, transposed)


TRAINING = sys.modules[train.__module__]  # the package's name `train` is the function
OFF: dict[str, list[Patch]] = {  # the stage that brings a saving: what is patched before it
    "+ a solve, no inverse": [partial(mock.patch.object, InverseGRNLayer, "forward", inverted)],
    "+ nothing computed twice": [
        partial(mock.patch, "deepsem_minimal.model.Factor", Forgetful),
        partial(mock.patch.object, TRAINING, "scan_in_pieces", lambda *_: None),
    ],
    PACKAGE: [partial(mock.patch.object, engine, "BLOCK", 2**40)],
}  # fmt: skip
STAGES = [PORT, "+ tables for the MLPs", *OFF]  # each with all savings of those before it


def patches(stage: str) -> list[Patch]:
    """What is still off at a stage after the port."""
    return [patch for later in STAGES[STAGES.index(stage) + 1 :] for patch in OFF[later]]


def run(stage: str, given: Expression, config: Config) -> float:
    """Seconds of a training at a stage; DIRECT is the package with its MLPs in full."""
    if stage == DIRECT:
        return timed(partial(train, given, replace(config, n_knots=0)))
    with ExitStack() as off:
        for patch in patches(stage):
            off.enter_context(patch())
        return timed(partial(train, given, config))


def cumulative() -> Iterator[Row]:
    """Every stage in turns, 821 genes x 383 cells."""
    (X, raw), config = mdc(), Config.nonspecific(n_epochs=15)
    given, keep = Expression.of(raw, config), (raw != 0).astype("float32")
    for repeat in range(3):
        port = timed(lambda: train_plain(X, keep, config, seed=0))
        yield row(SECTION, PORT, X, config, repeat, port)
        for stage in [*STAGES[1:], DIRECT]:
            yield row(SECTION, stage, X, config, repeat, run(stage, given, config))
