"""Where a sequence looks like the binding site of a TF: JASPAR matrices and their hits.

A motif scores a site by the sum over its positions of log2(probability / 0.25), each rounded to a
multiple of BIN. The p-value of a score is the chance that a random sequence of equal base
frequencies scores at least as high; it is exact for the rounded scores (Grant et al.,
Bioinformatics 2011, FIMO; here through `memelite`). Motifs are p[base, position], bases in the
order A, C, G, T.
"""

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import BadInput

BASES = "ACGT"
PSEUDOCOUNT = 0.1  # added to each column, spread evenly, so that no probability is 0 (FIMO's value)
P_VALUE = 1e-5  # the paper's threshold
BIN = 0.01  # bits
NUDGE = 1e-3  # of a BIN: keeps sums of whole BINs from ending just below their bin
HITS = ["motif", "sequence", "start", "end", "strand", "score", "p_value"]


@dataclass(frozen=True)
class Motif:
    """A position frequency matrix `counts` (4 x width) and the genes of the TFs it belongs to."""

    matrix_id: str
    name: str
    counts: NDArray[np.floating]

    @property
    def tfs(self) -> list[str]:
        """Gene names, upper-case: "Stat5a::Stat5b" has two, "Arnt(var.2)" has one."""
        plain = re.sub(r"\(var\.\d+\)", "", self.name)
        return [part.strip().upper() for part in plain.split("::")]

    @property
    def probabilities(self) -> NDArray[np.floating]:
        """(4 x width), columns sum to 1."""
        padded = self.counts + PSEUDOCOUNT / 4
        return padded / padded.sum(axis=0)

    @property
    def scores(self) -> NDArray[np.int64]:
        """log2(probability / 0.25) in whole BINs (4 x width)."""
        return np.rint(np.log2(self.probabilities / 0.25) / BIN).astype(np.int64)


def read_jaspar_sqlite(path: Path | str, tax_group: str = "vertebrates") -> list[Motif]:
    """CORE matrices of one tax group, the latest version of each ("non-redundant"), by matrix id.

    `path` is the SQLite file of JASPAR (Khan et al., Nucleic Acids Res. 2018). Raises BadInput for
    another file, or when the group has no matrix.
    """
    query = """select m.ID, m.BASE_ID, m.VERSION, m.NAME from MATRIX m join MATRIX_ANNOTATION a
               on a.ID = m.ID where m.COLLECTION = 'CORE' and a.TAG = 'tax_group' and a.VAL = ?"""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            rows = pd.read_sql_query(query, db, params=[tax_group])
            cells = pd.read_sql_query("select ID, row, col, val from MATRIX_DATA", db)
    except (sqlite3.Error, pd.errors.DatabaseError) as error:
        raise BadInput(f"{path} is not a JASPAR database: {error}.") from None
    if rows.empty:
        raise BadInput(f"{path} has no CORE matrix of tax group {tax_group!r}.")
    latest = rows.sort_values(["BASE_ID", "VERSION"]).drop_duplicates("BASE_ID", keep="last")
    tables = dict(iter(cells[cells["ID"].isin(latest["ID"])].groupby("ID")))
    return [
        Motif(f"{row.BASE_ID}.{row.VERSION}", row.NAME, _square(tables[row.ID]))
        for row in latest.itertuples()
    ]


def _square(cells: pd.DataFrame) -> NDArray[np.floating]:
    return cells.pivot(index="row", columns="col", values="val").loc[list(BASES)].to_numpy(float)


def read_jaspar_text(path: Path | str) -> list[Motif]:
    """Motifs of a text file in JASPAR's format: ">id name", then rows "A [ 1 2 3 ]" of counts.

    Raises BadInput with the motif's name when a row is missing or the rows differ in length.
    """
    motifs = []
    for block in Path(path).read_text(encoding="utf-8").split(">")[1:]:
        title, *lines = block.strip().splitlines()
        matrix_id, _, name = title.strip().partition(" ")
        rows = {line.split()[0]: re.findall(r"[\d.]+", line[1:]) for line in lines if line.strip()}
        if set(rows) != set(BASES) or len({len(row) for row in rows.values()}) != 1:
            raise BadInput(f"{path}: motif {title!r} needs rows A, C, G, T of equal length.")
        counts = np.array([rows[base] for base in BASES], dtype=float)
        motifs.append(Motif(matrix_id, name.strip() or matrix_id, counts))
    if not motifs:
        raise BadInput(f"{path} holds no motif: a title line starts with '>'.")
    return motifs


def exact_jaspar(name: str, site: str) -> str:
    """A motif that wants exactly this site, as JASPAR prints it."""
    rows = {base: " ".join("20" if s == base else "0" for s in site) for base in BASES}
    lines = [f"{base} [ {counts} ]" for base, counts in rows.items()]
    return "\n".join([f">MA_{name} {name}", *lines, ""])


def motif_tfs(motifs: Iterable[Motif]) -> set[str]:
    """Upper-case gene names of all TFs that have a motif."""
    return {tf for motif in motifs for tf in motif.tfs}


def one_hot(sequence: str) -> NDArray[np.int8]:
    """(4 x length); a base other than A, C, G, T (N, say) is a column of zeros."""
    codes = np.frombuffer(sequence.upper().encode("ascii"), dtype="S1")
    return (codes == np.array(list(BASES), dtype="S1")[:, None]).astype(np.int8)


def scan(
    motifs: Iterable[Motif], sequences: Mapping[str, str], p_value: float = P_VALUE
) -> pd.DataFrame:
    """All hits of p below `p_value` on both strands, as table of HITS, sorted by place.

    `start` and `end` are 0-based and half-open on the given strand of the named sequence, for both
    strands; "-" means that the reverse complement of the site fits. Hits over an N do not count.
    Raises BadInput when there is no sequence or no motif, and ValueError for a p-value outside
    (0, 1).
    """
    from memelite import fimo  # compiles for seconds when first used

    motifs, names = list(motifs), list(sequences)
    if not motifs or not names:
        raise BadInput(f"nothing to scan: {len(motifs)} motifs, {len(names)} sequences.")
    if not 0 < p_value < 1:
        raise ValueError(f"p_value is between 0 and 1; got {p_value}.")
    # memelite rounds its table of p-values but not the scores that it looks up there, which can
    # cost several bins; so it gets rounded scores, from 0 up since it rounds towards 0.
    least = {motif.matrix_id: motif.scores.min(axis=0) for motif in motifs}
    matrices = {
        motif.matrix_id: 0.25 * 2 ** (BIN * (motif.scores - least[motif.matrix_id] + NUDGE))
        for motif in motifs
    }
    gap = max(p.shape[1] for p in matrices.values())
    joined = ("N" * gap).join(["", *sequences.values(), ""])  # one scan for all; N never counts
    lengths = np.array([len(sequence) for sequence in sequences.values()])
    first = gap + np.concatenate([[0], np.cumsum(lengths + gap)[:-1]])  # of each sequence in it
    X = one_hot(joined)
    tables = fimo(
        matrices, X[None], bin_size=BIN, eps=0.0, threshold=p_value
    )  # eps: see PSEUDOCOUNT
    table = pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)
    table = table.rename(columns={"motif_name": "motif", "p-value": "p_value"})
    start, end = table["start"].to_numpy(int), table["end"].to_numpy(int)
    base = table["motif"].map({name: low.sum() for name, low in least.items()}).to_numpy(float)
    score = BIN * (np.floor(table["score"].to_numpy(float) / BIN) + base)
    known = np.concatenate([[0], np.cumsum(X.sum(axis=0))])  # bases that are no N, up to here
    which = np.searchsorted(first, start, side="right") - 1
    hits = table.assign(
        score=score,
        sequence=np.array(names, dtype=object)[which],
        start=start - first[which],
        end=end - first[which],
    )[HITS][known[end] - known[start] == end - start]
    return hits.sort_values(["sequence", "start", "end", "strand", "motif"], ignore_index=True)
