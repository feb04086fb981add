"""The registry against the mirror's files, and every reader against known facts or made-up files.

With DEEPSEM_MIRROR set, the real files are checked and read; data inside PyPI wheels are read if
the cache already holds them (nothing is fetched here). The other tests need neither.
"""

import functools
import gzip
import hashlib
import os
import re
import tarfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from numpy.typing import NDArray
from scipy import io, sparse, stats

from deepsem_book import datasets
from deepsem_book.datasets import catalogue, deposited, download
from deepsem_book.datasets.download import DataUnavailable, Entry
from deepsem_minimal import sem

MIRROR = os.environ.get("DEEPSEM_MIRROR", "")
needs_mirror = pytest.mark.skipif(not Path(MIRROR or "-").is_dir(), reason="no mirror folder")
real = functools.cache(datasets.load)
REACHABLE = [row for row in datasets.benchmarks().to_dict("records") if row["available_in_mirror"]]


def cached(name: str) -> pytest.MarkDecorator:
    """Skips a test unless the files of the data set lie in the cache."""
    entries = [datasets.registry()[file] for file in catalogue.DATASETS[name].files]
    missing = not all(download.cache_path(entry).is_file() for entry in entries)
    return pytest.mark.skipif(missing, reason=f"{name} is not in the cache")


DEPOSITED = ("zeisel-full", "muraro", "segerstolpe")


# --- the registry


def test_every_entry_is_pinned_checked_and_credited() -> None:
    without_checksum = []
    by_content = {"pbmc68k_donor_a/labels"}  # no commit known; the sha256 alone says which file
    for name, entry in datasets.registry().items():
        assert entry.licence and entry.citation and entry.chapter, name
        if "githubusercontent" in entry.url and not (name in by_content and entry.sha256):
            pinned = r"https://raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/.+"
            assert re.fullmatch(pinned, entry.url), name
        assert re.fullmatch(r"([0-9a-f]{64})?", entry.sha256), name
        assert re.fullmatch(r"([0-9a-f]{40})?", entry.git_blob_sha1), name
        assert not entry.member or (entry.sha256 and entry.bytes), name
        if not entry.checksum:
            without_checksum.append(name)
    deposited = {
        f for name in DEPOSITED for f in catalogue.DATASETS[name].files
    }  # none is published
    cortex = {f"cortex/{x}" for x in ("geo/counts", "geo/metadata", "genome", "gene-models")}
    beeline = {
        "zenodo/BEELINE-data",
        "zenodo/BEELINE-Networks",
        "beeline/hESC-1000/expression-psd-grn",
    }
    assert set(without_checksum) == beeline | deposited | cortex


def test_every_data_set_and_network_names_registered_files() -> None:
    files = {file for dataset in catalogue.DATASETS.values() for file in dataset.files}
    assert files | set(datasets.benchmarks()["network"]) <= set(datasets.registry())
    assert set(datasets.knockouts()["expression"]) <= set(catalogue.DATASETS)
    both = set(datasets.knockouts()["network"]) & set(datasets.benchmarks()["network"])
    assert both == {"beeline/mESC-500/Lofgof", "beeline/mESC-1000/Lofgof"}


@needs_mirror
def test_checksums_equal_those_of_the_mirror() -> None:
    mirrored = [entry for entry in datasets.registry().values() if entry.mirrored]
    assert len(mirrored) == 102
    for entry in mirrored:
        content = Path(MIRROR, entry.path).read_bytes()
        assert len(content) == entry.bytes
        assert hashlib.sha256(content).hexdigest() == entry.sha256
        blob = b"blob " + str(len(content)).encode() + b"\0" + content
        assert hashlib.sha1(blob).hexdigest() == entry.git_blob_sha1


def test_44_benchmarks_of_which_28_are_in_the_mirror() -> None:
    table = datasets.benchmarks()
    assert len(table) == 44 and table["available_in_mirror"].sum() == 28
    assert not table["network"].duplicated().any()
    kinds = table["kind"].value_counts().to_dict()
    assert kinds == {"STRING": 14, "Non-Specific": 14, "Specific": 14, "Lofgof": 2}
    assert set(table["dataset"]) == set(catalogue.BEELINE) and len(catalogue.BEELINE) == 7
    assert set(table["expression"]) <= set(datasets.names("beeline/"))
    reachable = set(table.loc[table["available_in_mirror"], "expression"])
    both, only_500 = {"hHEP", "mDC", "mHSC-L"}, {"hESC", "mESC", "mHSC-GM"}
    assert reachable == {f"beeline/{name}-500" for name in both | only_500} | {
        f"beeline/{name}-1000" for name in both
    }


def test_the_page_on_data_names_the_tested_matrices() -> None:
    table = datasets.benchmarks()
    sizes = table[table["available_in_mirror"]].groupby("dataset")["n_genes_option"].unique()
    both, only_500 = ([name for name in sizes.index if len(sizes[name]) == n] for n in (2, 1))
    assert all(sizes[name][0] == 500 for name in only_500)
    groups = [f"{', '.join(group[:-1])} and {group[-1]}" for group in (both, only_500)]
    page = (Path(__file__).parents[3] / "book/data.md").read_text(encoding="utf-8")
    said = f"real files of {groups[0]} at both sizes, and of {groups[1]} at N = 500"
    assert said in " ".join(page.split())


@pytest.mark.parametrize(
    "ask", [datasets.load, datasets.load_network, datasets.fetch, datasets.is_available]
)
def test_an_unknown_name_gets_a_suggestion(ask: Callable[[str], Any]) -> None:
    with pytest.raises(ValueError, match=r"unknown name 'beeline/mDC-50'.*beeline/mDC-500"):
        ask("beeline/mDC-50")


# --- BEELINE, real files


@needs_mirror
def test_expression_is_oriented_named_and_timed() -> None:
    adata = datasets.load("beeline/mDC-500")
    assert adata.shape == (383, 821) and adata.X.dtype == np.float32
    assert adata["LPS_1h_S10", "IL1B"].X.item() == pytest.approx(4.168293)  # read off the csv
    assert adata.obs.loc["LPS_1h_S10", "pseudotime_1"] == pytest.approx(43.8539781489947)
    assert adata.obs["pseudotime_1"].notna().all()
    source = adata.uns["source"]
    assert source["name"] == "beeline/mDC-500" and "Shalek" in source["citation"]
    assert source["url"].endswith("STRING%20Dataset/mDC/TFs%2B500/BL--ExpressionData.csv.gz")
    assert source["checksum"].startswith("sha256:425a2fb2")


@needs_mirror
@pytest.mark.parametrize("name", sorted({row["expression"] for row in REACHABLE}))
def test_genes_are_those_that_beelines_rule_selects(name: str) -> None:
    """All TFs with VGAM p < 0.01 / genes, and the N other such genes of highest variance."""
    dataset, n = re.fullmatch(r"beeline/(.+)-(\d+)", name).groups()  # type: ignore[union-attr]
    ordering = pd.read_csv(datasets.fetch(f"beeline/{dataset}/GeneOrdering"), index_col=0)
    kept = ordering[ordering["VGAMpValue"] < 0.01 / len(ordering)]
    species = "human" if dataset.startswith("h") else "mouse"
    is_tf = kept.index.str.upper().isin(datasets.transcription_factors(f"beeline-{species}"))
    others = kept[~is_tf].nlargest(int(n), "Variance")
    adata = real(name)
    assert set(adata.var_names.str.upper()) == set(kept[is_tf].index.str.upper()) | set(
        others.index.str.upper()
    )
    assert adata.var["tf"].sum() == is_tf.sum()


@needs_mirror
@pytest.mark.parametrize("row", REACHABLE, ids=lambda row: row["network"])
def test_networks_fit_their_expression(row: dict[str, Any]) -> None:
    adata, network = real(row["expression"]), datasets.load_network(row["network"])
    assert set(network["Gene1"]) | set(network["Gene2"]) <= set(adata.var_names)
    if row["kind"] != "Specific":  # ChIP of a cell type also has factors that the TF list lacks
        assert set(network["Gene1"]) <= set(adata.var_names[adata.var["tf"]])


@needs_mirror
def test_hesc_network_has_the_corrected_size() -> None:
    """343 TFs, 517 genes, 4257 edges: without the rows that BEELINE's STRING file repeated."""
    network = datasets.load_network("beeline/hESC-500/STRING")
    assert list(network.columns) == ["Gene1", "Gene2"] and len(network) == 4257
    assert network["Gene1"].nunique() == 343
    assert len(set(network["Gene1"]) | set(network["Gene2"])) == 517
    assert datasets.load_network("beeline/mDC-500/Specific").shape == (
        756,
        2,
    )  # Score column dropped


@needs_mirror
def test_hesc_500_is_the_matrix_that_beeline_describes() -> None:
    """Variance by gene is GeneOrdering.csv's, so rows and values are right; 4,257 edges as STRING.

    float32 holds seven digits of the source's ten.
    """
    adata = real("beeline/hESC-500")
    assert adata.shape == (758, 910)
    ordering = pd.read_csv(datasets.fetch("beeline/hESC/GeneOrdering"), index_col=0)
    variance = adata.X.astype(float).var(axis=0, ddof=1)
    expected = ordering["Variance"].reindex(adata.var_names)
    np.testing.assert_allclose(variance, expected, rtol=1e-6)
    days = adata.obs_names.str.extract(r"_(\d+)h", expand=False).astype(int)
    # Cells of a later day lie later: the names belong to the columns.
    assert stats.spearmanr(days, adata.obs["pseudotime_1"])[0] > 0.8
    genes = np.char.upper(adata.var_names.to_numpy(dtype=str))
    with np.load(datasets.fetch("beeline/hESC-500/expression"), allow_pickle=False) as file:
        targets = genes[file["adj_indices"]]
        tfs = np.repeat(genes, np.diff(file["adj_indptr"]))
    network = datasets.load_network("beeline/hESC-500/STRING").apply(lambda c: c.str.upper())
    edges = set(zip(network["Gene1"], network["Gene2"], strict=True))
    assert set(zip(tfs, targets, strict=True)) == edges and len(edges) == 4257


@needs_mirror
@pytest.mark.parametrize(
    ("name", "n_tfs", "n_edges", "density"),
    [
        ("mESC-500/KDUnion", 74, 7021, 0.085),
        ("hESC-500/KDUnion", 42, 3042, 0.080),
        ("mDC-1000/KDUnion", 35, 20790, 0.45),
    ],
)
def test_knock_outs_are_cut_to_the_genes_of_the_matrix(
    name: str, n_tfs: int, n_edges: int, density: float
) -> None:
    """Sizes as counted with another program; the density is that over all genes of the matrix."""
    genes = real(f"beeline/{name.split('/')[0]}").var_names
    network = datasets.load_network(f"beeline/{name}")
    assert (network["Gene1"].nunique(), len(network)) == (n_tfs, n_edges)
    assert set(network["Gene1"]) | set(network["Gene2"]) <= set(genes)
    assert n_edges / (n_tfs * (len(genes) - 1)) == pytest.approx(density, abs=5e-4)


@needs_mirror
def test_beelines_loss_and_gain_of_function_is_part_of_the_union_of_knock_downs() -> None:
    lofgof, union = (
        set(
            map(
                tuple,
                datasets.load_network(f"beeline/mESC-500/{kind}")
                .apply(lambda c: c.str.upper())
                .to_numpy(),
            )
        )
        for kind in ("Lofgof", "KDUnion")
    )
    assert lofgof < union


# --- BEELINE, made-up files


def put(root: Path, name: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay `content` where the mirror has registry entry `name`, and register its checksum."""
    old = datasets.registry()[name]
    blob = hashlib.sha1(b"blob " + str(len(content)).encode() + b"\0" + content).hexdigest()
    entry = Entry(name, old.url, git_blob_sha1=blob, licence=old.licence, citation=old.citation)
    monkeypatch.setitem(datasets.registry(), name, entry)
    path = root / entry.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def hesc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with two cells and three genes in place of hESC TFs+1000."""
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    files = {
        "beeline/hESC-1000/expression": gzip.compress(b",b,a\nC3orf14,1,2\nNA,3,4\nSox2,0,5.5\n"),
        "beeline/hESC/PseudoTime": b",PseudoTime1,PseudoTime2\na,0.1,\nb,0.2,7\n",
        "beeline/tfs/human": b"TF,Sources\nSOX2,x\nC3ORF14,x\n",
        "beeline/hESC-1000/STRING": gzip.compress(b"Gene1,Gene2\nSOX2,NA\nSox2,NA\nSOX2,C3orf14\n"),
    }
    for name, content in files.items():
        put(tmp_path / "mirror", name, content, monkeypatch)
    return tmp_path / "mirror"


def test_a_file_known_by_its_git_blob_sha1_is_read(hesc: Path) -> None:
    adata = datasets.load("beeline/hESC-1000")
    assert list(adata.obs_names) == ["b", "a"]
    assert list(adata.var_names) == ["C3orf14", "NA", "Sox2"]
    np.testing.assert_array_equal(adata.X, [[1, 3, 0], [2, 4, 5.5]])
    assert list(adata.var["tf"]) == [True, False, True]  # compared without case
    assert list(adata.obs["pseudotime_1"]) == [0.2, 0.1]  # aligned by name
    np.testing.assert_array_equal(adata.obs["pseudotime_2"], [7, np.nan])
    assert adata.uns["source"]["checksum"].startswith("git_blob_sha1:")


def test_edges_that_differ_in_case_only_are_given_once(hesc: Path) -> None:
    network = datasets.load_network("beeline/hESC-1000/STRING")
    assert network.to_numpy().tolist() == [["SOX2", "NA"], ["SOX2", "C3orf14"]]


def test_one_unreachable_file_makes_a_data_set_unavailable(
    hesc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*args: Any) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", offline)
    assert datasets.is_available("beeline/hESC-1000")
    (hesc / datasets.registry()["beeline/hESC/PseudoTime"].path).unlink()
    assert not datasets.is_available("beeline/hESC-1000")
    with pytest.raises(DataUnavailable, match=r"(?s)PseudoTime.*no route.*DEEPSEM_MIRROR.*zeisel"):
        datasets.load("beeline/hESC-1000")


def test_a_genome_wide_network_is_cut_to_the_matrix_and_spelled_like_it(
    hesc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["SOX2\tC3ORF14", "Sox2\tC3orf14", "SOX2\tELSEWHERE", "NA\tSOX2", "SOX2\tSOX2"]
    content = "\n".join([*lines, "ELSEWHERE\tNA"]).encode()
    put(hesc, "beeline/hESC/KDUnion", content, monkeypatch)
    assert datasets.is_available("beeline/hESC-1000/KDUnion")
    network = datasets.load_network("beeline/hESC-1000/KDUnion")
    assert network.to_numpy().tolist() == [["Sox2", "C3orf14"], ["NA", "Sox2"]]


GENES, CELLS = ["C3orf14", "NA", "Sox2"], ["b", "a"]


@pytest.fixture
def npz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AnnData]:
    """Reads hESC TFs+500 from a mirror that holds these arrays and these rows of Target.csv."""
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))

    def read(attr: Any, order: str) -> AnnData:
        file = BytesIO()
        matrix = sparse.csr_matrix(np.array(attr, dtype=float))
        parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
        parts |= {"shape": np.array(matrix.shape), "format": np.array(b"csr")}
        np.savez(file, **{f"attr_{name}": part for name, part in parts.items()})
        lines = "".join(f"{i},{GENES[int(i)]},{i}\n" for i in order)
        files = {
            "beeline/hESC-500/expression": file.getvalue(),
            "beeline/hESC-500/genes": b",Gene,index\n" + lines.encode(),
            "beeline/hESC/PseudoTime": b",PseudoTime1\nb,0.2\na,0.1\n",
            "beeline/tfs/human": b"TF,Sources\nSOX2,x\nC3ORF14,x\n",
        }
        for name, content in files.items():
            put(tmp_path / "mirror", name, content, monkeypatch)
        return datasets.load("beeline/hESC-500")

    return read


def test_a_matrix_without_names_gets_them_from_its_two_lists(npz: Callable[..., AnnData]) -> None:
    adata = npz([[1, 2], [0, 4], [0, 5.5]], order="201")  # lines in any order: the index counts
    assert list(adata.obs_names) == CELLS and list(adata.var_names) == GENES
    np.testing.assert_array_equal(adata.X, [[1, 0, 0], [2, 4, 5.5]])
    assert list(adata.var["tf"]) == [True, False, True]
    assert list(adata.obs["pseudotime_1"]) == [0.2, 0.1]


@pytest.mark.parametrize(("rows", "order"), [(3, "01"), (2, "012"), (2, "02"), (2, "00")])
def test_a_matrix_that_its_lists_do_not_fit_is_refused(
    npz: Callable[..., AnnData], rows: int, order: str
) -> None:
    with pytest.raises(ValueError, match=rf"\({rows}, 2\), for {len(order)} genes and 2 cells"):
        npz(np.ones((rows, 2)), order)


# --- cell types as deposited, made-up files of the same format


def lay(root: Path, name: str, content: bytes) -> Path:
    path = root / datasets.registry()[name].path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def deposits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with three cells and a few genes of each."""
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    mirror = tmp_path / "mirror"
    names = "tissue,group #,total mRNA mol,well,sex,age,diameter,cell_id,level1class,level2class"
    about = {name: ["1", "1", "2"] for name in names.split(",")}
    about |= {"cell_id": ["A_01", "A_02", "B_01"], "level1class": ["microglia", "mural", "mural"]}
    about |= {"level2class": ["Mgl1", "(none)", "Peric"]}
    lines = ["\t".join(["", name, *values]) for name, values in about.items()]
    lines += ["\t\t\t\t", "Tspan12\t1\t0\t3\t7", "NA\t1\t1\t0\t2", "Tspan12\t1\t9\t9\t9"]
    lay(mirror, "zeisel-full/counts", "\n".join(lines).encode())
    rows = 'D28-1_1\tD28-1_2\tD29-2_1\n"A1BG__chr19"\t0\t1.002\t3.01\n"INS__chr11"\t2\t0\t5\n'
    lay(mirror, "muraro/counts", gzip.compress(rows.encode()))
    lay(mirror, "muraro/labels", b'"cell_type"\n"D29.2_1" "beta"\n"D28.1_1" "alpha"\n')
    table = "#samples\tx1\tx2\tx3\nINS\tNM_1\t.5\t.6\t.7\t4\t0\t1\nGCG\tNM_2\t0\t0\t1\t0\t2\t1\n"
    table += "eGFP\teGFP\t0\t0\t0\t8\t8\t8\n"
    with zipfile.ZipFile(lay(mirror, "segerstolpe/counts", b""), "w") as archive:
        archive.writestr("pancreas_refseq_rpkms_counts_3514sc.txt", table)
    samples = "Source Name\tExtract Name\tCharacteristics [cell type]\n"
    samples += "s\tx3\tbeta cell\ns\tx2\tnot applicable\ns\tx1\talpha cell\n"
    lay(mirror, "segerstolpe/labels", samples.encode())
    return mirror


def test_all_genes_of_zeisel_with_both_levels(deposits: Path) -> None:
    adata = datasets.load("zeisel-full")
    assert list(adata.obs_names) == ["A_01", "A_02", "B_01"]
    assert list(adata.var_names) == ["Tspan12", "NA"]  # named twice: the first row counts
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), [[0, 1], [3, 0], [7, 2]])
    np.testing.assert_allclose(adata.X, np.log1p([[0, 1], [3, 0], [7, 2]]), rtol=1e-6)
    assert list(adata.obs["cell_type"]) == ["microglia", "mural", "mural"]
    assert list(adata.obs["cell_type_level2"].isna()) == [False, True, False]


def test_muraro_labels_go_to_the_cells_of_their_name(deposits: Path) -> None:
    adata = datasets.load("muraro")
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), [[0, 2], [1, 0], [3, 5]])
    assert list(adata.var_names) == ["A1BG", "INS"]
    assert list(adata.obs["cell_type"].astype(object).fillna("none")) == ["alpha", "none", "beta"]
    np.testing.assert_allclose(np.expm1(adata.X).sum(1), 1e4, rtol=1e-5)


def test_segerstolpe_reads_counts_and_not_rpkm(deposits: Path) -> None:
    adata = datasets.load("segerstolpe")
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), [[4, 0], [0, 2], [1, 1]])
    assert list(adata.var_names) == ["INS", "GCG"]  # without eGFP
    assert list(adata.obs["cell_type"].astype(object).fillna("none")) == ["alpha", "none", "beta"]


def test_a_deposited_file_that_is_another_one_is_refused(deposits: Path) -> None:
    whole = gzip.compress(b"x" * 5000)
    lay(deposits, "muraro/counts", whole[:-9])
    with pytest.warns(UserWarning, match="complete gzip"), pytest.raises(DataUnavailable):
        datasets.load("muraro")
    lay(deposits, "muraro/labels", b'"cell_type"\n"Z9.9_9" "beta"\n')
    lay(deposits, "muraro/counts", gzip.compress(b"D28-1_1\nINS__chr11\t2\n"))
    with pytest.raises(ValueError, match="names no cell"):
        datasets.load("muraro")
    lay(deposits, "zeisel-full/counts", b"<html>\tnot here\t</html>\n" * 12)
    with pytest.raises(ValueError, match="cell_id"):
        datasets.load("zeisel-full")
    lay(deposits, "segerstolpe/labels", b"Extract Name\nx1\n")
    with pytest.raises(ValueError, match="cell type"):
        datasets.load("segerstolpe")


def test_deposited_numbers_must_be_counts(tmp_path: Path) -> None:
    labels = pd.DataFrame({"cell_type": ["a", "b"]})
    with pytest.raises(ValueError, match="counts"):
        deposited.checked(tmp_path, np.array([[1.5], [0]]), ["x", "y"], ["g"], labels)
    with pytest.raises(ValueError, match="2 genes"):
        deposited.checked(tmp_path, np.array([[1.0], [0]]), ["x", "y"], ["g", "h"], labels)


# --- cell types, real files: facts of the sources


def check(adata: AnnData, shape: tuple[int, int], n_types: int, counts: bool) -> None:
    assert adata.shape == shape and adata.X.dtype == np.float32 and adata.X.min() >= 0
    assert adata.obs["cell_type"].nunique() == n_types and adata.obs["cell_type"].notna().all()
    assert ("counts" in adata.layers) == counts
    assert adata.obs_names.is_unique and adata.var_names.is_unique
    if counts:
        integers = adata.layers["counts"].data
        assert (integers == np.rint(integers)).all() and (integers > 0).all()
        assert ((adata.X > 0) == (adata.layers["counts"] > 0).toarray()).all()


@cached("zeisel")
def test_zeisel() -> None:
    adata = datasets.load("zeisel")
    check(adata, (3005, 4000), 7, counts=True)
    assert adata.obs["cell_type_level2"].nunique() == 47
    assert (adata.obs["cell_type"] == "pyramidal CA1").sum() == 939
    np.testing.assert_allclose(adata.X, np.log1p(adata.layers["counts"].toarray()), rtol=1e-5)


@cached("cbmc")
def test_cbmc() -> None:
    adata = datasets.load("cbmc")
    check(adata, (8617, 500), 13, counts=True)
    types = adata.obs["cell_type"].value_counts()
    assert types["CD4 T"] == 3086 and types["CD14+ Mono"] == 2481


@cached("baron")
def test_baron() -> None:
    adata = datasets.load("baron")
    check(adata, (1937, 20125), 14, counts=True)
    assert adata.obs["cell_type"].value_counts()["beta"] == 872
    insulin = adata[:, "INS"].X[:, 0]
    assert insulin[adata.obs["cell_type"] == "beta"].mean() > insulin.mean() + 1  # labels fit cells


@cached("pollen")
def test_pollen() -> None:
    check(datasets.load("pollen"), (301, 23730), 10, counts=False)


@cached("li")
def test_li() -> None:
    check(datasets.load("li"), (561, 55186), 9, counts=False)


@needs_mirror
@pytest.mark.parametrize(
    ("name", "shape", "n_types"),
    [
        ("deng", (133, 17706), 5),
        ("pbmc_facs", (3774, 16791), 10),
        ("cellbench/celseq2", (274, 28204), 3),
        ("cellbench/dropseq", (225, 15127), 3),
        ("cbmc2000", (8617, 2000), 15),
    ],
)
def test_cell_types_of_the_mirror(name: str, shape: tuple[int, int], n_types: int) -> None:
    adata = real(name)
    check(adata, shape, n_types, counts=True)
    if name != "cbmc2000":  # genes left out there, so no scaling by library size
        np.testing.assert_allclose(np.expm1(adata.X).sum(axis=1), 1e4, rtol=1e-3)


@needs_mirror
@pytest.mark.parametrize(
    ("name", "shape", "control", "removed", "cells"),
    [("dixit", (14427, 24), 992, "Stat1", 3337), ("papalexi", (20729, 299), 2386, "STAT1", 444)],
)
def test_the_real_screens(
    name: str, shape: tuple[int, int], control: int, removed: str, cells: int
) -> None:
    adata = real(name)
    labels = adata.obs["removed"].astype(str)
    assert adata.shape == shape
    assert (labels == "").sum() == control and (labels == removed).sum() == cells
    counts = adata.layers["counts"]
    assert (counts.data == np.rint(counts.data)).all()
    np.testing.assert_allclose(np.expm1(adata.X), counts.toarray(), rtol=1e-4, atol=1e-4)
    own = adata[:, removed].X[:, 0]
    assert own[(labels == removed).to_numpy()].mean() < own[(labels == "").to_numpy()].mean()


@needs_mirror
def test_cell_types_fit_their_marker_genes() -> None:
    adata = real("pbmc_facs")
    for gene, cell_type in (("CD79A", "CD19+ B"), ("NKG7", "CD56+ NK"), ("CD14", "CD14+ Monocyte")):
        mean = pd.Series(adata[:, gene].X[:, 0]).groupby(adata.obs["cell_type"].to_numpy()).mean()
        assert mean.idxmax() == cell_type


@pytest.mark.filterwarnings("ignore")  # the file was written by an early anndata
def test_pbmc68k_counts_are_reconstructed() -> None:
    adata = datasets.load("pbmc68k")
    check(adata, (700, 765), 10, counts=True)
    path = datasets.fetch("pbmc68k/reduced")
    total = read_h5ad(path, backed="r").obs["n_counts"].to_numpy()
    counts = adata.layers["counts"].toarray()
    np.testing.assert_allclose(adata.X, np.log1p(counts / total[:, None] * 1e4), atol=1e-3)
    assert (adata.obs["cell_type"] == "Dendritic").sum() == 240


# --- cell types, made-up files


def given(monkeypatch: pytest.MonkeyPatch, files: dict[str, Path]) -> None:
    monkeypatch.setattr(datasets.registered, "fetch", lambda name, quiet=False: files[name])


def test_a_zeisel_like_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.array([[0.0, 6732], [1, 2], [3, 0]])  # genes x cells
    labels = np.array([["microglia", "Mgl1"], ["interneurons", "(none)"]], dtype=object)
    io.savemat(tmp_path / "x.mat", {"zeisel_data": np.log1p(counts)})
    io.savemat(tmp_path / "names.mat", {"zeisel_names": labels})
    given(
        monkeypatch,
        {"zeisel/data": tmp_path / "x.mat", "zeisel/names": tmp_path / "names.mat"},
    )
    adata = datasets.load("zeisel")
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), counts.T)
    np.testing.assert_allclose(adata.X, np.log1p(counts.T), rtol=1e-6)
    assert list(adata.obs["cell_type"]) == ["microglia", "interneurons"]
    assert list(adata.obs["cell_type_level2"].isna()) == [False, True]
    assert list(adata.var_names) == ["gene_0001", "gene_0002", "gene_0003"]


def test_a_baron_like_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv").write_text('"","c1","c2"\n"INS",3,0\n"GCG",1,4\n')
    (tmp_path / "labels.csv").write_text('"","x"\n"1","beta"\n"2","alpha"\n')
    files = (tmp_path / "x.csv", tmp_path / "labels.csv")
    given(monkeypatch, dict(zip(("baron/data", "baron/labels"), files, strict=True)))
    adata = datasets.load("baron")
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), [[3, 1], [0, 4]])
    np.testing.assert_allclose(adata.X, np.log1p([[7500, 2500], [0, 1e4]]), rtol=1e-6)
    assert list(adata.obs["cell_type"]) == ["beta", "alpha"]
    given(monkeypatch, dict(zip(("pollen/data", "pollen/labels"), files, strict=True)))
    np.testing.assert_array_equal(datasets.load("pollen").X, np.log2([[4, 2], [1, 5]], dtype="f4"))


def tarball(
    path: Path, counts: NDArray[np.int64], barcodes: list[str], genes: list[tuple[str, str]]
) -> None:
    """Counts (cells x genes) as Cell Ranger 1 packs them: genes x cells, in a nested folder."""
    matrix = BytesIO()
    io.mmwrite(matrix, sparse.coo_matrix(counts.T))
    files = {
        "matrix.mtx": matrix.getvalue(),
        "genes.tsv": "".join(f"{number}\t{symbol}\n" for number, symbol in genes).encode(),
        "barcodes.tsv": "".join(f"{barcode}\n" for barcode in barcodes).encode(),
    }
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"filtered_matrices_mex/hg19/{name}")
            info.size = len(content)
            tar.addfile(info, BytesIO(content))


def test_a_tarball_like_that_of_pbmc68k(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found in the mirror, verified, read; labels are joined by barcode; what has none is left."""
    counts = np.array([[0, 5, 1], [2, 0, 0], [7, 7, 7]])
    tarball(
        tmp_path / "x.tar.gz", counts, ["AA-1", "CC-1", "GG-1"],
        [("ENSG1", "CD3D"), ("ENSG2", "NA"), ("ENSG3", "CD3D")],
    )  # fmt: skip
    table = b"TSNE.1\tTSNE.2\tbarcodes\tcelltype\n1\t2\tCC-1\tCD19+ B\n3\t4\tAA-1\tCD56+ NK\n"
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    name = "pbmc68k_donor_a"
    put(tmp_path / "mirror", f"{name}/counts", (tmp_path / "x.tar.gz").read_bytes(), monkeypatch)
    put(tmp_path / "mirror", f"{name}/labels", table, monkeypatch)
    adata = datasets.load(name)
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), counts[:2])
    assert adata.obs["cell_type"].to_dict() == {"AA-1": "CD56+ NK", "CC-1": "CD19+ B"}
    assert list(adata.var_names) == ["CD3D", "NA", "CD3D-1"]
    assert list(adata.var["ensembl"]) == ["ENSG1", "ENSG2", "ENSG3"]
    np.testing.assert_allclose(np.expm1(adata.X.toarray()).sum(1), 1e4, rtol=1e-4)
    assert adata.uns["source"]["url"].endswith("donor_a_filtered_gene_bc_matrices.tar.gz")


def test_a_tarball_that_lacks_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("hg19/genes.tsv"), BytesIO(b""))
    files = {f"pbmc68k_donor_a/{part}": tmp_path / "x.tar.gz" for part in ("counts", "labels")}
    given(monkeypatch, files)
    with pytest.raises(ValueError, match=r"lacks barcodes\.tsv, matrix\.mtx"):
        datasets.load("pbmc68k_donor_a")


def test_a_data_set_survives_being_written(tmp_path: Path) -> None:
    adata = datasets.load("pbmc68k")
    adata.write_h5ad(tmp_path / "x.h5ad")
    assert read_h5ad(tmp_path / "x.h5ad").uns["source"] == adata.uns["source"]


# --- simulated data


@pytest.mark.parametrize("kind", ["linear", "nonlinear"])
def test_simulated_data_carry_their_truth(kind: str) -> None:
    name = f"sim/{kind}-30"
    adata, network = datasets.load(name), datasets.load_network(f"{name}/truth")
    W = adata.varp["true_W"]
    np.testing.assert_array_equal(W, sem.random_network(30, n_tfs=6, seed=0).astype(np.float32))
    edges = {
        (f"gene_{regulator + 1:04d}", f"gene_{target + 1:04d}")
        for target in range(30)
        for regulator in range(30)
        if W[target, regulator] != 0
    }
    assert set(network.itertuples(index=False, name=None)) == edges and len(network) == len(edges)
    assert set(network["Gene1"]) <= set(adata.var_names[adata.var["tf"]])
    assert datasets.is_available(name)
    np.testing.assert_array_equal(adata.X, datasets.load(name).X)
    if kind == "linear":  # X (I - W^T) is independent unit noise
        Z = adata.X @ (np.eye(30) - W.T)
        np.testing.assert_allclose(np.cov(Z.T), np.eye(30), atol=0.2)
    else:
        assert adata.X.min() == 0 and 0.1 < (adata.X == 0).mean() < 0.4
