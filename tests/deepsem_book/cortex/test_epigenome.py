"""From places to evidence, up to the whole chain on a genome made by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_genome import TFS, consensus, reverse

from deepsem_book.cortex import epigenome, motifs
from deepsem_book.cortex.evidence import Evidence, with_elements
from deepsem_book.cortex.read import (
    read_bed,
    read_genome,
)
from deepsem_book.errors import BadInput

SIZES = pd.Series({"chr1": 1_000_000, "chr2": 300_000})


def test_windows_end_with_the_chromosome() -> None:
    starts = pd.DataFrame({
        "chrom": ["chr1", "chr1", "chr1", "chr2", "chrUn", "chr2"],
        "tss": [500_000, 50_000, 999_999, 150_000, 5, 300_000],
        "gene": list("ABCDEF"),
    })  # fmt: skip
    windows = epigenome.windows(starts, SIZES)
    expected = [
        ["chr1", 300_000, 700_001, "A"],
        ["chr1", 0, 250_001, "B"],
        ["chr1", 799_999, 1_000_000, "C"],
        ["chr2", 0, 300_000, "D"],  # both ends at once
    ]
    assert windows.to_numpy().tolist() == expected
    assert sum(windows.attrs["left_out"].values()) == 2  # E: unknown chromosome; F: beyond the end
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
    assert sum(near.attrs["left_out"].values()) == 1
    assert epigenome.count_elements(near, places, ["a", "b"]).tolist() == [2, 0]
    bare = elements.assign(chrom=elements["chrom"].str.removeprefix("chr"))
    with pytest.raises(BadInput, match="add or remove 'chr'"):
        epigenome.overlaps(places, bare)


def test_genes_without_a_start_are_counted() -> None:
    tss = pd.DataFrame({"chrom": ["chr1"], "tss": [5], "strand": ["+"], "gene": ["RORB"]})
    places = epigenome.starts_of(["Rorb", "Nope1", "Nope2"], tss)
    assert places["gene"].tolist() == ["RORB"]
    assert places.attrs["left_out"]["gene without start"] == 2
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
    has_motif = epigenome.promoter_evidence(places, hits, ["b", "a", "z"], ["t2", "t9", "t1"])
    assert has_motif.tolist() == [[True, False, False], [False, False, True], [False] * 3]


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
