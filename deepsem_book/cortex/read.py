"""The files of the cortex chapter: intervals, sequences, genes and edges, checked as they are read.

Every table of intervals has columns chrom, start, end: 0-based and half-open as in BED, sorted by
place. What a reader leaves out it counts in `table.attrs["left_out"]`, a dict of reason to number;
what it cannot use at all is a BadInput that names file and line.
"""

import contextlib
import gzip
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from ..datasets import readers
from ..datasets.checksum import open_2bit
from ..errors import BadInput, first_few

PLACE = ["chrom", "start", "end"]


def upper_index(names: Iterable[str]) -> pd.Index:
    """Gene names for comparison between sources: upper-case."""
    return pd.Index([str(name).upper() for name in names])


# --- intervals ------------------------------------------------------------------------------------


def read_bed(path: Path | str, name_is_place: bool = False) -> pd.DataFrame:
    """BED or narrowPeak, also gzipped: chrom, start, end, sorted, each interval once.

    `name_is_place`: take the interval "chr4:156228675-156229288:200" of the fourth column instead
    (peaks that were carried over to another genome). Counts repeated lines and lines out of order.
    Raises BadInput with the number of the first line that is not an interval, or if there is none.
    """
    rows = [_interval(*line, path, name_is_place) for line in _lines(path)]
    if not rows:
        raise BadInput(f"{path} has no interval: an empty peak set supports nothing.")
    table = pd.DataFrame(rows, columns=PLACE)
    in_order = table.sort_values(PLACE, kind="stable", ignore_index=True)
    chrom_changes = (table["chrom"] != table["chrom"].shift()).sum() - table["chrom"].nunique()
    backwards = (table["start"].diff() < 0) & (table["chrom"] == table["chrom"].shift())
    once = in_order.drop_duplicates(ignore_index=True)
    once.attrs["left_out"] = {"repeated": len(table) - len(once)}
    if not name_is_place:  # the fourth column was never meant to be in order
        once.attrs["left_out"]["out of order (sorted)"] = int(backwards.sum() + chrom_changes)
    return once


def _lines(path: Path | str) -> Iterator[tuple[int, str]]:
    """Numbered lines that hold data."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with contextlib.closing(opener(path, "rt")) as file:
        for number, line in enumerate(file, start=1):
            if line.strip() and not line.startswith(("#", "track", "browser")):
                yield number, line.rstrip("\r\n")


def _interval(
    number: int, line: str, path: Path | str, name_is_place: bool = False
) -> tuple[str, int, int]:
    fields = line.split("\t") if "\t" in line else line.split()
    if name_is_place:
        match = re.search(r"([^:\s]+):(\d+)-(\d+)", fields[3] if len(fields) > 3 else "")
        fields = list(match.groups()) if match else []
    try:
        chrom, start, end = fields[0], int(fields[1]), int(fields[2])
    except (IndexError, ValueError):
        raise BadInput(f"{path}, line {number}: no chrom, start, end in {line[:60]!r}.") from None
    if not 0 <= start < end:
        raise BadInput(f"{path}, line {number}: start {start} is not below end {end}, or negative.")
    return chrom, start, end


def read_dmrs(path: Path | str, cell_type: str | None = None) -> pd.DataFrame:
    """Differentially methylated regions as methylpy writes them; `cell_type`: hypomethylated there.

    A tab-separated table with the columns #chr (or chrom), start, end and, for `cell_type`,
    hypomethylated_samples (comma-separated). Raises BadInput if a column is missing, an interval
    is none, or no region is left; the error for an unknown cell type names the known ones.
    """
    table = pd.read_csv(path, sep="\t").rename(columns={"#chr": "chrom", "chr": "chrom"})
    column = "hypomethylated_samples"
    missing = {*PLACE, *([column] if cell_type else [])} - set(table.columns)
    if missing:
        raise BadInput(f"{path} lacks the columns {first_few(missing)}.")
    start, end = (pd.to_numeric(table[side], "coerce") for side in ("start", "end"))
    bad = ~((start >= 0) & (start < end))
    if bad.any():
        raise BadInput(f"{path}, line {bad.idxmax() + 2}: start is not below end, or negative.")
    n = len(table)
    if cell_type:
        samples = table[column].fillna("").astype(str).str.split(",")
        table = table[samples.map(lambda names: cell_type in names)]
        if table.empty:
            known = {name for names in samples for name in names if name}
            raise BadInput(
                f"{path}: no region is hypomethylated in {cell_type!r}; {first_few(known)}."
            )
    table = table[PLACE].sort_values(PLACE, ignore_index=True)
    table["chrom"] = table["chrom"].astype(str)
    table.attrs["left_out"] = {"not hypomethylated there": n - len(table)}
    return table


def read_tss(path: Path | str) -> pd.DataFrame:
    """Transcription starts of GENCODE genes: chrom, tss, strand, gene (upper-case).

    `path` is a BED of TSS ± 1 kb whose seventh column is the symbol. Symbols with several starts
    keep all of them.
    """
    names = [*PLACE, "ensembl", "score", "strand", "gene", "biotype"]
    table = pd.read_csv(path, sep="\t", names=names, dtype={"gene": str}, na_filter=False)
    start, end = (pd.to_numeric(table[side], "coerce") for side in ("start", "end"))
    bad = ~(start < end) | ~table["strand"].isin(["+", "-"]) | table["gene"].isin(["", np.nan])
    if bad.any() or table.empty:
        line = f"line {bad.idxmax() + 1}" if len(table) else "which is empty"
        raise BadInput(
            f"{path}, {line}: needs chrom, start, end, id, score, strand (+ or -), gene."
        )
    table["tss"] = (start + end).astype(int) // 2
    table["gene"] = table["gene"].str.upper()
    return table[["chrom", "tss", "strand", "gene"]].drop_duplicates(ignore_index=True)


def read_gene_models(path: Path | str) -> pd.DataFrame:
    """Exons of UCSC's table refGene: gene (upper-case), transcript, chrom, start, end, strand.

    One row per exon, 0-based and half-open. Raises BadInput with the line that is not of this form.
    """
    rows: list[tuple[str, str, str, int, int, str]] = []
    for number, line in _lines(path):
        fields = line.split("\t")
        try:
            (_, transcript, chrom, strand), gene = fields[:4], fields[12].upper()
            starts, ends = (list(map(int, f.rstrip(",").split(","))) for f in fields[9:11])
            exons = list(zip(starts, ends, strict=True))
        except (ValueError, IndexError):
            raise BadInput(f"{path}, line {number}: no row of UCSC's refGene table.") from None
        rows += [(gene, transcript, chrom, start, end, strand) for start, end in exons]
    return pd.DataFrame(rows, columns=["gene", "transcript", *PLACE, "strand"])


# --- sequences ------------------------------------------------------------------------------------


def read_fasta(path: Path | str) -> dict[str, str]:
    """Sequences by name (up to the first blank), upper-case; BadInput if one repeats or none is."""
    sequences: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in _lines(path):
        if line.startswith(">"):
            name = line[1:].split()[0] if line[1:].split() else ""
            if not name or name in sequences:
                raise BadInput(f"{path}, line {number}: name {name!r} is empty or repeats.")
            current = sequences[name] = []
        elif current is None:
            raise BadInput(f"{path}, line {number}: sequence before the first '>' line.")
        else:
            current.append(line.strip().upper())
    if not sequences:
        raise BadInput(f"{path} holds no sequence.")
    return {name: "".join(parts) for name, parts in sequences.items()}


def open_genome(path: Path | str) -> tuple[dict[str, int], Callable[[str, int, int], str]]:
    """Length of each chromosome, and a function (chrom, start, end) to sequence; .2bit or FASTA."""
    if str(path).endswith(".2bit"):
        try:
            genome = open_2bit(path)
        except ValueError as error:
            raise BadInput(str(error)) from None
        sizes = dict(genome.sequence_sizes())
        return sizes, lambda chrom, start, end: str(genome[chrom][start:end])
    text = read_fasta(path)
    sizes = {name: len(sequence) for name, sequence in text.items()}
    return sizes, lambda chrom, start, end: text[chrom][start:end]


def genome_sizes(path: Path | str) -> pd.Series:
    """Length of each chromosome of a genome as .2bit or FASTA, for `epigenome.windows`."""
    return pd.Series(open_genome(path)[0])


def read_genome(path: Path | str, elements: pd.DataFrame) -> dict[str, str]:
    """Sequences of `elements`, named "chrom:start-end", from a genome as .2bit or FASTA.

    Raises BadInput when a chromosome is not in the genome or an element runs beyond its end.
    """
    sizes, get = open_genome(path)
    check_inside(elements, sizes)
    places = elements[PLACE].drop_duplicates().itertuples(index=False)
    return {f"{c}:{a}-{b}": get(c, int(a), int(b)).upper() for c, a, b in places}


def check_inside(elements: pd.DataFrame, sizes: Mapping[str, int]) -> None:
    """BadInput unless every element lies on a chromosome of `sizes` and ends within it."""
    if strange := set(elements["chrom"]) - set(sizes):
        raise BadInput(
            f"chromosomes {first_few(strange)} are not in the genome ({first_few(sizes)})."
        )
    beyond = elements[elements["end"] > elements["chrom"].map(sizes)]
    if len(beyond):
        chrom, start, end = beyond[PLACE].iloc[0]
        raise BadInput(f"{chrom}:{start}-{end} runs beyond its end; another genome version?")


# --- known motifs in promoters, known edges -------------------------------------------------------


def read_promoters(path: Path | str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """CellOracle's scan of mouse promoters: places (chrom, start, end, gene) and hits (bool).

    Rows of `hits` are those of the places, its columns are TFs; names are upper-case.
    """
    table = pd.read_parquet(path)
    place = table["peak_id"].str.extract(r"^(.+)_(\d+)_(\d+)$").set_axis(PLACE, axis=1)
    places = place.astype({"start": int, "end": int})
    places["gene"] = table["gene_short_name"].astype(str).str.upper()
    hits = table.drop(columns=["peak_id", "gene_short_name"]).astype(bool)
    return places, hits.set_axis(hits.columns.str.upper(), axis=1)


def read_dorothea(path: Path | str, confidence: Collection[str] = "ABC") -> pd.DataFrame:
    """Curated edges of DoRothEA as DataFrame[Gene1, Gene2], upper-case, of these confidences."""
    table = readers.rda(Path(path))
    table = table[table["confidence"].astype(str).isin(list(confidence))]
    edges = table[["tf", "target"]].astype(str).set_axis(["Gene1", "Gene2"], axis=1)
    return edges.apply(lambda names: names.str.upper()).drop_duplicates(ignore_index=True)
