"""Whatever a file or matrix holds, there is a result or one message that says what is wrong."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from deepsem_book.errors import BadInput
from deepsem_book.own_data import cli, prepare
from deepsem_minimal.preprocess import dense

SUFFIXES = [".csv", ".tsv", ".csv.gz", ".h5ad", ".h5", ".loom", ".mtx", ".xlsx", ""]
CELLS = st.sampled_from(["", "0", "1", "-3", "2.5", "nan", "inf", "x", '"', "é", "1e400", "0x1"])
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=0, max_size=6).map(
    lambda rows: "\n".join(",".join(row) for row in rows).encode()
)


DTYPES = ["float32", "float64", "int32", "int64", "uint16", "bool"]
LAYOUTS = [
    np.asarray, np.asfortranarray, sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array,
]  # fmt: skip
SCALES = st.sampled_from(["auto", "counts", "log"])


@st.composite
def anndatas(draw, largest: int = 6) -> AnnData:
    shape = draw(st.integers(0, largest)), draw(st.integers(0, largest))
    seed, dtype = draw(st.integers(0, 99)), draw(st.sampled_from(DTYPES))
    X = np.random.default_rng(seed).poisson(draw(st.sampled_from([0, 0.5, 40])), shape)
    X = X.astype(dtype)
    if X.size and dtype.startswith("float"):
        X.flat[0] = draw(st.sampled_from([0, 0.5, -1, np.nan, np.inf, 1e30]))
    number = str if draw(st.booleans()) else lambda i: str(i // 2)  # or names that occur twice
    first = [draw(st.sampled_from(["A", "a", "TP53", "g", ""])) for _ in range(shape[1])]
    names = [name + number(i) for i, name in enumerate(first)]
    return AnnData(draw(st.sampled_from(LAYOUTS))(X), var=pd.DataFrame(index=names))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    anndatas(), st.sampled_from([None, ["tp530", "A1"]]), st.sampled_from([None, 1, 1000]),
    SCALES, st.booleans(),
)  # fmt: skip
def test_prepare_answers_or_says_what_is_wrong(adata, tfs, n_genes, scale, sum_duplicates):
    before = dense(adata.X).copy()
    try:
        prepared, notes, _ = prepare.prepare_cells(adata, tfs, n_genes, scale, sum_duplicates)
    except BadInput as error:
        assert len(str(error)) > 20 and "\n" not in str(error)
        return
    finally:
        np.testing.assert_array_equal(dense(adata.X), before)  # the reader's matrix is left alone
    X = dense(prepared.X)
    assert np.isfinite(X).all() and (X >= 0).all() and X.dtype == np.float32
    assert sparse.issparse(prepared.X) == sparse.issparse(adata.X)
    assert prepared.n_obs >= 2 and prepared.n_vars >= 3 and notes and prepared.var_names.is_unique


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def ends_well(path: Path, capsys, *more: str) -> None:
    out = path.parent / "edges.csv"
    words = ["--out", str(out), "--epochs", "2", "--seeds", "1", "--jobs", "1", "--quiet", *more]
    code = cli.main(["infer", str(path), *words])
    error = capsys.readouterr().err
    assert code in (0, 1, 2, 3) and "Traceback" not in error
    assert error.count("deepsem:") == (code in (1, 2)) and out.exists() == (code in (0, 3))
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
@given(adata=anndatas(largest=9), scale=SCALES, seen=st.sampled_from(["0", "0.5"]))
def test_any_h5ad(folder, capsys, adata, scale, seen):
    """Shapes, types, sparsity and layouts, from the file to the edges."""
    adata.write_h5ad(folder / "any.h5ad")
    ends_well(folder / "any.h5ad", capsys, "--scale", scale, "--detected", seen)


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


def test_a_damaged_mtx_ends_with_an_error_and_not_with_the_process(folder, capsys):
    """scipy's reader, given the file itself, aborts on these bytes: its stream cannot seek back."""
    path = folder / "damaged.mtx"
    path.write_bytes(b"\x00Eb030bc365\xff20e9c \n5-051cEcc8015\n\r\r3\x005%78a\r,\xffbce")
    for name in ("features.tsv", "barcodes.tsv"):
        (folder / name).write_text("a\nb\nc\n")
    ends_well(path, capsys)
    for name in ("features.tsv", "barcodes.tsv"):
        (folder / name).unlink()
