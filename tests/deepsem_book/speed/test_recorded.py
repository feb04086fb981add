"""Where the time goes: shares, verdicts, exponents and tests of hand-made tables."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import speed
from deepsem_book.speed import cumulative, recorded


def timed(section: str, **seconds: float) -> list[dict[str, object]]:
    """Rows of speed.csv, a step each."""
    return [
        {"section": section, "engine": name.replace("_", " "), "seconds": s, "seconds_per_step": s,
         "n_genes": 500, "n_cells": 10}
        for name, s in seconds.items()
    ]  # fmt: skip


def test_the_share_of_the_mlps_is_what_the_tables_save_of_the_port() -> None:
    times = dict(zip([*cumulative.STAGES, cumulative.DIRECT], [0.2, 0.1, 0.04, 0.02, 0.01, 0.11]))
    table = pd.DataFrame([
        row | {"engine": stage} for stage, time in times.items()
        for row in timed("cumulative", x=time)
    ])  # fmt: skip
    numbers = recorded.answer(table)
    assert numbers["mlps"] == pytest.approx(0.5) and numbers["times"] == pytest.approx(20)
    stages = recorded.stages(table)
    assert stages["this saving alone, ×"].tolist()[1:] == pytest.approx([2, 2.5, 2, 2])
    assert stages["together, ×"].tolist() == pytest.approx([1, 2, 5, 10, 20])


def test_an_idea_is_kept_where_it_takes_less_time() -> None:
    rows = timed("savings", fast=1.0) + [
        row | {"engine": name} for name in ("direct MLPs", "1024 knots")
        for row in timed("savings", x=2.0)
    ]  # fmt: skip
    rows += timed("batched", one_batch=3.0, one_by_one=2.0)
    rows += timed("refinement", refine=1.5, factorise=1.0)
    verdicts = recorded.ideas(pd.DataFrame(rows))["verdict"]
    assert verdicts.tolist() == ["kept", "kept", "dropped", "dropped"]


def test_engines_that_differ_in_spread_alone_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    values = {"plain": rng.normal(3, 0.1, 30), "fast": rng.normal(3, 1.0, 30)}
    table = pd.DataFrame([
        {"data": "beeline/a-500", "network": "STRING", "engine": engine, "epr": v, "auprc_ratio": v}
        for engine, vs in values.items() for v in vs
    ])  # fmt: skip
    by = recorded.compare_engines(table).loc[("a-500", "STRING", "EPR")]
    assert by["p, spread"] < 1e-4 and by["p, level"] > 0.05 and by["differs"] == "yes"
    same = table.assign(epr=np.tile(values["plain"], 2), auprc_ratio=np.tile(values["plain"], 2))
    assert (recorded.compare_engines(same)["differs"] == "not shown").all()


def test_exponent_of_a_cube_is_three():
    sizes = np.array([1.0, 2.0, 4.0])
    table = pd.DataFrame({"engine": "fast", "n_genes": sizes, "seconds": 5 * sizes**3})
    assert speed.exponent(table, "fast", "n_genes", "seconds") == pytest.approx(3)


def test_times_are_of_whole_trainings():
    rows = [[0, "a", 2.0, 0.5], [0, "b", 3.0, 0.25]]
    table = pd.DataFrame(rows, columns=["repeat", "engine", "seconds", "part"])
    times = speed.relative_times(table.assign(section="peers"), "a")
    assert times.loc[0, "b"] == 3  # 12 s against 4 s
