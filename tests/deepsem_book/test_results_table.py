"""What a table of results runs, and what it leaves alone."""

from pathlib import Path

import pytest

from deepsem_book.errors import BadInput
from deepsem_book.results_table import ResultsTable


def table_at(path: Path) -> ResultsTable:
    columns = ["data", "seed", "network", "score"]
    return ResultsTable(path, columns[:3], columns, text=("data", "network"), whole=("seed",))


def test_only_runs_without_a_row_are_measured_in_the_order_given(tmp_path: Path) -> None:
    table, measured = table_at(tmp_path / "scores.csv"), []
    table.put([{"data": "a", "seed": 1, "network": "x", "score": 9.0}])

    def measure(data: str, seed: int) -> list[dict[str, object]]:
        measured.append((seed, data))
        if (data, seed) == ("b", 1):
            raise KeyboardInterrupt
        row = {"data": data, "seed": seed, "score": 0.5}
        return [row | {"network": network} for network in ("x", "y")]

    runs = [(0, "b"), (0, "a"), (1, "a"), (1, "b")]
    with pytest.raises(KeyboardInterrupt):
        table.fill(["seed", "data"], runs, measure)
    assert measured == [(0, "b"), (0, "a"), (1, "b")]  # (1, "a") has a row
    rows = table.read()
    assert rows[["data", "seed"]].drop_duplicates().to_numpy().tolist() == [
        ["a", 0], ["a", 1], ["b", 0]]  # fmt: skip
    assert len(rows) == 5 and rows["score"].max() == 9


def test_nothing_is_measured_for_a_table_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    table = table_at(tmp_path / "file" / "scores.csv")
    with pytest.raises(BadInput, match="cannot write into"):
        table.fill(["seed"], [(0,)], lambda seed: pytest.fail("measured"))
