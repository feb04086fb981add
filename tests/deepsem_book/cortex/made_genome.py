"""Sequences, motifs and files of the real formats, small and made by hand."""

import contextlib
import itertools
import re
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from deepsem_book.cortex import motifs
from deepsem_book.cortex.motifs import Motif

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def reverse(sequence: str) -> str:
    return sequence.translate(COMPLEMENT)[::-1]


def consensus(site: str, name: str, weight: float = 20.0) -> Motif:
    counts = np.array([[weight * (base == b) for b in site] for base in motifs.BASES])
    return Motif(f"MA_{name}", name, counts)


def random_sequence(length: int, seed: int = 0) -> str:
    return "".join(np.random.default_rng(seed).choice(list("ACGT"), length))


def blocks_of(sequence: str, letters: str) -> list[tuple[int, int]]:
    """Start and length of each run of `letters`."""
    return [(m.start(), len(m[0])) for m in re.finditer(f"[{letters}]+", sequence)]


def write_2bit(path: Path, sequences: dict[str, str], order: str = "<") -> None:
    """The format of UCSC with blocks of N and of lower case, written from its specification.

    Skips the test where the package that reads it is missing, as on Colab (extra `genome`).
    """
    pytest.importorskip("twobitreader")

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


TFS = {"Xtf": "TGACGTCATGCAGT", "Ytf": "GGATCCGGTTAACC", "Rorb": "AATTAGGTCACCGT"}


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
