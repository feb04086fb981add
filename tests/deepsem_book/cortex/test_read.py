"""Readers on small files of the real formats."""

import gzip
import itertools
from pathlib import Path

import pandas as pd
import pytest
from made_genome import random_sequence, write_2bit

from deepsem_book.cortex import epigenome
from deepsem_book.cortex.read import (
    genome_sizes,
    open_genome,
    read_bed,
    read_dmrs,
    read_fasta,
    read_gene_models,
    read_genome,
    read_tss,
)
from deepsem_book.datasets.download import ChecksumError, Entry, verify
from deepsem_book.errors import BadInput


def test_bed_is_sorted_and_what_was_wrong_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.narrowPeak.gz"
    tail = "\tpeak\t0\t.\t-1\t-1\t-1\t50"
    lines = [
        "track name=x",
        "# comment",
        "chr2\t5\t9",
        "chr1\t70\t90",
        "chr1\t10\t30",
        "chr1\t10\t30",
    ]
    with gzip.open(path, "wt") as file:
        file.write("\n".join(line + tail * line.startswith("chr") for line in lines) + "\n\n")
    table = read_bed(path)
    assert table.to_numpy().tolist() == [["chr1", 10, 30], ["chr1", 70, 90], ["chr2", 5, 9]]
    assert table.attrs["left_out"] == {"repeated": 1, "out of order (sorted)": 1}


def test_bed_by_the_name_of_the_interval(tmp_path: Path) -> None:
    path = tmp_path / "a.bed"
    path.write_text("chr1\t1\t2\tchr4:15-40:12\nchr1\t5\t6\tchr4:15-40:30\n")
    table = read_bed(path, name_is_place=True)
    assert table.to_numpy().tolist() == [["chr4", 15, 40]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chr1\tten\t20", "line 2: no chrom"),
        ("chr1\t10", "line 2: no chrom"),
        ("chr1\t20\t10", "line 2: start 20"),
        ("chr1\t-5\t10", "line 2: start -5"),
    ],
)
def test_a_bad_bed_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "a.bed"
    path.write_text(f"chr1\t1\t9\n{line}\n")
    with pytest.raises(BadInput, match=message):
        read_bed(path)


def test_an_empty_peak_set_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.bed"
    path.write_text("# nothing\n")
    with pytest.raises(BadInput, match="empty peak set"):
        read_bed(path)
    none = pd.DataFrame({"chrom": [], "start": [], "end": []})
    places = pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [9], "gene": ["A"]})
    with pytest.raises(BadInput, match="no elements"):
        epigenome.overlaps(places, none)


def test_dmrs_of_a_cell_type(tmp_path: Path) -> None:
    path = tmp_path / "dmr.tsv"
    path.write_text(
        "#chr\tstart\tend\tnumber_of_dms\thypermethylated_samples\thypomethylated_samples\n"
        "2\t50\t90\t3\tmL6\tmL4\n1\t10\t30\t2\t\tmL23,mL4\n1\t40\t60\t2\tmL4\t\n"
    )
    assert read_dmrs(path, "mL4").to_numpy().tolist() == [["1", 10, 30], ["2", 50, 90]]
    assert len(read_dmrs(path)) == 3
    with pytest.raises(BadInput, match="mL23, mL4"):
        read_dmrs(path, "mL")  # part of a name is no name
    path.write_text("#chr\tstart\n1\t10\n")
    with pytest.raises(BadInput, match="end"):
        read_dmrs(path)
    for line in ("1\t30\tx", "1\t30\t20", "1\t-3\t20"):
        path.write_text(f"chr\tstart\tend\n1\t10\t30\n{line}\n")
        with pytest.raises(BadInput, match="line 3"):
            read_dmrs(path)


def test_fasta_and_elements_of_a_genome(tmp_path: Path) -> None:
    path = tmp_path / "g.fa"
    path.write_text(">chr1 first\nACGT\nacgg\n>chr2\nTTTT\n")
    assert read_fasta(path) == {"chr1": "ACGTACGG", "chr2": "TTTT"}
    elements = pd.DataFrame({"chrom": ["chr1"], "start": [2], "end": [8]})
    assert read_genome(path, elements) == {"chr1:2-8": "GTACGG"}
    with pytest.raises(BadInput, match="beyond"):
        read_genome(path, elements.assign(end=9))
    with pytest.raises(BadInput, match="not in the genome"):
        read_genome(path, elements.assign(chrom="1"))
    path.write_text("ACGT\n")
    with pytest.raises(BadInput, match="line 1"):
        read_fasta(path)
    path.write_text(">a\nA\n>a\nC\n")
    with pytest.raises(BadInput, match="line 3"):
        read_fasta(path)


@pytest.mark.parametrize("order", ["<", ">"])
def test_elements_of_a_2bit_genome(tmp_path: Path, order: str) -> None:
    path = tmp_path / "g.2bit"
    first = "NNN" + random_sequence(40) + "NNNNN" + random_sequence(53, 1).lower() + "N"
    write_2bit(path, {"chr1": first, "chrX_alt": "NACGT"}, order)
    sizes, get = open_genome(path)
    assert sizes == {"chr1": len(first), "chrX_alt": 5}
    for a, b in itertools.combinations(range(0, len(first) + 1, 3), 2):
        assert get("chr1", a, b).upper() == first[a:b].upper()
    elements = pd.DataFrame({"chrom": ["chr1", "chrX_alt"], "start": [39, 1], "end": [60, 5]})
    sequences = read_genome(path, elements)
    assert sequences == {"chr1:39-60": first[39:60].upper(), "chrX_alt:1-5": "ACGT"}
    assert genome_sizes(path).to_dict() == sizes
    with pytest.raises(BadInput, match="beyond"):
        read_genome(path, elements.assign(end=200))
    with pytest.raises(BadInput, match="not in the genome"):
        read_genome(path, elements.assign(chrom="1"))
    entry = Entry("x", "https://example.org/g.2bit")  # no checksum is known
    verify(path, entry)
    for content in (path.read_bytes()[:-1], b"", b"no genome" * 9):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=r"g\.2bit"):
            read_genome(path, elements)
        with pytest.raises(ChecksumError):
            verify(path, entry)


def test_gene_models_of_refgene(tmp_path: Path) -> None:
    path = tmp_path / "refGene.txt.gz"
    fields = ["585", "NM_1", "chr1", "-", "10", "90", "12", "80", "2", "10,60,", "30,90,", "0",
              "Rorb", "cmpl", "cmpl", "0,1,"]  # fmt: skip
    path.write_bytes(gzip.compress("\t".join(fields).encode()))
    models = read_gene_models(path).to_numpy().tolist()
    assert models == [["RORB", "NM_1", "chr1", 10, 30, "-"], ["RORB", "NM_1", "chr1", 60, 90, "-"]]
    fields[10] = "30,"  # an exon without end
    path.write_bytes(gzip.compress("\t".join(fields).encode()))
    with pytest.raises(BadInput, match="line 1"):
        read_gene_models(path)


def test_gene_starts(tmp_path: Path) -> None:
    path = tmp_path / "tss.bed"
    line = "chr1\t{}\t{}\tENSMUSG1\t.\t{}\t{}\tprotein_coding\n"
    path.write_text(line.format(4000, 6000, "+", "Rorb") * 2 + line.format(9000, 11000, "-", "NA"))
    starts = read_tss(path).to_numpy().tolist()
    assert starts == [["chr1", 5000, "+", "RORB"], ["chr1", 10000, "-", "NA"]]
    for bad in (("x", 6000, "+", "A"), (7000, 6000, "+", "A"), (1, 9, ".", "A"), (1, 9, "+", "")):
        path.write_text(line.format(4000, 6000, "+", "Rorb") + line.format(*bad))
        with pytest.raises(BadInput, match="line 2"):
            read_tss(path)
    path.write_text("chr1\t1\t9\n")
    with pytest.raises(BadInput, match="line 1"):
        read_tss(path)
