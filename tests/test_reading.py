"""Files of a reader: every layout gives the same expression or one BadInput, never a traceback."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from deepsem_minimal import reading
from deepsem_minimal.records import BadInput

DTYPES = ["float32", "float64", "int32", "int64", "uint16", "bool"]
LAYOUTS = [np.asarray, np.asfortranarray, sparse.csr_matrix, sparse.csc_matrix]


@st.composite
def anndatas(draw) -> AnnData:
    shape = draw(st.integers(0, 6)), draw(st.integers(0, 6))
    seed, dtype = draw(st.integers(0, 99)), draw(st.sampled_from(DTYPES))
    X = np.random.default_rng(seed).poisson(draw(st.sampled_from([0, 0.5, 40])), shape)
    X = X.astype(dtype)
    if X.size and dtype.startswith("float"):
        X.flat[0] = draw(st.sampled_from([0, 0.5, -1, np.nan, np.inf, 1e30]))
    names = [draw(st.sampled_from(["A", "a", "TP53", "g", ""])) + str(i) for i in range(shape[1])]
    return AnnData(draw(st.sampled_from(LAYOUTS))(X), var=pd.DataFrame(index=names))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anndatas(), st.sampled_from([None, ["tp530", "A1"]]), st.sampled_from([None, 1, 1000]))
def test_prepare_answers_or_says_what_is_wrong(adata, tfs, n_genes):
    try:
        found, notes = reading.prepare(adata, tfs, n_genes)
    except BadInput as error:
        assert len(str(error)) > 20 and "\n" not in str(error)
        return
    assert np.isfinite(found.X).all() and (found.X >= 0).all() and found.X.dtype == np.float32
    assert found.n_obs >= 2 and found.n_vars >= 3 and notes


@pytest.mark.parametrize("layout", LAYOUTS)
def test_counts_become_log_of_counts_per_ten_thousand(layout):
    counts = np.array([[50.0, 30, 20, 0], [1, 0, 1, 98], [5, 5, 10, 0]], dtype=np.float32)
    found, notes = reading.prepare(AnnData(layout(counts)))
    expected = np.log1p(counts / counts.sum(1, keepdims=True) * 1e4)
    np.testing.assert_allclose(found.X, expected, rtol=1e-5)
    assert "raw counts" in notes[0]
    again, notes = reading.prepare(found)
    np.testing.assert_array_equal(again.X, found.X)  # log expression is left alone
    assert "log expression" in notes[0]


def test_empty_genes_and_cells_go_and_the_most_varying_stay():
    X = np.array([[1.5, 0, 2, 0.1], [0, 0, 0, 0], [0.5, 0, 9, 0.1], [0.7, 0, 1, 0.2]])
    adata = AnnData(X, var=pd.DataFrame(index=["tf", "none", "much", "little"]))
    found, notes = reading.prepare(adata, ["TF"], 5)
    assert list(found.var_names) == ["tf", "much", "little"] and found.n_obs == 3
    assert list(found.var["tf"]) == [True, False, False] and len(notes) == 4
    keep = reading.most_varying(X, np.array([True, False, False, False]), 1)
    assert list(keep) == [0, 2]


@pytest.mark.parametrize("orientation", ["cells", "genes", "auto"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz"])
def test_text_in_both_orientations(tmp_path, orientation, suffix):
    table = pd.DataFrame(np.arange(12.0).reshape(3, 4), list("xyz"), ["A", "B", "C", "D"])
    path = tmp_path / f"t{suffix}"
    written = table.T if orientation == "genes" else table
    written.to_csv(path, sep="\t" if suffix == ".tsv" else ",")
    found, notes = reading.read(path, orientation=orientation)
    assert list(found.var_names) == list("ABCD") and list(found.obs_names) == list("xyz")
    np.testing.assert_array_equal(found.X, table)
    assert len(notes) == (orientation == "auto")


def test_layer_raw_and_unknown_formats(tmp_path):
    adata = AnnData(np.ones((3, 4)), layers={"counts": np.full((3, 4), 7.0)})
    adata.write_h5ad(tmp_path / "a.h5ad")
    assert (reading.read(tmp_path / "a.h5ad", layer="counts").adata.X == 7).all()
    with pytest.raises(BadInput, match="no layer 'x'; it has counts"):
        reading.read(tmp_path / "a.h5ad", layer="x")
    with pytest.raises(BadInput, match=r"no \.raw"):
        reading.read(tmp_path / "a.h5ad", raw=True)
    (tmp_path / "a.doc").write_text("")
    with pytest.raises(BadInput, match="unknown format; known are"):
        reading.read(tmp_path / "a.doc")
    with pytest.raises(BadInput, match=r"holds no matrix\.mtx"):
        reading.read(tmp_path)
