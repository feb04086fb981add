"""The numbers of the slides: those of the chapters' answers, from the recorded tables.

A slide writes `{whole.best} of {whole.n}`; `whole` is the name of a chapter's answer below.
"""

from types import SimpleNamespace
from typing import Any

from deepsem_book import (
    beeline,
    cortex,
    datasets,
    embedding,
    lineage,
    removal,
    scorecard,
    simulation,
    speed,
    training,
)

DATA = "beeline/mDC-500"  # the cells of chapter 5


def numbers() -> dict[str, SimpleNamespace]:
    """Every answer by its name, with its numbers as attributes."""
    return {name: SimpleNamespace(**values) for name, values in answers().items()}


def answers() -> dict[str, dict[str, Any]]:
    """What each chapter's first cell says, by the name that a slide uses."""
    results = datasets.results
    recorded = beeline.benchmark_table.recorded("", "lineage")
    epr = lineage.grid.scores_of(recorded)["EPR"]
    cells = beeline.live.recorded_scores(recorded, DATA)
    motifs = cortex.recorded.recorded_rows(results("cortex"), k=12)
    return {
        "training": training.recorded.answer(training.recorded.single_and_ensemble()),
        "cells": beeline.live.answer(cells),
        "whole": beeline.comparison.answer(beeline.Comparison.of(recorded)),
        "speed": speed.recorded.answer(results("speed")),
        "degrees": beeline.evidence.answer(),
        "after": lineage.grid.answer(epr, lineage.grid.seconds_by_matrix(recorded)),
        "embedding": embedding.recorded.answer(
            embedding.recorded.coarse_rows(results("embedding"))
        ),
        "cortex": cortex.recorded.answer(motifs, results("cortex_power")),
        "simulation": simulation.recorded.answer(simulation.recorded.usable(results("simulation"))),
        "removal": removal.recorded.answer(results("removal")),
        "claims": scorecard.board.answer(scorecard.claims.scorecard()),
    }
