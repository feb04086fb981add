"""Text tables as people have them: each is read as what it is, or refused with what settles it."""

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deepsem_book.errors import BadInput
from deepsem_book.own_data import read
from deepsem_book.own_data.text_table import layout

CELLS = [f"AAACCTGAG{a}{b}-1" for a in "ACGT" for b in "AC"]
GENES = ["RPL22", "ENO1", "GATA1", "NKX2-1", "MT-CYB"]
COUNTS = np.random.default_rng(0).poisson(6.0, (8, 5)).astype(np.float32)


def frame(values=COUNTS, genes=GENES, cells=CELLS) -> pd.DataFrame:
    return pd.DataFrame(values.astype(int), cells, genes)


def csv(table: pd.DataFrame | None = None, **options) -> str:
    return (frame() if table is None else table).to_csv(**options)


def zipped(text: str, *names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, text)
    return content.getvalue()


HALVES = frame() / 2
PLAIN = csv()
LINES = PLAIN.splitlines()
READ = {  # name: (file name, content)
    "commas": ("x.csv", PLAIN),
    "tabs in a .csv": ("x.csv", csv(sep="\t")),
    "semicolons in a .txt": ("x.txt", csv(sep=";")),
    "bars": ("x.dat", csv(sep="|")),
    ".tab": ("x.tab", csv(sep="\t")),
    "genes in rows": ("x.csv", csv(frame().T)),
    "R, no name for row names": ("x.tsv", csv(frame().T, sep="\t", index_label=False)),
    "R, blanks and quotes": ("x.txt", csv(frame().T, sep=" ", index_label=False, quoting=1)),
    "aligned by blanks": ("x.txt", frame().T.to_string()),
    "every field quoted": ("x.csv", csv(quoting=1)),
    "blanks around names": ("x.csv", PLAIN.replace(",", " , ").replace(" , ", " ,", 1)),
    "blank first line": ("x.csv", "\n\n" + PLAIN),
    "comments": ("x.csv", "# made by x, with y\n# of z\n" + PLAIN),
    "comments before and within": ("x.csv", "#a\n" + "\n".join([*LINES[:3], "# b", *LINES[3:]])),
    "comment at the end": ("x.csv", PLAIN + "# the end\n"),
    "header with #": ("x.tsv", "#gene\t" + csv(frame().T, sep="\t").lstrip("\t")),
    "sep= of a spreadsheet": ("x.csv", "sep=;\n" + csv(sep=";")),
    "CRLF": ("x.csv", PLAIN.replace("\n", "\r\n").encode()),
    "CR": ("x.csv", PLAIN.replace("\n", "\r").encode()),
    "UTF-8 with a mark": ("x.csv", PLAIN.encode("utf-8-sig")),
    "UTF-16": ("x.txt", csv(sep="\t").encode("utf-16")),
    "UTF-16 without a mark": ("x.txt", csv(sep="\t").encode("utf-16-le")),
    ".CSV.GZ": ("X.CSV.GZ", gzip.compress(PLAIN.encode())),
    ".bz2": ("x.csv.bz2", bz2.compress(PLAIN.encode())),
    ".xz": ("x.csv.xz", lzma.compress(PLAIN.encode())),
    ".zip": ("x.csv.zip", zipped(PLAIN, "folder/x.csv", "__MACOSX/._x.csv")),
    "packed twice in one .gz": (
        "x.csv.gz", gzip.compress(PLAIN[:90].encode()) + gzip.compress(PLAIN[90:].encode())
    ),
    "unpacked by the browser": ("x.csv.gz", PLAIN),
    "packed, but not in the name": ("x.csv", gzip.compress(PLAIN.encode())),
    "a separator at each end": ("x.csv", PLAIN.replace("\n", ",\n")),
    "a separator at the end of data": (
        "x.csv", LINES[0] + "\n" + "".join(f"{line},\n" for line in LINES[1:])
    ),
    "many separators at each end": ("x.csv", PLAIN.replace("\n", ",,,\n")),
    "rows of separators at the end": ("x.csv", PLAIN + ",,,,,\n,,,,,\n"),
    "rows counted before their names": ("x.csv", csv(frame().rename_axis("cell").reset_index())),
    "no line end": ("x.csv", PLAIN.rstrip("\n")),
    "blank lines at the end": ("x.csv", PLAIN + "\n  \n"),
    "scientific numbers": ("x.csv", csv(frame().astype(float), float_format="%.3e")),
}  # fmt: skip


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("case", READ)
def test_every_way_of_writing_gives_the_same(tmp_path, case):
    found, notes, _ = read.read(put(tmp_path, *READ[case]))
    assert list(found.obs_names) == CELLS and list(found.var_names) == GENES
    np.testing.assert_allclose(found.X, COUNTS, rtol=1e-3)
    assert sum("rows read as" in note for note in notes) == 1


def test_decimal_commas(tmp_path):
    path = put(tmp_path, "x.csv", csv(HALVES, sep=";", decimal=","))
    np.testing.assert_array_equal(read.read(path).adata.X, COUNTS / 2)
    path = put(tmp_path, "y.csv", csv(HALVES.astype(int).map(lambda v: f"1,{v:03d}"), sep=";"))
    with pytest.raises(BadInput, match="may be a decimal or thousands"):
        read.read(path)


def test_names_in_another_encoding(tmp_path):
    table = frame(genes=["RPL22", "ENO1", "GATA1", "naïve", "MT-CYB"])
    found, notes, _ = read.read(put(tmp_path, "x.csv", csv(table).encode("cp1252")))
    assert "naïve" in found.var_names and any("not UTF-8" in note for note in notes)


@pytest.mark.parametrize(
    "genes",
    [
        ["RPL22; of man", "ENO1; of man", "GATA1, x", "NKX2-1|2", "MT-CYB"],
        ['"GATA1"', "a b", "RPL22", "ENO1", "MT-CYB"],
        ["RPL22", "RPL22", "ENO1", "RPL22.1", "MT-CYB"],  # twins keep their name
        ["NA", "nan", "RPL22", "ENO1", "MT-CYB"],  # genes of the fly are called so
        ["7157", "672", "1956", "4609", "5728"],
    ],
)
def test_names_are_as_they_stand_in_the_file(tmp_path, genes):
    for table in (frame(genes=genes), frame(genes=genes).T):
        found = read.read(put(tmp_path, "x.csv", csv(table))).adata
        assert (
            list(found.var_names) == [gene.replace('"', "") for gene in genes]
            or list(found.var_names) == genes
        )
        np.testing.assert_array_equal(found.X, COUNTS)


VALUES = COUNTS / 3
BARE = "".join(",".join(f"{v:.4f}" for v in row) + "\n" for row in VALUES)
REFUSED = {  # name: (file name, content, what is said, choices that settle it or None)
    "no header, no row names": (
        "x.csv", BARE, "first line holds numbers.*--no-header",
        {"header": False, "row_names": False, "orientation": "cells"},
    ),
    "no row names": (
        "x.csv", ",".join(GENES) + "\n" + BARE, "first column.*numbers, not names.*--no-row-names",
        {"row_names": False},
    ),
    "no header": (
        "x.csv", csv(frame(COUNTS / 1), header=False).replace("\n", ".5\n"),
        "--no-header", {"header": False},
    ),
    "no evidence": (
        "x.csv", csv(frame(genes=list("abcde"), cells=list("ABCDEFGH"))),
        "Cannot tell whether the rows are cells or genes.*--orientation", {"orientation": "cells"},
    ),
    "evidence for both": (
        "x.csv", csv(frame(cells=[f"ENSG0000000000{i}" for i in range(8)],
                           genes=[f"gene_{i}" for i in range(5)])),
        "Cannot tell", {"orientation": "cells"},
    ),
    "a column of text": (
        "x.csv", csv(frame().assign(cell_type="T")), "cell_type holds text.*--drop-columns cell_t",
        {"drop": ("cell_type",)},
    ),
    "annotation of genes": (
        "x.tsv", csv(frame().T.rename_axis("Geneid").assign(Chr="1", Start=5, Length=7), sep="\t"),
        "Chr, Length, Start look like metadata, not like cells.*--drop-columns Chr",
        {"drop": ("Chr", "Start", "Length")},
    ),
    "numbers of genes": (
        "x.csv", csv(frame().T.assign(Length=900)), "Length looks like metadata, not like cells",
        {"drop": ("Length",)},
    ),
    "clusters": (
        "x.csv", csv(frame().assign(seurat_clusters=[0, 1] * 4)), "seurat_clusters looks like",
        {"drop": ("seurat_clusters",)},
    ),
    "numbered cells": (
        "x.csv", csv(frame().assign(my_order=range(8))), "my_order looks like",
        {"drop": ("my_order",)},
    ),
    "sums": (
        "x.csv", csv(frame().assign(depth=COUNTS.sum(1).astype(int))), "depth looks like",
        {"drop": ("depth",)},
    ),
    "a row of sums": (
        "x.csv", csv(pd.concat([frame().T, frame().sum(1).rename("all").to_frame().T])),
        "all looks like", {"drop": ("all",)},
    ),
    "fractions among counts": (
        "x.csv", csv(pd.concat([frame(), frame().add_suffix("b"), frame().add_suffix("c")], axis=1)
                     .assign(quality=0.37)),
        "quality looks like", {"drop": ("quality", *(g + s for g in GENES for s in "bc"))},
    ),
    "an Excel workbook": ("x.csv", zipped("", "[Content_Types].xml", "xl/w.xml"), "Excel", None),
    "an old Excel workbook": ("x.csv", b"\xd0\xcf\x11\xe0" + b"\0" * 99, "Excel", None),
    "a web page": ("x.csv", "<!DOCTYPE html><html>404</html>", "web page", None),
    "HDF5": ("x.csv", b"\x89HDF\r\n\x1a\n" + b"\0" * 99, "HDF5.*name it .h5ad", None),
    "two files in a zip": ("x.zip", zipped(PLAIN, "a.csv", "b.csv"), "unknown format", None),
    "a line for each gene and cell": (
        "x.csv", "gene,cell,count\nG1,c1,3\nG1,c2,1\nG2,c1,4\n",
        r"pivot_table\('count', 'gene', 'cell', fill_value=0\)", None,
    ),
    "two tables in a zip": ("x.csv.zip", zipped(PLAIN, "a.csv", "b.csv"), "holds 2 files", None),
    "bytes": ("x.csv", bytes(range(256)), "not a text file", None),
    "empty": ("x.csv", "", "is empty", None),
    "only comments": ("x.csv", "# a\n# b\n", "is empty", None),
    "only a header": ("x.csv", LINES[0] + "\n", "is empty", None),
    "cut off": ("x.csv.gz", gzip.compress(PLAIN.encode())[:60], "cut off", None),
    "a longer line": (
        "x.csv", PLAIN + "x" + ",1" * 7 + "\n", "Expected 6 fields in line 10, saw 8", None
    ),
    "a longer header": ("x.csv", "a,b," + PLAIN, "line 1 has 8 names, but line 2 has 6", None),
    "not a number": ("x.csv", PLAIN.replace(LINES[3][-2:], ",n.d.", 1), "not a number", None),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused_with_what_settles_it(tmp_path, case):
    name, content, said, settled = REFUSED[case]
    path = put(tmp_path, name, content)
    with pytest.raises(BadInput, match=f"(?s){said}"):
        read.read(path)
    if settled is not None:
        found = read.read(path, **settled).adata
        assert found.shape == COUNTS.shape
        ratio = found.X[COUNTS > 0] / COUNTS[COUNTS > 0]
        assert case == "no header" or np.ptp(ratio) < 1e-3


def test_metadata_can_be_kept_and_unknown_names_are_refused(tmp_path):
    path = put(tmp_path, "x.csv", csv(frame().assign(n_counts=9)))
    assert read.read(path, drop=("none",)).adata.n_vars == 6
    path = put(tmp_path, "y.csv", csv(frame().assign(n_counts=9, cluster=1)))
    with pytest.raises(BadInput, match="cluster looks like"):
        read.read(path, drop=("n_counts",))  # dropping one does not keep the other
    assert read.read(path, drop=("n_counts", "none")).adata.n_vars == 6
    path = tmp_path / "x.csv"
    with pytest.raises(BadInput, match="has no n_count"):
        read.read(path, drop=("n_count",))


def test_rows_of_htseq_and_spike_ins_are_left_out_and_said(tmp_path):
    more = ["__no_feature", "__ambiguous", "ERCC-00002"]
    table = pd.concat([frame().T, pd.DataFrame(99, more, CELLS)])
    found, notes, _ = read.read(put(tmp_path, "x.tsv", csv(table, sep="\t")))
    assert list(found.var_names) == GENES
    assert any("2 rows of HTSeq" in note for note in notes)
    assert any("1 spike-ins" in note for note in notes)


@pytest.mark.parametrize("spoiled", ["1-Mar", "Mar-01", "2-Sept", "2024-03-01", "01/03/2024"])
def test_dates_among_the_genes_are_said(tmp_path, spoiled):
    path = put(tmp_path, "x.csv", csv(frame(genes=[spoiled, *GENES[1:]])))
    assert any("are dates" in note for note in read.read(path).notes)


def test_genes_without_a_name_are_left_out_and_said(tmp_path):
    path = put(tmp_path, "x.csv", csv(frame(genes=["", "NA", "GATA1", "NA", "MT-CYB"]).T))
    found, notes, _ = read.read(path)
    assert list(found.var_names) == ["GATA1", "MT-CYB"]
    assert "3 genes without a name left out" in notes


def test_a_log_table_of_mostly_empty_genes_is_no_metadata(tmp_path):
    values = np.zeros((8, 30))
    values[:, :2] = np.log1p(COUNTS[:, :2])
    table = pd.DataFrame(values, CELLS, [f"ENSG000000001{i:02d}" for i in range(30)])
    assert read.read(put(tmp_path, "x.csv", csv(table))).adata.n_vars == 30


@pytest.mark.parametrize(
    "lines, sep",
    [
        ("a,b\n1,2\n", ","), ("TF\ttarget\nA\tB\n", "\t"), ("x;y\na;1,5\nb;2,5\n", ";"),
        ("g,Patient 1 cell\nA,1\nB,2\n", ","), ("g;a,b;c\nA;1;2\n", ";"), ("a b\n1 2\n", r"\s+"),
    ],
)  # fmt: skip
def test_separator(tmp_path, lines, sep):
    assert layout(put(tmp_path, "x", lines)).sep == sep
