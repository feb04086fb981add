"""The scanner on planted motifs, and its p-values against brute force."""

import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_genome import consensus, random_sequence, reverse

from deepsem_book.cortex import motifs
from deepsem_book.cortex.motifs import Motif
from deepsem_book.errors import BadInput


def test_jaspar_text_and_sqlite_agree(tmp_path: Path) -> None:
    text = tmp_path / "m.jaspar"
    text.write_text(
        ">MA1.2 Aa::Bb\nA [ 1 0 ]\nC [ 2 0 ]\nG [ 3 9 ]\nT [ 4 1 ]\n"
        ">MA2.1 Cc(var.2)\nA 5\nC 0\nG 0\nT 0\n"
    )
    aa, cc = motifs.read_jaspar_text(text)
    assert aa.tfs == ["AA", "BB"] and cc.tfs == ["CC"]
    np.testing.assert_array_equal(aa.counts, [[1, 0], [2, 0], [3, 9], [4, 1]])
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
            value = aa.counts[row, col]
            db.execute("insert into MATRIX_DATA values (0,?,?,?)", ("ACGT"[row], col + 1, value))
    [read] = motifs.read_jaspar_sqlite(path)
    assert (read.matrix_id, read.name) == (aa.matrix_id, aa.name)
    np.testing.assert_array_equal(read.counts, aa.counts)
    with pytest.raises(BadInput, match="fungi"):
        motifs.read_jaspar_sqlite(path, "fungi")
    with pytest.raises(BadInput, match="not a JASPAR database"):
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
    sites = hits[["sequence", "start", "end", "strand"]].to_numpy().tolist()
    assert sites == [["b", 20, 32, "+"], ["b", 97, 109, "-"], ["b", 188, 200, "+"]]
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
