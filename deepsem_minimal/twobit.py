"""Sequences from a genome in UCSC's .2bit format, read from the file in place.

Four bases lie in a byte, the first in the highest bits: T 0, C 1, A 2, G 3. A header and an index
of offsets come first; each record has the length, the blocks of N, the blocks of lower case (which
are ignored here) and then the bases. Format: https://genome.ucsc.edu/FAQ/FAQformat.html#format7
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIGNATURE = 0x1A412743
LETTERS = np.frombuffer(b"TCAG", dtype=np.uint8)
N = ord("N")


class TwoBit:
    """`sizes` of the sequences by name; `sequence` gives a part of one, upper-case.

    Raises ValueError for a file of another format or one that ends too early.
    """

    def __init__(self, path: Path | str) -> None:
        try:
            self._bytes: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
        except ValueError as error:  # an empty file cannot be mapped
            raise ValueError(f"{path}: {error}") from None
        self._path = path
        self._order = "<" if self._words(0, 1, "<")[0] == SIGNATURE else ">"
        signature, version, n, _ = self._words(0, 4)
        if signature != SIGNATURE or version > 1:
            raise ValueError(f"{path} is no .2bit file of version 0 or 1.")
        self._records = {name: self._record(offset) for name, offset in self._index(n, version)}
        self.sizes = {name: size for name, (size, *_) in self._records.items()}

    def sequence(self, name: str, start: int, end: int) -> str:
        """Bases `start` to `end` (0-based, half-open) of sequence `name`; KeyError if unknown."""
        size, first, blocks = self._records[name]
        if not 0 <= start < end <= size:
            raise ValueError(f"{name}:{start}-{end} is not within its {size} bases.")
        packed = self._bytes[first + start // 4 : first + -(-end // 4)]
        codes = (packed[:, None] >> np.array([6, 4, 2, 0], dtype=np.uint8)) & 3
        letters = LETTERS[codes.ravel()[start % 4 : start % 4 + end - start]]
        for a, b in blocks[(blocks[:, 0] < end) & (blocks[:, 1] > start)]:
            letters[max(a - start, 0) : max(b - start, 0)] = N
        return letters.tobytes().decode()

    def _words(self, offset: int, n: int, order: str = "", width: int = 4) -> list[int]:
        part = self._bytes[offset : offset + width * n]
        if len(part) < width * n:
            raise ValueError(f"{self._path} ends before byte {offset + width * n}.")
        return np.frombuffer(part.tobytes(), dtype=f"{order or self._order}u{width}").tolist()

    def _index(self, n: int, version: int) -> list[tuple[str, int]]:
        """Names and offsets; version 1 has offsets of eight bytes."""
        found, at, width = [], 16, 8 if version else 4
        for _ in range(n):
            length = int(self._bytes[at : at + 1].sum())
            name = self._bytes[at + 1 : at + 1 + length].tobytes().decode("ascii")
            found.append((name, self._words(at + 1 + length, 1, width=width)[0]))
            at += 1 + length + width
        return found

    def _record(self, at: int) -> tuple[int, int, NDArray[np.int64]]:
        """Size, where the bases begin, and the blocks of N (n x 2: start, end)."""
        size, n = self._words(at, 2)
        starts, lengths = (np.array(self._words(at + 8 + 4 * n * i, n)) for i in (0, 1))
        blocks = np.column_stack([starts, starts + lengths]).astype(np.int64).reshape(-1, 2)
        masked = at + 8 + 8 * n
        first = masked + 4 + 8 * self._words(masked, 1)[0] + 4
        if first + -(-size // 4) > len(self._bytes):
            raise ValueError(f"{self._path} ends before its sequences do.")
        return size, first, blocks
