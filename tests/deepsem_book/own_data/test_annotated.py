"""Files with an AnnData, looms and 10x files of all versions; a part that is broken stays out."""

import gzip
import os
import shutil

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from command import run
from scipy import io, sparse

from deepsem_book.errors import BadInput
from deepsem_book.own_data import keep, prepare, read
from deepsem_minimal.preprocess import dense

COUNTS = np.random.default_rng(0).poisson(3.0, (6, 4)).astype(np.float32)
CELLS = [f"AAACCTGAG{a}-1" for a in "ACGTNB"]
GENES = ["B2M", "ACTB", "GATA1", "SPI1"]


def small() -> AnnData:
    obs = pd.DataFrame({"kind": pd.Categorical(list("aabbab"))}, CELLS)
    return AnnData(sparse.csr_matrix(COUNTS), obs, pd.DataFrame(index=GENES))


def changed(change):
    """A writer of `small()` whose HDF5 file is changed behind anndata's back."""

    def write(path):
        small().write_h5ad(path)
        with h5py.File(path, "a") as file:
            change(file)

    return write


def foreign(where: str):
    def change(file):
        group = file.require_group(where)
        group["odd"] = np.arange(len(CELLS))
        group["odd"].attrs.update({"encoding-type": "fancy", "encoding-version": "9"})

    return change


def foreign_column(file):
    foreign("obs")(file)
    file["obs"].attrs["column-order"] = np.array(["kind", "odd"], dtype=object)


def in_float16(file):
    data = file["X/data"][...].astype(np.float16)
    del file["X/data"]
    file["X/data"] = data


def split(file):
    """Every entry in two, in any order."""
    X = sparse.csr_matrix(COUNTS)
    twice = np.repeat(np.diff(X.indptr), 1)
    order = np.concatenate([
        np.random.default_rng(0).permutation(np.tile(np.arange(a, b), 2))
        for a, b in zip(X.indptr, X.indptr[1:])
    ])  # fmt: skip
    for name, values in {"data": X.data[order] / 2, "indices": X.indices[order],
                         "indptr": np.r_[0, np.cumsum(2 * twice)]}.items():  # fmt: skip
        del file["X"][name]
        file["X"][name] = values


def nullable_index(file):
    for where in ("obs", "var"):
        values = file[where]["_index"][...]
        del file[where]["_index"]
        group = file[where].create_group("_index")
        group["values"], group["mask"] = values, np.zeros(len(values), bool)
        group["values"].attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
        group["mask"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
        group.attrs.update({"encoding-type": "nullable-string-array", "encoding-version": "0.1.0"})


def seurat_disk(file):
    file["obs"].move("_index", "index")
    file["obs"]["_index"] = file["obs"]["index"][...]
    file["obs"]["_index"].attrs.update(file["obs"]["index"].attrs)
    file["obs"].attrs["_index"] = "index"
    file["obs"].attrs["column-order"] = np.array(["_index", "kind"], dtype=object)


def old(path):
    """As anndata 0.6 wrote: records for obs and var, categories in uns, h5sparse attributes."""
    X = sparse.csr_matrix(COUNTS)
    with h5py.File(path, "w") as file:
        for name in ("data", "indices", "indptr"):
            file[f"X/{name}"] = getattr(X, name)
        file["X"].attrs["h5sparse_format"], file["X"].attrs["h5sparse_shape"] = "csr", X.shape
        obs = np.array(
            list(zip([c.encode() for c in CELLS], [0, 0, 1, 1, 0, 1])),
            dtype=[("index", "S20"), ("kind", "i1")],
        )
        file["obs"], file["uns/kind_categories"] = obs, np.array([b"a", b"b"])
        file["var"] = np.array([(g.encode(),) for g in GENES], dtype=[("index", "S9")])
        file["raw.X"], file["raw.var"] = COUNTS, file["var"][...]


def packed(path):
    plain = path.with_suffix("")
    small().write_h5ad(plain)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()


FILES = {
    "plain": ("x.h5ad", lambda path: small().write_h5ad(path)),
    "packed": ("x.h5ad.gz", packed),
    "upper case": ("X.H5AD", lambda path: small().write_h5ad(path)),
    "zarr": ("x.zarr", lambda path: small().write_zarr(path)),
    "in an .h5": ("x.h5", lambda path: small().write_h5ad(path)),
    "csc": ("x.h5ad", lambda path: AnnData(sparse.csc_matrix(COUNTS), small().obs,
                                           small().var).write_h5ad(path)),
    "dense": ("x.h5ad", lambda path: AnnData(COUNTS, small().obs, small().var).write_h5ad(path)),
    "integers": ("x.h5ad", lambda path: AnnData(COUNTS.astype("u1"), small().obs,
                                                small().var).write_h5ad(path)),
    "anndata 0.6": ("x.h5ad", old),
    "unknown in uns": ("x.h5ad", changed(foreign("uns"))),
    "unknown in obsm": ("x.h5ad", changed(foreign("obsm"))),
    "unknown in varm": ("x.h5ad", changed(foreign("varm"))),
    "unknown in layers": ("x.h5ad", changed(foreign("layers"))),
    "unknown in obsp": ("x.h5ad", changed(foreign("obsp"))),
    "an unknown column": ("x.h5ad", changed(foreign_column)),
    "sparse float16": ("x.h5ad", changed(in_float16)),
    "split entries": ("x.h5ad", changed(split)),
    "nullable strings": ("x.h5ad", changed(nullable_index)),
    "SeuratDisk": ("x.h5ad", changed(seurat_disk)),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_only_X_obs_and_var_are_needed(tmp_path, case):
    name, write = FILES[case]
    write(tmp_path / name)
    found = read.read(tmp_path / name).adata
    assert list(found.obs_names) == CELLS and list(found.var_names) == GENES
    assert found.obs["kind"].astype(str).tolist() == list("aabbab")
    ready = prepare.prepare_cells(found, scale="log", detected=0.0).adata
    np.testing.assert_array_equal(dense(ready.X), COUNTS)


@pytest.mark.parametrize("command", ["embed", "simulate"])
@pytest.mark.parametrize("case", FILES)
def test_what_can_be_read_can_be_written_again(tmp_path, monkeypatch, case, command):
    """Known before training: the trial of `keep.writable` is what the writer itself would say."""
    name, write = FILES[case]
    write(tmp_path / name)
    source = read.read(tmp_path / name).adata
    adata = keep.whole(tmp_path / name, source)[0] if command == "embed" else source
    keep.writable(adata)
    adata.write_h5ad(tmp_path / "out.h5ad")
    again = anndata.read_h5ad(tmp_path / "out.h5ad")
    assert list(again.obs_names) == CELLS and list(again.obs["kind"].astype(str)) == list("aabbab")


def test_columns_that_cannot_be_written_are_left_out_and_named(tmp_path):
    adata = small()
    adata.obs["mixed"] = pd.Series([1, "a", None, 2.5, {}, ()], CELLS, dtype=object)
    adata.uns["function"] = len
    adata.uns["fine"] = {"a": 1}
    [note] = keep.writable(adata)
    assert "obs['mixed']" in note and "uns['function']" in note
    assert "fine" in adata.uns and list(adata.obs) == ["kind"]


def test_embed_keeps_what_the_file_holds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X = rng.poisson(4.0, (40, 14)).astype(np.float32) * 4 + 1
    X[:, 12] = 0  # a gene that nobody has
    X[0] = 0  # and a cell without anything
    adata = AnnData(X, pd.DataFrame(index=[f"c{i}" for i in range(40)]),
                    pd.DataFrame(index=[f"g{i}" for i in range(14)]))  # fmt: skip
    adata.layers["counts"], adata.obsm["X_umap"] = X.copy(), rng.normal(size=(40, 2))
    adata.uns["colours"], adata.varm["PCs"] = ["red", "blue"], rng.normal(size=(14, 3))
    adata.obsp["near"] = sparse.csr_matrix(np.eye(40))
    adata.raw = adata.copy()
    adata.write_h5ad("x.h5ad")
    assert run("embed", "x.h5ad", "--genes", "9", "--out", "e.h5ad") == 0
    found = anndata.read_h5ad("e.h5ad")
    assert list(found.obs_names) == list(adata.obs_names[1:])
    assert list(found.var_names) == list(adata.var_names)
    expected = adata[1:]
    np.testing.assert_array_equal(found.X, expected.X)
    np.testing.assert_array_equal(found.layers["counts"], expected.layers["counts"])
    np.testing.assert_array_equal(found.obsm["X_umap"], expected.obsm["X_umap"])
    np.testing.assert_array_equal(found.varm["PCs"], adata.varm["PCs"])
    np.testing.assert_array_equal(found.raw.X, X[1:])
    assert list(found.uns["colours"]) == ["red", "blue"] and found.obsp["near"].shape == (39, 39)
    genes = list(found.uns["deepsem"]["genes"])
    assert len(genes) == 9 and found.obsm["X_deepsem"].shape == (39, 9)
    W = found.varp["deepsem_W"].toarray()
    used = found.var_names.isin(genes)
    assert not W[~used].any() and not W[:, ~used].any() and W[np.ix_(used, used)].any()


def test_missing_symbols_keep_the_identifier(tmp_path):
    adata = small()
    adata.var["symbol"] = pd.Categorical(["B2M", None, "SPI1", None])
    adata.var["text"] = ["B2M", "nan", "SPI1", "nan"]
    adata.write_h5ad(tmp_path / "x.h5ad")
    for column in ("symbol", "text"):
        found, notes, _ = read.read(tmp_path / "x.h5ad", gene_names=column)
        assert list(found.var_names) == ["B2M", "ACTB", "SPI1", "SPI1"]
        assert any(note.startswith("2 genes without a name") for note in notes)


# --- Loom -----------------------------------------------------------------------------------------


def loom(path, genes: str | None = "Gene", cells: str | None = "CellID", **more):
    with h5py.File(path, "w") as file:
        file["matrix"] = COUNTS.T
        file.create_group("row_attrs")
        file.create_group("col_attrs")
        if genes:
            file[f"row_attrs/{genes}"] = np.array(GENES, dtype="S")
        if cells:
            file[f"col_attrs/{cells}"] = np.array(CELLS, dtype="S")
        for name, values in more.items():
            file[name.replace("__", "/")] = values


@pytest.mark.parametrize("key", ["Gene", "var_names", "gene_name", "Symbol", "gene_short_name"])
def test_names_of_genes_in_a_loom(tmp_path, key):
    loom(tmp_path / "x.loom", key)
    found, notes, _ = read.read(tmp_path / "x.loom")
    assert list(found.var_names) == GENES and list(found.obs_names) == CELLS
    assert (key == "Gene") == (not notes)


def test_a_loom_with_other_attributes(tmp_path):
    loom(tmp_path / "x.loom", "renamed", "renamed", col_attrs__kind=np.array(list("aabbab"), "S"))
    with pytest.raises(BadInput, match=r"it has renamed\. Name it with --gene-names"):
        read.read(tmp_path / "x.loom")
    with pytest.raises(BadInput, match="no row attribute 'x'"):
        read.read(tmp_path / "x.loom", gene_names="x")
    found, notes, _ = read.read(tmp_path / "x.loom", gene_names="renamed")
    assert list(found.var_names) == GENES and list(found.obs["kind"]) == list("aabbab")
    assert list(found.obs_names[:2]) == ["cell_1", "cell_2"]
    assert any("cells numbered" in note for note in notes)


# --- 10x ------------------------------------------------------------------------------------------


def mtx(folder, matrix="matrix.mtx", genes="features.tsv", cells="barcodes.tsv", pack=False,
        values=COUNTS.T, rows=None, barcodes=None):  # fmt: skip
    folder.mkdir(exist_ok=True)
    io.mmwrite(folder / "tmp.mtx", sparse.coo_matrix(values))
    rows = rows or [f"ENSG{i}\t{gene}\tGene Expression" for i, gene in enumerate(GENES)]
    contents = {
        matrix: (folder / "tmp.mtx").read_bytes(),
        genes: "\n".join(rows).encode(),
        cells: "\n".join(barcodes or CELLS).encode(),
    }
    (folder / "tmp.mtx").unlink()
    for name, content in contents.items():
        path = folder / (f"{name}.gz" if pack else name)
        path.write_bytes(gzip.compress(content) if pack else content)


MTX = {
    "version 2": dict(genes="genes.tsv", rows=[f"ENSG{i}\t{g}" for i, g in enumerate(GENES)]),
    "version 3": dict(pack=True),
    "GEO": dict(matrix="GSM1_A_matrix.mtx", genes="GSM1_A_features.tsv",
                cells="GSM1_A_barcodes.tsv", pack=True),
    "GEO with points": dict(matrix="GSM1.matrix.mtx", genes="GSM1.genes.tsv",
                            cells="GSM1.barcodes.tsv"),
    "GEO, counts": dict(matrix="GSE1_counts.mtx", genes="GSE1_genes.csv", cells="GSE1_cells.csv",
                        rows=['"","x"', *(f'"{i}","{g}"' for i, g in enumerate(GENES, 1))],
                        barcodes=['"","x"', *(f'"{i}","{c}"' for i, c in enumerate(CELLS, 1))]),
    "kb": dict(matrix="cells_x_genes.mtx", genes="cells_x_genes.genes.names.txt",
               cells="cells_x_genes.barcodes.txt", values=COUNTS, rows=GENES),
    "kb without names": dict(matrix="cells_x_genes.mtx", genes="cells_x_genes.genes.txt",
                             cells="cells_x_genes.barcodes.txt", values=COUNTS, rows=GENES),
    "alevin": dict(matrix="quants_mat.mtx", genes="quants_mat_cols.txt",
                   cells="quants_mat_rows.txt", values=COUNTS, rows=GENES),
    "Expression Atlas": dict(matrix="E-1.mtx", genes="E-1.mtx_rows", cells="E-1.mtx_cols",
                             rows=GENES),
    "Parse": dict(matrix="count_matrix.mtx", genes="all_genes.csv", cells="cell_metadata.csv",
                  values=COUNTS, rows=["gene_id,gene_name,genome",
                                       *(f"E{i},{g},hg38" for i, g in enumerate(GENES))],
                  barcodes=["bc_wells,sample", *(f"{c},s" for c in CELLS)]),
    "without symbols": dict(rows=GENES),
}  # fmt: skip


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("case", MTX)
def test_a_matrix_and_its_names(tmp_path, case, named):
    mtx(tmp_path / "a", **MTX[case])
    path = tmp_path / "a"
    if named:
        [path] = (f for f in path.iterdir() if f.name.removesuffix(".gz").endswith(".mtx"))
    found = read.read(path).adata
    assert list(found.obs_names) == CELLS and list(found.var_names) == GENES
    np.testing.assert_array_equal(dense(found.X), COUNTS)


def test_the_named_matrix_is_the_one_that_is_read(tmp_path):
    folder = tmp_path / "a"
    mtx(folder)
    mtx(folder, "other_matrix.mtx", "other_features.tsv", "other_barcodes.tsv", values=COUNTS.T + 1)
    np.testing.assert_array_equal(dense(read.read(folder / "other_matrix.mtx").adata.X), COUNTS + 1)
    found, notes, _ = read.read(folder)
    np.testing.assert_array_equal(dense(found.X), COUNTS)
    assert any("other_matrix.mtx in the same folder not read" in note for note in notes)


def test_several_samples_of_geo(tmp_path):
    for name, more in (("GSM1_A", 0), ("GSM2_B", 1)):
        mtx(tmp_path / "a", f"{name}_matrix.mtx", f"{name}_features.tsv", f"{name}_barcodes.tsv",
            True, COUNTS.T + more)  # fmt: skip
    with pytest.raises(BadInput, match=r"several matrices .*name the one"):
        read.read(tmp_path / "a")
    found = read.read(tmp_path / "a" / "GSM2_B_matrix.mtx.gz").adata
    np.testing.assert_array_equal(dense(found.X), COUNTS + 1)
    (tmp_path / "a" / "GSM2_B_barcodes.tsv.gz").unlink()
    with pytest.raises(BadInput, match=r"no barcodes\.tsv for GSM2_B_matrix\.mtx\.gz"):
        read.read(tmp_path / "a" / "GSM2_B_matrix.mtx.gz")  # those of GSM1_A are not its own


def test_a_file_beside_its_packed_copy(tmp_path):
    mtx(tmp_path / "a")
    mtx(tmp_path / "a", pack=True)
    np.testing.assert_array_equal(dense(read.read(tmp_path / "a").adata.X), COUNTS)


def test_a_folder_of_folders_is_not_guessed(tmp_path):
    mtx(tmp_path / "GRCh38")
    shutil.copytree(tmp_path / "GRCh38", tmp_path / "mm10")
    with pytest.raises(BadInput, match=r"name one of its folders: .*GRCh38"):
        read.read(tmp_path)
    with pytest.raises(BadInput, match="belongs to another matrix"):
        mtx(tmp_path / "b", barcodes=CELLS[:3])
        read.read(tmp_path / "b")


KINDS = {
    "an antibody among genes": (["Gene Expression"] * 3 + ["Antibody Capture"], None, 3),
    "antibodies only": (["Antibody Capture"] * 4, None, "no genes but Antibody Capture"),
    "chosen": (["Gene Expression"] * 3 + ["Antibody Capture"], "Antibody Capture", 1),
    "not there": (["Gene Expression"] * 4, "Peaks", "no 'Peaks' among its kinds"),
    "BD Rhapsody": (["mRNA"] * 2 + ["AbSeq"] * 2, None, 2),
    "multiome": (["Gene Expression", "Peaks", "Peaks", "Gene Expression"], None, 2),
    "two that are genes": (["gene", "gene", "RNA", "RNA"], None, "several kinds of genes"),
}


@pytest.mark.parametrize("case", KINDS)
def test_kinds_of_features(tmp_path, case):
    kinds, asked, expected = KINDS[case]
    mtx(tmp_path / "a", rows=[f"E{i}\t{g}\t{k}" for i, (g, k) in enumerate(zip(GENES, kinds))])
    adata = small()
    adata.var["feature_types"] = kinds
    adata.write_h5ad(tmp_path / "x.h5ad")
    for path in (tmp_path / "a", tmp_path / "x.h5ad"):
        if isinstance(expected, str):
            with pytest.raises(BadInput, match=expected):
                read.read(path, feature_type=asked)
        else:
            assert read.read(path, feature_type=asked).adata.n_vars == expected


def test_several_genomes_are_refused_until_one_is_chosen(tmp_path):
    names = [f"GRCh38_{g}" for g in GENES * 3] + [f"mm10___{g.title()}" for g in GENES * 3]
    values = np.tile(COUNTS.T, (6, 1))
    mtx(tmp_path / "a", values=values, rows=[f"{n}\t{n}\tGene Expression" for n in names])
    with pytest.raises(BadInput, match=r"several genomes \(GRCh38, mm10\).*--genome"):
        read.read(tmp_path / "a")
    found, notes, _ = read.read(tmp_path / "a", genome="mm10")
    assert set(found.var_names) == {g.title() for g in GENES} and found.n_vars == 12
    assert "12 genes of other genomes left out" in notes
    with pytest.raises(BadInput, match="no 'hg19' among its genomes"):
        read.read(tmp_path / "a", genome="hg19")
    small().write_h5ad(tmp_path / "x.h5ad")
    with pytest.raises(BadInput, match="leave --genome out"):
        read.read(tmp_path / "x.h5ad", genome="mm10")


def test_gene_names_with_underscores_are_no_genomes(tmp_path):
    adata = AnnData(COUNTS, small().obs, pd.DataFrame(index=["A1_x", "B2_x", "C3_x", "D4_x"]))
    adata.write_h5ad(tmp_path / "x.h5ad")
    assert read.read(tmp_path / "x.h5ad").adata.n_vars == 4


def test_an_h5_without_counts(tmp_path):
    with h5py.File(tmp_path / "molecule_info.h5", "w") as file:
        file["barcodes"] = np.array([b"A"])
    with pytest.raises(BadInput, match=r"no count matrix of 10x .*filtered_feature_bc_matrix"):
        read.read(tmp_path / "molecule_info.h5")


def test_muon(tmp_path):
    def write(*names):
        with h5py.File(tmp_path / "x.h5mu", "w") as file:
            small().write_h5ad(tmp_path / "x.h5ad")
            with h5py.File(tmp_path / "x.h5ad") as part:
                for name in names:
                    group = file.create_group(f"mod/{name}")
                    for key in ("X", "obs", "var"):
                        part.copy(key, group)

    write("rna", "prot")
    assert read.read(tmp_path / "x.h5mu").adata.n_vars == 4
    write("prot", "atac")
    with pytest.raises(BadInput, match="modalities atac, prot"):
        read.read(tmp_path / "x.h5mu")


def test_inputs_of_a_10x_folder_are_not_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    mtx(tmp_path / "a", genes="genes.tsv")
    os.link("a/genes.tsv", "genes.csv")
    assert run("infer", "a", "--out", "genes.csv") == 2
    assert "is an input" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"0", b"%%MatrixMarket", b"%%MatrixMarket matrix x\n1"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_damaged_matrix_is_one_message(tmp_path, content, pack):
    mtx(tmp_path / "a")
    (tmp_path / "a" / "matrix.mtx").write_bytes(pack(content))
    with pytest.raises(BadInput, match="cannot be read"):
        read.read(tmp_path / "a")
