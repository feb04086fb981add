"""Readers on small files of the real formats, the scanner on planted motifs, the null on known
truth, and the whole chain on a genome made by hand."""

import contextlib
import gzip
import hashlib
import itertools
import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book import datasets
from deepsem_book.cortex import epigenome, motifs, paper
from deepsem_book.cortex.cells import CORTEX_TYPES, markers, seqfish_cases, subclass_medians
from deepsem_book.cortex.evidence import Evidence, degrees, jaccard, judge, top_edges, with_elements
from deepsem_book.cortex.motifs import Motif
from deepsem_book.cortex.read import (
    genome_sizes,
    left_out,
    open_genome,
    read_bed,
    read_dmrs,
    read_dorothea,
    read_fasta,
    read_gene_models,
    read_genome,
    read_promoters,
    read_tss,
)
from deepsem_book.datasets.download import ChecksumError, Entry, verify
from deepsem_book.errors import BadInput
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit

COMPLEMENT = str.maketrans("ACGT", "TGCA")
SIZES = pd.Series({"chr1": 1_000_000, "chr2": 300_000})


def reverse(sequence: str) -> str:
    return sequence.translate(COMPLEMENT)[::-1]


def consensus(site: str, name: str, weight: float = 20.0) -> Motif:
    counts = np.array([[weight * (base == b) for b in site] for base in motifs.BASES])
    return Motif(f"MA_{name}", name, counts)


def random_sequence(length: int, seed: int = 0) -> str:
    return "".join(np.random.default_rng(seed).choice(list("ACGT"), length))


# --- intervals


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
    assert left_out(table).to_dict() == {"repeated": 1, "out of order (sorted)": 1}


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


# --- sequences and motifs


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


def blocks_of(sequence: str, letters: str) -> list[tuple[int, int]]:
    """Start and length of each run of `letters`."""
    return [(m.start(), len(m[0])) for m in re.finditer(f"[{letters}]+", sequence)]


def write_2bit(path: Path, sequences: dict[str, str], order: str = "<") -> None:
    """The format of UCSC with blocks of N and of lower case, written from its specification."""

    def words(*values: int) -> bytes:
        return np.array(values, dtype=f"{order}u4").tobytes()

    records = []
    for sequence in sequences.values():
        n, mask = blocks_of(sequence, "Nn"), blocks_of(sequence, "acgtn")
        padded = sequence.upper() + "T" * (-len(sequence) % 4)
        letters = np.array(list(padded.replace("N", "T"))).reshape(-1, 4)
        codes = sum(value * (letters == base) for value, base in enumerate("TCAG"))
        packed = (codes @ [64, 16, 4, 1]).astype(np.uint8).tobytes()
        parts = [
            words(len(block), *(a for a, _ in block), *(k for _, k in block)) for block in (n, mask)
        ]
        records.append(words(len(sequence)) + b"".join(parts) + words(0) + packed)
    offset, index = 16 + sum(1 + len(name) + 4 for name in sequences), b""
    for name, record in zip(sequences, records, strict=True):
        index += bytes([len(name)]) + name.encode() + words(offset)
        offset += len(record)
    path.write_bytes(words(0x1A412743, 0, len(records), 0) + index + b"".join(records))


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
    found = read_genome(path, elements)
    assert found == {"chr1:39-60": first[39:60].upper(), "chrX_alt:1-5": "ACGT"}
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
    found = read_gene_models(path).to_numpy().tolist()
    assert found == [["RORB", "NM_1", "chr1", 10, 30, "-"], ["RORB", "NM_1", "chr1", 60, 90, "-"]]
    fields[10] = "30,"  # an exon without end
    path.write_bytes(gzip.compress("\t".join(fields).encode()))
    with pytest.raises(BadInput, match="line 1"):
        read_gene_models(path)


def test_gene_starts(tmp_path: Path) -> None:
    path = tmp_path / "tss.bed"
    line = "chr1\t{}\t{}\tENSMUSG1\t.\t{}\t{}\tprotein_coding\n"
    path.write_text(line.format(4000, 6000, "+", "Rorb") * 2 + line.format(9000, 11000, "-", "NA"))
    found = read_tss(path).to_numpy().tolist()
    assert found == [["chr1", 5000, "+", "RORB"], ["chr1", 10000, "-", "NA"]]
    for bad in (("x", 6000, "+", "A"), (7000, 6000, "+", "A"), (1, 9, ".", "A"), (1, 9, "+", "")):
        path.write_text(line.format(4000, 6000, "+", "Rorb") + line.format(*bad))
        with pytest.raises(BadInput, match="line 2"):
            read_tss(path)
    path.write_text("chr1\t1\t9\n")
    with pytest.raises(BadInput, match="line 1"):
        read_tss(path)


def test_jaspar_text_and_sqlite_agree(tmp_path: Path) -> None:
    text = tmp_path / "m.jaspar"
    text.write_text(
        ">MA1.2 Aa::Bb\nA [ 1 0 ]\nC [ 2 0 ]\nG [ 3 9 ]\nT [ 4 1 ]\n"
        ">MA2.1 Cc(var.2)\nA 5\nC 0\nG 0\nT 0\n"
    )
    one, two = motifs.read_jaspar_text(text)
    assert one.tfs == ["AA", "BB"] and two.tfs == ["CC"]
    np.testing.assert_array_equal(one.counts, [[1, 0], [2, 0], [3, 9], [4, 1]])
    path = tmp_path / "j.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("create table MATRIX (ID, COLLECTION, BASE_ID, VERSION integer, NAME)")
        db.execute("create table MATRIX_ANNOTATION (ID, TAG, VAL)")
        db.execute("create table MATRIX_DATA (ID, row, col, val)")
        for i, version in enumerate([2, 1]):  # the older version and the plant are not wanted
            db.execute("insert into MATRIX values (?,'CORE','MA1',?,'Aa::Bb')", (i, version))
        db.execute("insert into MATRIX values (5,'CORE','MA5',1,'plant')")
        groups = [(0, "vertebrates"), (1, "vertebrates"), (5, "plants")]
        db.executemany("insert into MATRIX_ANNOTATION values (?,'tax_group',?)", groups)
        for row, col in itertools.product(range(4), range(2)):
            value = one.counts[row, col]
            db.execute("insert into MATRIX_DATA values (0,?,?,?)", ("ACGT"[row], col + 1, value))
    [read] = motifs.read_jaspar_sqlite(path)
    assert (read.matrix_id, read.name) == (one.matrix_id, one.name)
    np.testing.assert_array_equal(read.counts, one.counts)
    with pytest.raises(BadInput, match="fungi"):
        motifs.read_jaspar_sqlite(path, "fungi")
    with pytest.raises(BadInput, match="no JASPAR database"):
        motifs.read_jaspar_sqlite(text)
    text.write_text(">MA1 x\nA [ 1 ]\nC [ 1 2 ]\nG [ 1 ]\nT [ 1 ]\n")
    with pytest.raises(BadInput, match="equal length"):
        motifs.read_jaspar_text(text)


def test_planted_motifs_are_found_where_they_were_planted() -> None:
    site = "TGACGTCATGCA"
    assert site != reverse(site)
    background = list("AC" * 100)  # holds neither the site nor its reverse
    for start, planted in ((20, site), (97, reverse(site)), (188, site)):
        background[start : start + 12] = planted
    sequences = {"a": "ACCA", "b": "".join(background)}
    hits = motifs.scan([consensus(site, "X")], sequences, 1e-5)
    found = hits[["sequence", "start", "end", "strand"]].to_numpy().tolist()
    assert found == [["b", 20, 32, "+"], ["b", 97, 109, "-"], ["b", 188, 200, "+"]]
    assert np.allclose(hits["p_value"], 0.25**12)


def test_p_values_and_threshold_equal_brute_force() -> None:
    """Every word of six bases is scored: its p-value is the share of words that score as high."""
    counts = np.full((4, 6), 1.0)  # a score is the number of matches: far more than rounding apart
    counts[[0, 3, 2, 2, 1, 0], range(6)] = 17
    motif = Motif("M", "m", counts)
    weights = np.log2(motif.probabilities / 0.25)
    words = np.array(list(itertools.product(range(4), repeat=6)))
    scores = weights[words, np.arange(6)].sum(axis=1)
    p_of = {
        "".join("ACGT"[i] for i in word): (scores >= score - 1e-6).mean()
        for word, score in zip(words, scores, strict=True)
    }
    sequence = random_sequence(5000)
    hits = motifs.scan([motif], {"s": sequence}, 1e-2)
    for strand in "+-":
        sites = [sequence[i : i + 6] for i in range(len(sequence) - 5)]
        sites = sites if strand == "+" else [reverse(site) for site in sites]
        p = np.array([p_of[site] for site in sites])
        mine = hits[hits["strand"] == strand]
        assert mine["start"].tolist() == np.flatnonzero(p < 1e-2).tolist()
        np.testing.assert_allclose(mine["p_value"], p[p < 1e-2])


def exact_p(whole: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """P(score >= s) of a random word for whole-numbered weights: MEME's dynamic programme."""
    low, chance = whole.min(axis=0), np.ones(1)
    for column, least in zip(whole.T, low, strict=True):
        wider = np.zeros(len(chance) + int(column.max() - least))
        for value in column - least:
            wider[value : value + len(chance)] += chance / 4
        chance = wider
    tail = np.append(chance[::-1].cumsum()[::-1], 0.0)
    return lambda scores: tail[np.clip(scores - low.sum(), 0, len(tail) - 1)]


def soft_motif(width: int, seed: int) -> Motif:
    rng = np.random.default_rng(seed)
    return Motif("M", "m", 60 * rng.dirichlet(np.full(4, 0.6), size=width).T)


@pytest.mark.parametrize("width", [10, 19])
@pytest.mark.parametrize("threshold", [1e-3, 1e-5])
def test_p_values_equal_an_independent_dynamic_programme(width: int, threshold: float) -> None:
    """Every place of a random sequence below the threshold is a hit with its p-value, no other."""
    motif = soft_motif(width, seed=width)
    whole = np.rint(np.log2(motif.probabilities / 0.25) / motifs.BIN).astype(int)
    p = exact_p(whole)
    length = 60_000 if threshold == 1e-3 else 600_000
    sequence = random_sequence(length, seed=width)
    codes = np.searchsorted(list("ACGT"), list(sequence))
    places = np.lib.stride_tricks.sliding_window_view(codes, width)
    hits = motifs.scan([motif], {"s": sequence}, threshold)
    for strand, table in (("+", whole), ("-", whole[::-1, ::-1])):
        scores = table[places, np.arange(width)].sum(axis=1)
        expected = np.flatnonzero(p(scores) < threshold)
        mine = hits[hits["strand"] == strand]
        assert len(expected) > 2 and mine["start"].tolist() == expected.tolist()
        np.testing.assert_allclose(mine["p_value"], p(scores[expected]), rtol=1e-6)
        np.testing.assert_allclose(mine["score"] / motifs.BIN, scores[expected], atol=1e-6)


def test_rounded_scores_hardly_change_a_p_value() -> None:
    """Against every word of eight bases with scores that are not rounded."""
    motif = soft_motif(8, seed=8)
    words = np.array(list(itertools.product(range(4), repeat=8)))
    exact = np.log2(motif.probabilities / 0.25)[words, np.arange(8)].sum(axis=1)
    whole = np.rint(np.log2(motif.probabilities / 0.25) / motifs.BIN).astype(int)
    rounded = exact_p(whole)(whole[words, np.arange(8)].sum(axis=1))
    share = 1 - np.searchsorted(np.sort(exact), exact - 1e-9) / len(words)
    rare = share < 1e-2
    assert np.abs(np.log(rounded[rare] / share[rare])).max() < 0.1
    assert np.mean((rounded < 1e-3) != (share < 1e-3)) < 2e-5


def test_hit_rate_on_random_sequence_is_the_p_value() -> None:
    rng = np.random.default_rng(1)
    motif = Motif("M", "m", 100 * rng.dirichlet(np.full(4, 0.5), size=10).T)
    hits = motifs.scan([motif], {"s": random_sequence(400_000, 2)}, 1e-3)
    assert 0.9e-3 < len(hits) / 800_000 < 1.05e-3  # both strands; 4 sd of 800 hits are 0.14e-3


def test_no_hit_over_an_n() -> None:
    motif = consensus("ACGTTC", "X", weight=1.0)
    sequence = random_sequence(2000)
    hits = motifs.scan([motif], {"s": sequence}, 1e-2)
    start = hits.loc[len(hits) // 2, "start"]
    masked = motifs.scan([motif], {"s": sequence[: start + 2] + "N" + sequence[start + 3 :]}, 1e-2)
    over_n = (hits["start"] <= start + 2) & (hits["end"] > start + 2)
    assert over_n.any()
    pd.testing.assert_frame_equal(masked, hits[~over_n].reset_index(drop=True))
    with pytest.raises(BadInput, match="nothing to scan"):
        motifs.scan([motif], {})
    with pytest.raises(ValueError, match="between 0 and 1"):
        motifs.scan([motif], {"s": sequence}, 0)


# --- windows and evidence


def test_windows_end_with_the_chromosome() -> None:
    starts = pd.DataFrame({
        "chrom": ["chr1", "chr1", "chr1", "chr2", "chrUn", "chr2"],
        "tss": [500_000, 50_000, 999_999, 150_000, 5, 300_000],
        "gene": list("ABCDEF"),
    })  # fmt: skip
    found = epigenome.windows(starts, SIZES)
    expected = [
        ["chr1", 300_000, 700_001, "A"],
        ["chr1", 0, 250_001, "B"],
        ["chr1", 799_999, 1_000_000, "C"],
        ["chr2", 0, 300_000, "D"],  # both ends at once
    ]
    assert found.to_numpy().tolist() == expected
    assert left_out(found).sum() == 2  # E: unknown chromosome; F: beyond the end
    with pytest.raises(BadInput, match="not among"):
        epigenome.windows(starts.assign(chrom="1"), SIZES)


def test_overlap_needs_a_shared_base_and_shared_names() -> None:
    places = pd.DataFrame({"chrom": ["chr1"], "start": [100], "end": [200], "gene": ["A"]})
    elements = pd.DataFrame({
        "chrom": ["chr1"] * 4 + ["chr9"], "start": [50, 99, 199, 200, 150],
        "end": [100, 101, 300, 210, 160],
    })  # fmt: skip
    near = epigenome.overlaps(places, elements)
    assert near["element"].tolist() == [1, 2]  # half-open: touching is no overlap
    assert left_out(near).sum() == 1
    assert epigenome.count_elements(near, places, ["a", "b"]).tolist() == [2, 0]
    bare = elements.assign(chrom=elements["chrom"].str.removeprefix("chr"))
    with pytest.raises(BadInput, match="add or remove 'chr'"):
        epigenome.overlaps(places, bare)


def test_genes_without_a_start_are_counted() -> None:
    tss = pd.DataFrame({"chrom": ["chr1"], "tss": [5], "strand": ["+"], "gene": ["RORB"]})
    found = epigenome.starts_of(["Rorb", "Nope1", "Nope2"], tss)
    assert found["gene"].tolist() == ["RORB"]
    assert left_out(found)["gene without start"] == 2
    with pytest.raises(BadInput, match="NOPE"):
        epigenome.starts_of(["Nope"], tss)


def test_the_whole_chain_on_a_genome_made_by_hand(tmp_path: Path) -> None:
    """Gene A has X's site in an element 199 kb away, B has Y's site outside of every element, C has
    X's site in an element that is 1 base too far; the shares are known."""
    x, y = "TGACGTCATGCA", "GGATCCGGTTAA"
    genome = list("AC" * 500_000)
    starts = {"A": 300_000, "B": 500_000, "C": 799_000}
    for place, site in ((499_000, x), (450_000, y), (999_150, reverse(x)), (100_000, y)):
        genome[place : place + 12] = site
    (tmp_path / "g.fa").write_text(">chr1\n" + "".join(genome) + "\n")
    (tmp_path / "p.bed").write_text("chr1\t499000\t499050\nchr1\t999001\t999200\n")
    elements = read_bed(tmp_path / "p.bed")
    tss = pd.DataFrame(
        {"chrom": "chr1", "tss": starts.values(), "strand": "+", "gene": list(starts)}
    )
    places = epigenome.windows(epigenome.starts_of("ABC", tss), SIZES)
    near = epigenome.overlaps(places, elements)
    known = {m.matrix_id: m for m in (consensus(x, "Xtf"), consensus(y, "Ytf"))}
    hits = motifs.scan(known.values(), read_genome(tmp_path / "g.fa", elements))
    pairs = epigenome.tfs_in_elements(hits, elements, {k: m.tfs for k, m in known.items()})
    evidence = epigenome.element_evidence(near, places, pairs, ["a", "b", "c"], ["Xtf", "Ytf"])
    assert evidence.tolist() == [[True, False], [True, False], [False, False]]


def test_promoter_evidence_is_any_promoter_of_the_gene() -> None:
    places = pd.DataFrame({"gene": ["A", "A", "B"]})
    hits = pd.DataFrame({"T1": [True, False, False], "T2": [False, False, True]})
    found = epigenome.promoter_evidence(places, hits, ["b", "a", "z"], ["t2", "t9", "t1"])
    assert found.tolist() == [[True, False, False], [False, False, True], [False] * 3]


# --- regulators and the null


def test_top_regulators_and_edges() -> None:
    genes, tfs = ["a", "b", "c"], ["b", "c"]
    W = np.array([[0, 0.1, -0.9], [0, 5, 0.2], [0, 0.3, 9]])
    assert epigenome.top_regulators(W, genes, tfs, 1).tolist() == [
        [False, True], [False, True], [True, False]]  # fmt: skip
    with pytest.raises(BadInput, match="k = 2"):
        epigenome.top_regulators(W, genes, tfs, 2)
    with pytest.raises(BadInput, match="not among"):
        epigenome.top_regulators(W, genes, ["b", "q"], 1)
    edges = pd.DataFrame({"Gene1": ["B", "C", "Q"], "Gene2": ["A", "Z", "A"]})
    assert epigenome.edge_regulators(edges, genes, tfs).sum() == 1
    most = top_edges(W, genes, tfs, 1)
    assert most.tolist() == [[False, True], [False, True], [True, False]]


def frequencies(n: int = 200, n_tfs: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Evidence whose TFs differ in frequency, and regulators that prefer the frequent TFs."""
    rng = np.random.default_rng(seed)
    often = rng.beta(0.6, 0.6, n_tfs)
    evidence = rng.random((n, n_tfs)) < often
    regulators = rng.random((n, n_tfs)) < 0.3 * often
    return regulators, evidence


def test_frequent_motifs_beat_random_tfs_but_not_the_matched_null() -> None:
    regulators, evidence = frequencies()
    groups = epigenome.strata(np.arange(200), n_bins=4)
    got = epigenome.against_null(regulators, evidence, groups)
    assert got.observed - got.random > 0.15  # against random TFs this would look like enrichment
    assert abs(got.z) < 3 and got.low < 0 < got.high
    assert epigenome.motif_verdict(got) == "not distinguishable from its matched null"
    regulators |= evidence & (np.random.default_rng(1).random(evidence.shape) < 0.1)
    got = epigenome.against_null(regulators, evidence, groups)
    assert got.z > 5 and got.low > 0 and got.p < 0.01
    own = np.array([e[r].mean() for r, e in zip(regulators, evidence, strict=True) if r.any()])
    half = 1.96 * own.std() / np.sqrt(len(own))  # the bootstrap of a mean
    assert np.allclose(
        [got.observed - got.observed_low, got.observed_high - got.observed], half, rtol=0.15
    )
    assert epigenome.motif_verdict(got) == "above its matched null"


def test_null_equals_a_loop_over_permutations() -> None:
    regulators, evidence = frequencies(n=30, n_tfs=12, seed=3)
    groups = np.repeat([0, 1, 2], 10)
    got = epigenome.against_null(regulators, evidence, groups, n=4000, seed=1)
    rows = [i for i in range(30) if regulators[i].any()]
    rng, draws = np.random.default_rng(7), []
    for _ in range(2000):
        other = dict(zip(rows, rows, strict=True))
        for group in range(3):
            members = [i for i in rows if groups[i] == group]
            other |= dict(zip(members, rng.permutation(members), strict=True))
        draws.append(np.mean([evidence[other[i]][regulators[i]].mean() for i in rows]))
    own = np.mean([evidence[i][regulators[i]].mean() for i in rows])
    assert got.n_genes == len(rows) and np.isclose(got.observed, own)
    assert abs(got.null - np.mean(draws)) < 4 * np.std(draws) / np.sqrt(2000)
    assert np.isclose(got.z, (own - np.mean(draws)) / np.std(draws), rtol=0.1, atol=0.1)


def test_padded_control_holds_every_known_regulator_and_grows_with_the_genes() -> None:
    rng = np.random.default_rng(0)
    known = np.zeros((400, 40), dtype=bool)
    known[np.arange(300), rng.integers(40, size=300)] = True  # 100 genes without a known one
    known[0] = np.arange(40) < 15  # more than fit into a list of 12
    often = rng.beta(1, 3, 40)
    evidence = (rng.random(known.shape) < often) | (known & (rng.random(known.shape) < 0.5))
    matched = [rng.random(400), rng.integers(9, size=400)]
    few, many = (
        epigenome.padded_control(known, evidence, matched, 12, size, n_draws=12)
        for size in (30, 300)
    )
    assert len(few) == 12 and (few["n_genes"] == 30).all() and (many["n_genes"] == 300).all()
    assert few["observed"].nunique() > 1  # other genes in each draw
    assert 1.5 < many["z"].median() / few["z"].median() < 7  # about the root of ten times the genes
    again = epigenome.padded_control(known, evidence, matched, 12, 30, n_draws=12)
    assert again.equals(few)
    # lists of one known regulator and no padding: the positive control itself
    single = known[1:300]
    bare = epigenome.padded_control(
        single, evidence[1:300], [c[1:300] for c in matched], 1, 999, n_draws=1
    )
    assert np.isclose(bare["observed"][0], evidence[1:300][single].mean())
    assert bare["z"][0] > many["z"].median()
    # every list is full, and has all that is known: evidence that is nothing but the known pairs
    full = epigenome.padded_control(known, known, matched, 12, 300, n_draws=1)
    expected = np.minimum(known.sum(axis=1), 12)[:300].mean() / 12
    assert np.isclose(full["observed"][0], expected)
    with pytest.raises(BadInput, match="to fill"):
        epigenome.padded_control(known, evidence, matched, 40, 30)


def test_permutations_stay_in_their_group() -> None:
    groups = np.array([2, 0, 1, 0, 2, 2, 1, 0])
    many = epigenome.permutations(groups, 500, np.random.default_rng(0))
    assert (np.sort(many, axis=1) == np.arange(8)).all()
    assert (groups[many] == groups).all()
    shares = [(many[:, 0] == i).mean() for i in (0, 4, 5)]
    assert np.allclose(shares, 1 / 3, atol=0.08)


def test_strata_share_a_bin_in_every_column() -> None:
    one, two = np.array([1, 1, 1, 9, 9, 9]), np.array([0, 0, 5, 0, 5, 5])
    groups = epigenome.strata(one, two, n_bins=2)
    assert groups.tolist() == [0, 0, 1, 2, 3, 3]
    with pytest.raises(BadInput, match="nothing to exchange"):
        epigenome.against_null(np.ones((3, 2), bool), np.ones((3, 2), bool), np.arange(3))


def test_summary_of_a_network() -> None:
    edges = np.array([[True, True], [True, False], [False, False]])
    row = degrees(edges, ["a", "b", "c"], ["T1", "T2"], n_hubs=1)
    assert row["edges"] == 3 and row["largest in-degree"] == 2 and row["hub TFs"] == "T1"
    assert row["genes with a regulator"] == 2 and row["TFs with a target"] == 2
    table = jaccard({"x": edges, "y": ~edges})
    assert table.loc["x", "x"] == 1 and table.loc["x", "y"] == 0


# --- cells


def test_geo_counts_as_in_the_methods(tmp_path: Path) -> None:
    cells = [f"F{i}" for i in range(12)]
    kept = ["L4"] * 6 + ["L6 CT"] * 4
    counts = pd.DataFrame(
        [[10] * 12, [30] * 12, [0] * 11 + [5], [1] + [0] * 11],
        index=["Actb", "NA", "Rare", "Edge"],
        columns=cells,
    )
    counts.rename_axis("").to_csv(tmp_path / "c.csv.gz")
    labels = pd.DataFrame({"sample_name": cells, "cell_subclass": [*kept, "Low Quality", "Sst"]})
    labels["source_name"] = paper.VISP
    elsewhere = {"sample_name": "F10", "cell_subclass": "L4", "source_name": "ALM"}
    labels = pd.concat([labels[labels["sample_name"] != "F10"], pd.DataFrame([elsewhere])])
    labels.to_csv(tmp_path / "m.csv.gz", index=False)
    adata = paper.read_geo(tmp_path / "c.csv.gz", tmp_path / "m.csv.gz")
    assert adata.obs_names.tolist() == cells[:10]
    assert adata.obs["cell_type"].tolist() == kept
    assert adata.var_names.tolist() == ["Actb", "NA", "Edge"]  # Edge: exactly 10 % of the cells
    assert np.isclose(adata.X[0, 0], np.log1p(1e6 * 10 / 41))
    assert adata.layers["counts"][0, 2] == 1
    with pytest.raises(BadInput, match="Nope"):
        paper.read_geo(tmp_path / "c.csv.gz", tmp_path / "m.csv.gz", ["Nope"])
    labels.drop(columns="cell_subclass").to_csv(tmp_path / "m.csv.gz", index=False)
    with pytest.raises(BadInput, match="cell_subclass"):
        paper.read_geo(tmp_path / "c.csv.gz", tmp_path / "m.csv.gz")


def test_markers_are_the_genes_that_were_raised() -> None:
    rng = np.random.default_rng(0)
    X = rng.poisson(3, (90, 20)).astype(np.float32)
    types = np.repeat(["L4", "L6 CT", "Sst"], 30)
    X[types == "L4", :3] += 5
    X[types == "L6 CT", 3:5] += 5
    adata = AnnData(np.log1p(X), obs=pd.DataFrame({"cell_type": types}, index=map(str, range(90))))
    adata.var_names = [f"g{i}" for i in range(20)]
    found = markers(adata, ["L4", "L6 CT"], 2, tfs=["G0"])  # a TF is no marker gene
    assert set(found["L4"]) == {"g1", "g2"} and set(found["L6 CT"]) == {"g3", "g4"}


# --- the paper's procedure, and what the chapter uses


TFS = {"Xtf": "TGACGTCATGCAGT", "Ytf": "GGATCCGGTTAACC", "Rorb": "AATTAGGTCACCGT"}
FAR = 199_990  # bases from the start of a gene to its element


def write_jaspar(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("create table MATRIX (ID, COLLECTION, BASE_ID, VERSION integer, NAME)")
        db.execute("create table MATRIX_ANNOTATION (ID, TAG, VAL)")
        db.execute("create table MATRIX_DATA (ID, row, col, val)")
        for i, (name, site) in enumerate(TFS.items()):
            db.execute("insert into MATRIX values (?,'CORE',?,1,?)", (i, f"MA{i}", name))
            db.execute("insert into MATRIX_ANNOTATION values (?,'tax_group','vertebrates')", (i,))
            for (row, base), (col, letter) in itertools.product(enumerate("ACGT"), enumerate(site)):
                value = 20 * (base == letter)
                db.execute("insert into MATRIX_DATA values (?,?,?,?)", (i, "ACGT"[row], col, value))


@pytest.fixture
def paper_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A mirror that holds what the paper used, small: 60 cells of two types, nine genes, one
    chromosome of 3.2 Mb. Gene i starts at 450 kb * (i + 1); even ones have a site of Xtf in an
    element at the edge of the window, odd ones of Ytf, in peaks of L4 and regions of L6 CT."""
    rng = np.random.default_rng(0)
    others = [f"G{i}" for i in range(6)]
    genes, types = [*TFS, *others], np.repeat(["L4", "L6 CT"], 30)
    counts = rng.poisson(20, (len(genes), 60))
    counts[3:6, types == "L4"] += 60
    counts[6:9, types == "L6 CT"] += 60
    cells = [f"F{i}" for i in range(60)]
    labels = pd.DataFrame({
        "sample_name": cells, "source_name": paper.VISP, "cell_subclass": types
    })  # fmt: skip
    letters = np.array(list("AC" * 1_600_000))
    starts, lines = [], []
    for i, gene in enumerate(others):
        start = 450_000 * (i + 1)
        starts.append(f"chr1\t{start - 1000}\t{start + 1000}\tE{i}\t.\t+\t{gene}\tx")
        site = TFS["Xtf" if i % 2 == 0 else "Ytf"]
        at = start + (FAR if i % 2 == 0 else -FAR)
        letters[at : at + len(site)] = list(site if i < 3 else reverse(site))
        lines.append((at - 5, at + 20))
    files = {
        "cortex/geo/counts": gzip.compress(
            pd.DataFrame(counts, index=genes, columns=cells).to_csv().encode()
        ),
        "cortex/geo/metadata": gzip.compress(labels.to_csv(index=False).encode()),
        "cortex/tss": ("\n".join(starts) + "\n").encode(),
    }
    write_2bit(tmp_path / "g.2bit", {"chr1": "".join(letters)})
    write_jaspar(tmp_path / "j.sqlite")
    files["cortex/genome"] = (tmp_path / "g.2bit").read_bytes()
    files["jaspar2018/sqlite"] = (tmp_path / "j.sqlite").read_bytes()
    for name, content in files.items():
        old = datasets.registry()[name]
        url = old.url if old.url.startswith("https") else "https://example.org/j.sqlite"
        sha = hashlib.sha256(content).hexdigest() if old.checksum else ""
        entry = Entry(name, url, sha256=sha)
        monkeypatch.setitem(datasets.registry(), name, entry)
        path = tmp_path / "mirror" / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "cache"))
    peaks, dmrs = tmp_path / "L4.narrowPeak", tmp_path / "dmr.tsv"
    peaks.write_text("".join(f"chr1\t{a}\t{b}\tp\t0\t.\t1\t1\t1\t9\n" for a, b in lines))
    head = "#chr\tstart\tend\tnumber_of_dms\thypermethylated_samples\thypomethylated_samples\n"
    dmrs.write_text(head + "".join(f"chr1\t{a}\t{b}\t3\t\tmL6-2,mDL\n" for a, b in lines))
    return {"peaks": peaks, "dmrs": dmrs}


def test_the_paper_from_its_files_to_one_bar(paper_files: dict[str, Path]) -> None:
    found = paper.read_paper(
        {"L4": paper_files["peaks"]}, paper_files["dmrs"], {"L6 CT": "mL6-2"}, n_markers=3
    )
    assert [case.name for case, _ in found] == ["Tasic L4", "Tasic L6 CT"]
    for (case, evidence), kind, genes in zip(
        found, ("peaks", "DMRs"), (["G0", "G1", "G2"], ["G3", "G4", "G5"]), strict=True
    ):
        [(name, targets)] = case.targets.items()
        assert case.cells.n_obs == 30 and set(case.tfs) == set(TFS)
        assert set(targets) - {"Rorb"} == set(genes)  # Rorb: a story of L4, though it is a TF
        assert ("Rorb" in targets) == (name == "L4")
        there, has = evidence.table(kind, genes, ["Xtf", "Ytf"])
        even = np.array([int(gene[1:]) % 2 == 0 for gene in genes])
        assert has.all() and there.tolist() == np.column_stack([even, ~even]).tolist()
        assert evidence.near(genes).tolist() == [1, 1, 1]
        assert evidence.near(["Rorb"]).tolist() == [0]  # it has no start in the file
        missing = evidence.left_out[f"{kind}: gene without start"]
        assert missing == len(targets) - 3
    case, evidence = found[0]
    W = np.zeros((len(case.genes),) * 2)
    row, column = case.genes.index, {tf: case.genes.index(tf) for tf in TFS}
    for gene, tf in (("G0", "Xtf"), ("G1", "Ytf"), ("G2", "Xtf")):
        W[row(gene), column[tf]] = 1  # a network that is right
    support = judge(case, W, evidence, "peaks", k=1)
    assert support.n_genes == 3 and support.observed == 1.0 and support.null < 1.0
    assert np.isclose(support.random, 1 / 3)  # each of the three genes has one of three motifs
    trained = fit(case.cells, Config(n_epochs=3, W_init="safe"), seeds=1, progress=False)
    assert 0 <= judge(case, trained.W, evidence, "peaks", k=1).observed <= 1
    with pytest.raises(BadInput, match="L7"):
        paper.read_paper({"L7": paper_files["peaks"]})
    with pytest.raises(BadInput, match="neither peaks nor"):
        paper.paper_evidence(case, {}, pd.DataFrame(), pd.Series(), "", [])
    paper_files["peaks"].write_text("1\t10\t20\n")
    with pytest.raises(BadInput, match="add or remove 'chr'"):
        paper.read_paper({"L4": paper_files["peaks"]}, n_markers=3)
    paper_files["peaks"].write_text("chr1\t10\t20\n")
    with pytest.raises(BadInput, match="within 200 kb"):
        paper.read_paper({"L4": paper_files["peaks"]}, n_markers=3)


def test_the_paper_is_measured_and_not_twice(
    paper_files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script on the paper's files: a row a method, kind and k; a second run adds nothing."""
    from deepsem_book.cortex import measure

    for name, value in (("TABLE", tmp_path / "t.csv"), ("KEPT", (1, 2)), ("K", 1)):
        monkeypatch.setattr(measure, name, value)
    monkeypatch.setattr(paper, "N_MARKERS", 3)
    arguments = ["x", "--peaks", f"L4={paper_files['peaks']}", f"L6 CT={paper_files['peaks']}"]
    arguments += ["--dmrs", str(paper_files["dmrs"]), "--dmr", "L4=mL6-2"]
    monkeypatch.setattr("sys.argv", [*arguments, "--seeds", "2", "--methods", "Pearson", "random"])
    measure.main()
    first = pd.read_csv(tmp_path / "t.csv")
    counts = first.groupby(["data", "kind", "method"]).size().to_dict()
    kinds = [("Tasic L4", "DMRs"), ("Tasic L4", "peaks"), ("Tasic L6 CT", "peaks")]
    expected = {
        (*kind, method): n for kind in kinds for method, n in (("Pearson", 2), ("random", 4))
    }
    assert counts == expected
    measure.main()
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "t.csv"), first)
    first.assign(input="other").to_csv(tmp_path / "t.csv", index=False)
    measure.main()  # rows of other cells are measured again
    assert len(pd.read_csv(tmp_path / "t.csv")) == len(first)


def test_distal_evidence_is_added_to_promoters(tmp_path: Path) -> None:
    site = TFS["Xtf"]
    (tmp_path / "g.fa").write_text(">chr1\n" + "AC" * 1000 + site + "AC" * 1000 + "\n")
    promoters = pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [9], "gene": ["A"]})
    hits = pd.DataFrame({"YTF": [True]})
    kinds = {"promoter": np.array([True])}
    before = Evidence(promoters, hits, kinds, pd.Series({"A": 2, "B": 1}), {"x": 1})
    tss = pd.DataFrame({"chrom": "chr1", "tss": [50, 90], "strand": "+", "gene": ["A", "B"]})
    elements = pd.DataFrame({"chrom": "chr1", "start": [10, 1990], "end": [40, 2050]})
    after = with_elements(
        before, "distal", ["a", "b"], tss, pd.Series({"chr1": 4014}), elements,
        tmp_path / "g.fa", [consensus(site, "Xtf")],
    )  # fmt: skip
    order = ["Xtf", "Ytf"]
    assert after.table("promoter", ["A", "B"], order)[0].tolist() == [[False, True], [False] * 2]
    there, has = after.table("distal", ["A", "B"], order)
    assert there.tolist() == [[True, False]] * 2 and has.all()
    assert after.left_out.pop("x") == 1 and set(after.left_out.values()) == {0}
    assert "distal: gene without start" in after.left_out


def test_layers_of_seqfish_take_the_markers_of_their_types() -> None:
    """Each gene leads in one type; a layer of several types takes the markers of all of them."""
    genes = [f"M{i}" for i in range(6)] + ["Rorb", "Tf1", "Never"]
    medians = pd.DataFrame(np.eye(9, 6) * 100, index=genes, columns=list(CORTEX_TYPES))
    medians.loc["Rorb", "L4"], medians.loc["Never"] = 50, 900
    kinds = np.repeat(["L2/3", "L4", "L5/6", "Astro"], 5)
    X = np.ones((20, 9), dtype=np.float32)
    X[:, 8] = 0
    obs = pd.DataFrame({"cell_type": kinds, "region": ["Cortex"] * 19 + ["SVZ"]})
    adata = AnnData(X, obs=obs.set_index(obs.index.astype(str)), var=pd.DataFrame(index=genes))
    one, two, three = seqfish_cases(adata, medians, {"RORB", "TF1"}, 2)
    assert [c.name for c in (one, two, three)] == ["seqFISH+ L2/3", "seqFISH+ L4", "seqFISH+ L5/6"]
    assert one.targets == {"L2/3": ["M0"]} and two.targets == {"L4": ["Rorb", "M1"]}
    assert set(three.targets["L5/6"]) <= {"M2", "M3", "M4", "M5"}
    assert len(three.targets["L5/6"]) == 2 and one.cells.n_obs == 5
    assert one.tfs == two.tfs == ["Rorb", "Tf1"] and one.genes == three.genes
    assert "Never" not in one.genes


@pytest.mark.skipif(not os.environ.get("DEEPSEM_MIRROR"), reason="no mirror")
def test_medians_are_those_that_were_published() -> None:
    medians = subclass_medians(datasets.fetch("cortex/tasic/medians"))
    types = list(CORTEX_TYPES)
    assert medians.loc["Rorb", types].tolist() == [0, 396, 129, 0, 0, 0]
    assert medians.loc["Syt6", types].tolist() == [0, 0, 0, 0, 0, 118]


@pytest.mark.skipif(not os.environ.get("DEEPSEM_MIRROR"), reason="no mirror")
def test_curated_edges_pass_on_the_real_promoters() -> None:
    """The positive control of the chapter on a quarter of its genes, so that it is quick."""
    places, hits = read_promoters(datasets.fetch("cortex/promoter-motifs"))
    edges = read_dorothea(datasets.fetch("cortex/dorothea"))
    genes = list(pd.unique(places["gene"]))[::4]
    tfs = sorted(set(edges["Gene1"]) & set(hits.columns))
    curated = epigenome.edge_regulators(edges, genes, tfs)
    there = epigenome.promoter_evidence(places, hits, genes, tfs)
    found = epigenome.against_null(curated, there, np.zeros(len(genes), dtype=int), n=300)
    assert found.z > 5 and found.low > 0
    shuffled = np.random.default_rng(0).permutation(curated)  # the same TFs for other genes
    wrong = epigenome.against_null(shuffled, there, np.zeros(len(genes), dtype=int), n=300)
    assert abs(wrong.z) < 4
