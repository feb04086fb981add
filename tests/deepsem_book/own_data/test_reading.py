"""Files of a reader: every format and layout gives the same expression."""

import gzip
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import io, sparse

from deepsem_book.errors import BadInput
from deepsem_book.own_data import orientation, prepare, read
from deepsem_minimal.preprocess import dense

LAYOUTS = [np.asarray, np.asfortranarray, sparse.csr_matrix, sparse.csc_matrix]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_counts_become_log_of_counts_per_ten_thousand(layout):
    counts = np.array([[50.0, 30, 20, 0], [1, 0, 1, 98], [5, 5, 10, 0]], dtype=np.float32)
    prepared, notes, _ = prepare.prepare_cells(AnnData(layout(counts)))
    expected = np.log1p(counts / counts.sum(1, keepdims=True) * 1e4)
    np.testing.assert_allclose(dense(prepared.X), expected, rtol=1e-5)
    assert "raw counts" in notes[0]
    again, notes, _ = prepare.prepare_cells(prepared)
    np.testing.assert_array_equal(dense(again.X), dense(prepared.X))  # log expression is left alone
    assert "log expression" in notes[0]


def test_empty_genes_and_cells_go_and_the_most_varying_stay():
    X = np.array([[1.5, 0, 2, 0.1], [0, 0, 0, 0], [0.5, 0, 9, 0.1], [0.7, 0, 1, 0.2]])
    adata = AnnData(X, var=pd.DataFrame(index=["tf", "none", "much", "little"]))
    prepared, notes, _ = prepare.prepare_cells(adata, ["TF"], 5)
    assert list(prepared.var_names) == ["tf", "much", "little"] and prepared.n_obs == 3
    assert list(prepared.var["tf"]) == [True, False, False] and len(notes) == 5
    keep = prepare.most_varying(X, np.array([True, False, False, False]), 1)
    assert list(keep) == [0, 2]


@pytest.mark.parametrize("orientation", ["cells", "genes", "auto"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz"])
def test_text_in_both_orientations(tmp_path, orientation, suffix):
    table = pd.DataFrame(np.arange(12.0).reshape(3, 4), list("xyz"), GENES)
    path = tmp_path / f"t{suffix}"
    written = table.T if orientation == "genes" else table
    written.to_csv(path, sep="\t" if suffix == ".tsv" else ",")
    adata, notes, _ = read.read(path, orientation=orientation)
    assert list(adata.var_names) == GENES and list(adata.obs_names) == list("xyz")
    np.testing.assert_array_equal(adata.X, table)
    assert len(notes) == (orientation == "auto")


COUNTS = np.random.default_rng(0).poisson(3.0, (5, 4)).astype(np.float32)
CELLS, GENES = [f"AAACCTG{c}-1" for c in "ACGTA"], ["B2M", "ACTB", "GATA1", "SPI1"]
CELLS[4] = "TTTCCTGA-1"


def write_h5ad(path):
    AnnData(sparse.csr_matrix(COUNTS), pd.DataFrame(index=CELLS), pd.DataFrame(index=GENES)).write(
        path
    )


def write_loom(path):
    with h5py.File(path, "w") as file:
        file["matrix"], file["row_attrs/Gene"] = COUNTS.T, np.array(GENES, dtype="S")
        file["col_attrs/CellID"] = np.array(CELLS, dtype="S")
        file["layers/twice"] = 2 * COUNTS.T


def write_10x_h5(path, version=3):
    columns = sparse.csc_matrix(np.c_[COUNTS, np.full(5, 100)].T if version == 3 else COUNTS.T)
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix" if version == 3 else "GRCh38")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(columns, name)
        group["shape"], group["barcodes"] = columns.shape, np.array(CELLS, dtype="S")
        if version == 3:  # with an antibody, which is not a gene
            kinds = ["Gene Expression"] * 4 + ["Antibody Capture"]
            group["features/name"] = np.array([*GENES, "CD3"], dtype="S")
            group["features/feature_type"] = np.array(kinds, dtype="S")
            group["features/id"] = np.array([f"ENSG{i}" for i in range(5)], dtype="S")
            group["features/genome"] = np.array(["GRCh38"] * 4 + [""], dtype="S")
        else:
            group["gene_names"] = np.array(GENES, dtype="S")
            group["genes"] = np.array([f"ENSG{i}" for i in range(4)], dtype="S")


def write_mtx(folder, prefix="", features="features.tsv.gz"):
    folder.mkdir()
    io.mmwrite(folder / "matrix.mtx", sparse.coo_matrix(COUNTS.T))
    (folder / "matrix.mtx").rename(folder / f"{prefix}matrix.mtx")
    plain = {"sep": "\t", "header": False, "index": False}
    pd.Series(CELLS).to_csv(folder / f"{prefix}barcodes.tsv.gz", **plain)
    table = pd.DataFrame({"id": [f"ENSG{i}" for i in range(4)], "name": GENES})
    table.to_csv(folder / f"{prefix}{features}", **plain)


FORMATS = {
    "x.h5ad": write_h5ad,
    "x.loom": write_loom,
    "v3.h5": write_10x_h5,
    "v2.h5": lambda path: write_10x_h5(path, version=2),
    "folder": write_mtx,
    "geo": lambda path: write_mtx(path, "GSM1_", "genes.tsv"),
    "x.csv": lambda path: pd.DataFrame(COUNTS, CELLS, GENES).to_csv(path),
    "semicolons.txt": lambda path: pd.DataFrame(COUNTS, CELLS, GENES).to_csv(path, sep=";"),
    "R.tsv": lambda path: pd.DataFrame(COUNTS.T, GENES, CELLS).to_csv(
        path, sep="\t", index_label=False
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same(tmp_path, name):
    FORMATS[name](tmp_path / name)
    adata, notes, _ = read.read(tmp_path / name)
    assert list(adata.obs_names) == CELLS and list(adata.var_names) == GENES
    np.testing.assert_array_equal(dense(adata.X), COUNTS)
    assert sparse.issparse(adata.X) == (not name.endswith(("csv", "txt", "tsv")))
    assert [note for note in notes if "not genes left out" in note] == (
        ["1 features that are not genes left out"] if name == "v3.h5" else []
    )


def test_a_10x_file_with_two_genomes_is_refused(tmp_path):
    write_10x_h5(tmp_path / "x.h5", version=2)
    with h5py.File(tmp_path / "x.h5", "a") as file:
        file.copy("GRCh38", "mm10")
    with pytest.raises(BadInput, match=r"several genomes \(GRCh38, mm10\).*--genome"):
        read.read(tmp_path / "x.h5")
    assert list(read.read(tmp_path / "x.h5", genome="mm10").adata.var_names) == GENES


@pytest.mark.parametrize(
    "rows, columns, label, expected, why",
    [
        (CELLS, GENES, "", "cells", "known gene names"),
        (GENES, CELLS, "", "genes", "known gene names"),
        (["a", "b"], CELLS, "", "genes", "cell barcodes"),
        (CELLS, ["a", "b"], "", "cells", "cell barcodes"),
        (list("abc"), ["MY1", "b"], "", "cells", "known gene names"),
        (list("abc"), list("de"), "gene_id", "genes", "called 'gene_id'"),
        (list("abc"), list("de"), "Barcode", "cells", "called 'Barcode'"),
        (["s1_AAACCTGAGAAACC", "b"], list("de"), "", "cells", "cell barcodes"),
        (list("abc"), ["Patient 1 cell no 3", "x"], "", "genes", "cell barcodes"),
        (list("abc"), ["GSM123456", "GSM123457"], "", "genes", "cell barcodes"),
        (["FBgn0000001", "x"], list("ab"), "", "genes", "known gene names"),
        (list("ab"), ["AT1G01010", "AT2G01020"], "", "cells", "known gene names"),
        (["YAL001C", "YAL002W"], list("ab"), "", "genes", "known gene names"),
        (list("ab"), ["ENSMUSG00000000001.4", "c"], "", "cells", "known gene names"),
        (list("abc"), list("de"), "", None, "neither"),  # the longer side is no evidence
        (list("ab"), list("de"), "", None, "neither"),
        (CELLS, list("abcd"), "gene", None, "is called 'gene', but"),
        (["B2M", "ACTB"], ["GATA1", "SPI1"], "", None, "neither"),
    ],
)
def test_orientation_is_told_by_evidence_or_refused(rows, columns, label, expected, why):
    if expected is None:
        with pytest.raises(BadInput, match=f"{why}.*--orientation cells or"):
            orientation.orientation(rows, columns, ["my1"], label)
        return
    side, reason = orientation.orientation(rows, columns, ["my1"], label)
    assert side == expected and why in reason


def test_layer_raw_and_names(tmp_path):
    adata = AnnData(np.ones((3, 4)), layers={"counts": np.full((3, 4), 7.0)})
    adata.raw = AnnData(np.full((3, 6), 5.0), adata.obs)
    adata.var["feature_name"] = GENES
    adata.write_h5ad(tmp_path / "a.h5ad")
    assert (read.read(tmp_path / "a.h5ad", layer="counts").adata.X == 7).all()
    cells = read.read(tmp_path / "a.h5ad", raw=True).adata
    assert cells.shape == (3, 6) and (cells.X == 5).all()
    cells = read.read(tmp_path / "a.h5ad", gene_names="feature_name").adata
    assert list(cells.var_names) == GENES
    write_loom(tmp_path / "a.loom")
    cells = read.read(tmp_path / "a.loom", layer="twice").adata
    np.testing.assert_array_equal(dense(cells.X), 2 * COUNTS)
    with pytest.raises(BadInput, match="no layer 'x'; it has twice"):
        read.read(tmp_path / "a.loom", layer="x")
    (tmp_path / "a.doc").write_text("")
    with pytest.raises(BadInput, match="unknown format; known are"):
        read.read(tmp_path / "a.doc")
    with pytest.raises(BadInput, match=r"holds no matrix\.mtx"):
        read.read(tmp_path)


@pytest.mark.parametrize("name, advice", [
    ("a.gct", "cut -f1,3- > x.tsv"), ("a.gct.gz", "cut -f1,3- > x.tsv"), ("a.csv.zst", "zstd -d"),
    ("a.RDS", "writeH5AD"), ("a.h5Seurat", "Convert"), ("a.xlsx", "Save it as csv"),
])  # fmt: skip
def test_what_must_be_converted_first_is_told_how(tmp_path, name, advice):
    content = gzip.compress(b"#1.2\n") if name.endswith(".gz") else b"#1.2\n"
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match="unknown format; known are") as told:
        read.read(tmp_path / name)
    assert advice in str(told.value)


def test_a_packed_zarr_is_to_be_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zarr.zip", "w") as archive:
        archive.writestr(".zgroup", "{}")
        archive.writestr("X/0.0", "1")
    with pytest.raises(BadInput, match=r"unpack it .* and give the folder"):
        read.read(tmp_path / "x.zarr.zip")


def test_genes_that_few_cells_show_are_left_out():
    X = np.random.default_rng(0).uniform(1, 2, (20, 5)).astype(np.float32)
    X[1:, 0] = X[3:, 1] = 0  # seen in 1 and 3 of 20 cells
    adata = AnnData(X, var=pd.DataFrame(index=list("abcde")))
    prepared, notes, mended = prepare.prepare_cells(adata, ["b", "c"])
    assert list(prepared.var_names) == list("bcde") and mended == []
    assert "1 genes seen in less than 10% of the cells left out" in notes
    assert prepare.prepare_cells(adata, detected=0.0).adata.n_vars == 5
    with pytest.raises(BadInput, match="1 TFs are in the data, but none in enough cells"):
        prepare.prepare_cells(adata, ["A"])
