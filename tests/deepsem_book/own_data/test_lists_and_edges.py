"""Lists of TFs in any shape, names that R changed, and tables of edges and networks."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book.errors import BadInput
from deepsem_book.own_data import cli, edge_files, prepare, tf_file

GENES = ["GATA1", "TAL1", "KLF1", "SPI1", "ACTB", "ENSG00000001"]
TFS = ["GATA1", "TAL1", "KLF1"]


def put(folder: Path, content: str | bytes, name: str = "tfs.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


LISTS = {
    "one a line": "GATA1\nTAL1\nKLF1\n",
    "in one line": "GATA1,TAL1,KLF1\n",
    "in one line with tabs": "GATA1\tTAL1\tKLF1",
    "in one line with blanks": "GATA1 TAL1 KLF1",
    "in one line with semicolons": "GATA1;TAL1;KLF1\n",
    "wrapped": "GATA1,TAL1,\nKLF1\n",
    "labelled": "TF\nGATA1\nTAL1\nKLF1\n",
    "labelled otherwise": "gene_symbol\nGATA1\nTAL1\nKLF1\n",
    "quoted": '"GATA1"\n"TAL1"\n"KLF1"\n',
    "blanks": "  GATA1 \n TAL1\t\nKLF1  \n\n",
    "comments": "# of man\nGATA1\nTAL1\n# and\nKLF1\n",
    "CRLF and a mark": "\ufeffGATA1\r\nTAL1\r\nKLF1\r\n",
    "UTF-16": "GATA1\r\nTAL1\r\nKLF1\r\n".encode("utf-16"),
    "packed": gzip.compress(b"GATA1\nTAL1\nKLF1\n"),
    "AnimalTFDB": "Species\tSymbol\tEnsembl\tFamily\n" + "".join(
        f"Homo_sapiens\t{tf}\tENSG1\tzf-C2H2\n" for tf in TFS
    ),
    "Lambert": "ID,HGNC symbol,Is TF?\n1,GATA1,Yes\n2,TAL1,Yes\n3,ACTB,No\n4,KLF1,Yes\n",
    "written by R": '"","x"\n"1","GATA1"\n"2","TAL1"\n"3","KLF1"\n',
    "written by pandas": ",0\n0,GATA1\n1,TAL1\n2,KLF1\n",
    "identifiers beside": "ENSG1 GATA1\nENSG2 TAL1\nENSG3 KLF1\n",
    "a network": "TF,target,importance\nGATA1,ACTB,1\nTAL1,ACTB,2\nKLF1,SPI1,1\n",
    "lower case": "gata1\ntal1\nklf1\n",
}  # fmt: skip


@pytest.mark.parametrize("case", LISTS)
def test_lists_of_any_shape(tmp_path, case):
    names = tf_file.names_in(put(tmp_path, LISTS[case]), GENES)
    assert [name.upper() for name in names] == TFS
    assert set(TFS) <= {name.upper() for name in tf_file.names_in(tmp_path / "tfs.txt")}


def test_a_column_of_identifiers_where_the_data_have_them(tmp_path):
    path = put(tmp_path, "Symbol\tEnsembl\nGATA1\tENSG00000001\nTAL1\tENSG00000002\n")
    assert tf_file.names_in(path, ["ENSG00000001", "x"]) == ["ENSG00000001", "ENSG00000002"]


@pytest.mark.parametrize(
    "content, said",
    [
        ("", "is empty"), ("\n \n", "is empty"), ("# a\n", "is empty"), ("TF\n", "is empty"),
        ("1\n2\n", "is empty"), (b"\x89HDF\r\n\x1a\n" + b"\0" * 9, "not a text"),
        ("GATA1,ACTB\nTAL1,SPI1\n", "columns 1 and 2 both hold genes"),
    ],
)  # fmt: skip
def test_lists_that_say_nothing(tmp_path, content, said):
    with pytest.raises(BadInput, match=f"(?i){said}"):
        tf_file.names_in(put(tmp_path, content), GENES)


def test_lists_that_are_not_there(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BadInput, match="give a file or one of human, mouse"):
            tf_file.names_in(path, GENES)


@pytest.mark.parametrize(
    "gene, tf, same",
    [
        ("NKX2.1", "NKX2-1", True), ("nkx2-1", "NKX2-1", True), ("HLA.A", "HLA-A", True),
        ("X1700001C02Rik", "1700001C02Rik", True), ("NKX2_1", "NKX2-1", True),
        ("ENSG00000102145.14", "ENSG00000102145", True), ("GATA10", "GATA1", False),
        ("GATA1.1", "GATA1", False), ("XBP1", "BP1", False),
    ],
)  # fmt: skip
def test_names_that_were_changed(gene, tf, same):
    mask, notes = tf_file.regulators(pd.Index(["ACTB", gene]), [tf, "absent"])
    assert list(mask) == [False, same]
    assert notes[0] == f"{int(same)} of 2 TFs are in the data"


def test_a_changed_name_that_may_be_two_is_nobody():
    mask, _ = tf_file.regulators(pd.Index(["A.B", "x"]), ["A-B", "A_B"])
    assert not mask.any()
    mask, _ = tf_file.regulators(pd.Index(["A.B", "A_B"]), ["A-B"])
    assert not mask.any()
    mask, _ = tf_file.regulators(pd.Index(["A-B", "A.B"]), ["A-B"])
    assert list(mask) == [True, False]  # its own name goes before a changed one


def test_how_many_are_in_the_data_and_left_out():
    X = np.random.default_rng(0).uniform(1, 2, (20, 6)).astype(np.float32)
    X[1:, 0] = 0  # GATA1 in one cell of 20
    adata = AnnData(X, var=pd.DataFrame(index=["GATA1", "NKX2.1", "KLF1", "a", "b", "c"]))
    _, notes, _ = prepare.prepare_cells(adata, ["GATA1", "NKX2-1", "KLF1", "none"])
    assert "3 of 4 TFs are in the data" in notes
    assert "1 of them left out as the filter leaves out other genes" in notes
    assert "1 TFs under a changed name: NKX2.1 for NKX2-1" in notes
    assert "2 TFs and 3 other genes used" in notes


ROWS = [("A", "B", 3.0), ("A", "C", 2.0), ("B", "C", 1.5)]


def table(*header: str, sep: str = ",", end: str = "\n", quote: str = "") -> str:
    lines = [sep.join(header)] if header else []
    lines += [sep.join(f"{quote}{field}{quote}" for field in row) for row in ROWS]
    return end.join(lines) + end


EDGES = {
    "ours": table("TF", "target", "importance"),
    "BEELINE": table("Gene1", "Gene2", "EdgeWeight", sep="\t"),
    "the authors'": table("TF", "Target", "EdgeWeight", sep="\t"),
    "GENIE3": table("regulatoryGene", "targetGene", "weight", sep=" "),
    "networkx": table("source", "target", "weight"),
    "semicolons": table("TF", "target", "importance", sep=";"),
    "quoted": table("TF", "target", "importance", quote='"'),
    "CRLF": table("TF", "target", "importance", end="\r\n"),
    "comment": "# made by x\n" + table("TF", "target", "importance"),
    "blanks": table("TF", "target", "importance", sep=" , "),
    "other order": "importance,target,TF\n3,B,A\n2,C,A\n1.5,C,B\n",
    "more columns": "rank,TF,target,importance,sign\n1,A,B,3,1\n2,A,C,2,-1\n3,B,C,1.5,1\n",
    "an index": ",TF,target,importance\n0,A,B,3\n1,A,C,2\n2,B,C,1.5\n",
    "R's row names": "TF\ttarget\timportance\n1\tA\tB\t3\n2\tA\tC\t2\n3\tB\tC\t1.5\n",
    "decimal commas": "TF;target;importance\nA;B;3,0\nA;C;2,0\nB;C;1,5\n",
    "packed": gzip.compress(table("TF", "target", "importance").encode()),
    "UTF-16": table("TF", "target", "importance", sep="\t").encode("utf-16"),
    "a blank line": table("TF", "target", "importance").replace("\nA,C", "\n\nA,C"),
    "scientific": "TF,target,importance\nA,B,3e0\nA,C,2.0E+00\nB,C,15e-1\n",
}


@pytest.mark.parametrize("case", EDGES)
def test_edges_of_any_program(tmp_path, case):
    found = edge_files.read_edges(put(tmp_path, EDGES[case], "e.csv"))
    assert list(found.itertuples(index=False, name=None)) == ROWS


BAD_EDGES = {
    "a word": ("TF,target,importance\nA,B,1\n\nA,C,high\n", "line 4, column 'importance': 'high'"),
    "nothing": ("TF,target,importance\nA,B,1\nA,C,\n", "line 3, column 'importance': it is empty"),
    "NaN": ("TF,target,importance\nA,B,nan\n", "line 2.*'nan' is not a number"),
    "inf": ("TF,target,importance\nA,B,inf\n", "line 2"),
    "no name": ("TF,target,importance\nA,B,1\n,C,2\n", "line 3: a gene has no name"),
    "other columns": ("x,y,z\nA,B,1\n", "lacks the column.*it has x, y, z"),
    "no header": ("A,B,3.5\nA,C,2\n", "no header"),
    "only a header": ("TF,target,importance\n", "no edges"),
    "empty": ("", "is empty"),
    "a long line": ("TF,target,importance\n" + "A,B,1\n" * 50 + "A,B,1,2\n", "line 52"),
}


@pytest.mark.parametrize("case", BAD_EDGES)
def test_edges_that_are_wrong(tmp_path, case):
    content, said = BAD_EDGES[case]
    with pytest.raises(BadInput, match=said):
        edge_files.read_edges(put(tmp_path, content, "e.csv"))


@pytest.mark.parametrize(
    "content",
    [
        "Gene1,Gene2\nA,B\nB,C\n", "Gene1\tGene2\tType\nA\tB\t+\nB\tC\t-\n",
        "TF;Target\nA;B\nB;C\n", "gene1,gene2\r\n A , B\r\nB ,C\r\n",
    ],
)  # fmt: skip
def test_networks(tmp_path, content):
    found = edge_files.read_network(put(tmp_path, content, "n.csv"))
    assert found.to_numpy().tolist() == [["A", "B"], ["B", "C"]]


def test_a_ranking_is_no_network(tmp_path):
    with pytest.raises(BadInput, match="is a ranking"):
        edge_files.read_network(put(tmp_path, EDGES["BEELINE"], "n.csv"))


def test_scores_do_not_hang_on_the_way_of_writing(tmp_path, capsys):
    network = put(tmp_path, "Gene1,Gene2\nA,B\nB,C\n", "n.csv")
    said = set()
    for case, content in EDGES.items():
        path = put(tmp_path, content, f"{case}.csv")
        assert cli.main(["evaluate", str(path), str(network)]) == 0
        said.add(capsys.readouterr().out)
    assert len(said) == 1 and "nan" not in said.pop()
