"""Whatever the bytes of a file are, the command ends with an exit code and at most one message."""

import os
from pathlib import Path

import numpy as np
import pytest
from anndata import AnnData
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepsem_minimal import cli

SUFFIXES = [".csv", ".tsv", ".csv.gz", ".h5ad", ".h5", ".loom", ".mtx", ".xlsx", ""]
CELLS = st.sampled_from(["", "0", "1", "-3", "2.5", "nan", "inf", "x", '"', "é", "1e400", "0x1"])
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=0, max_size=6).map(
    lambda rows: "\n".join(",".join(row) for row in rows).encode()
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def ends_well(path: Path, capsys) -> None:
    out = path.parent / "edges.csv"
    words = ["--out", str(out), "--epochs", "1", "--seeds", "1", "--jobs", "1", "--quiet"]
    code = cli.main(["infer", str(path), *words])
    error = capsys.readouterr().err
    assert code in (0, 1, 2) and "Traceback" not in error
    assert error.count("deepsem:") == (code != 0) and out.exists() == (code == 0)
    out.unlink(missing_ok=True)


calm = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@calm
@given(content=st.one_of(st.binary(max_size=200), TABLES), suffix=st.sampled_from(SUFFIXES))
def test_any_bytes(folder, capsys, content, suffix):
    path = folder / f"input{suffix}"
    path.write_bytes(content)
    ends_well(path, capsys)


@calm
@given(length=st.floats(0, 1), at=st.floats(0, 1), byte=st.integers(0, 255))
def test_damaged_h5ad(folder, capsys, length, at, byte):
    """Cut short, or whole with one byte changed."""
    whole = folder / "whole.h5ad"
    if not whole.exists():
        AnnData(np.random.default_rng(0).poisson(5.0, (6, 4)).astype(np.float32)).write_h5ad(whole)
    content = bytearray(whole.read_bytes())
    if byte % 2:
        content = content[: int(length * len(content))]
    else:
        content[int(at * (len(content) - 1))] = byte
    path = folder / "damaged.h5ad"
    path.write_bytes(bytes(content))
    ends_well(path, capsys)
    assert os.path.exists(path)
