"""The grid goes on where it was stopped, and its rows say what was measured."""

from dataclasses import replace

import numpy as np
import pytest

from deepsem_book import truth_table
from deepsem_book.results_table import ResultsTable
from deepsem_book.truth import grid, methods, settings
from deepsem_book.truth.simulator import Setting
from deepsem_minimal.config import Config

SMALL = Setting(n_genes=30, n_cells=60)


@pytest.fixture
def table(tmp_path) -> ResultsTable:
    return truth_table.table_at(tmp_path / "new" / "grid.csv")


def test_a_second_run_infers_only_what_is_missing(table, monkeypatch) -> None:
    grid.run(table, [SMALL], [0, 1], ["correlation"], 1)
    first = table.path.read_text()
    asked = []
    infer = grid.infer
    monkeypatch.setattr(grid, "infer", lambda d, m, n: (asked.append(m), infer(d, m, n))[1])
    grid.run(table, [SMALL], [0, 1], ["correlation", "ridge"], 1)
    assert asked == ["ridge", "ridge"]
    assert table.path.read_text().startswith(first.rstrip("\n"))
    assert len(table.read()) == 4


def test_stopped_in_the_middle_nothing_of_an_inference_is_there(table, monkeypatch) -> None:
    def dies(data, method, n_members):
        if method == "ridge":
            raise KeyboardInterrupt
        return infer(data, method, n_members)

    infer = grid.infer
    monkeypatch.setattr(grid, "infer", dies)
    with pytest.raises(KeyboardInterrupt):
        grid.run(table, [SMALL], [0], ["correlation", "ridge"], 1)
    assert table.read()["method"].tolist() == ["correlation"]


def test_deepsem_has_a_row_for_each_member_and_one_for_all(table, monkeypatch) -> None:
    fast = Config(n_epochs=3, n_hidden=8, W_init="zero", lr_W=1e-3, n_knots=16)
    monkeypatch.setitem(methods.CONFIGS, truth_table.OWN, lambda n_cells, n_genes: fast)
    grid.run(table, [SMALL], [0], [truth_table.OWN], 3)
    rows = table.read()
    assert rows["seed"].tolist() == [0, 1, 2, truth_table.ENSEMBLE]
    assert rows["n_members"].tolist() == [1, 1, 1, 3]
    assert rows["shared"].notna().tolist() == [False, False, False, True]


def test_names_tell_settings_apart() -> None:
    listed = [setting for levels in settings.KNOBS.values() for setting in levels]
    assert len({settings.name_of(s) for s in listed}) == len(set(listed))
    assert settings.name_of(settings.BASE) == "base"
    assert settings.name_of(replace(settings.BASE, zeros=0.6, n_cells=50)) == "n_cells=50 zeros=0.6"


def test_the_paper_is_read_out_by_absolute_values_and_own_data_by_the_centre() -> None:
    rng = np.random.default_rng(0)
    Ws = 0.5 + 0.1 * rng.normal(size=(2, 6, 6))
    Ws[0, 2, 1], Ws[1, 2, 1] = -0.3, 0.3
    paper = methods.read_out(Ws, truth_table.PAPER, 6)
    np.testing.assert_allclose(np.abs(paper), np.abs(Ws).mean(axis=0))
    own = methods.read_out(Ws, truth_table.OWN, 6)
    assert own.argmin() == 2 * 6 + 1  # far below its column, though its mean is 0
    few = methods.read_out(Ws[:, :, :4], truth_table.FEW, 3)  # the fourth column is a group's
    assert few.shape == (6, 6) and few[:, :3].any() and not few[:, 3:].any()
    assert not np.diag(few).any()
