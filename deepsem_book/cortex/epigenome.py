"""Is a TF's motif near a gene? From gene starts, elements and sequence to a table of evidence.

A regulatory element is near a gene if it shares a base with a window of 200 kb on both sides of one
of the gene's transcription starts. Evidence is bool, genes x TFs: true where a motif of the TF lies
in an element near the gene.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import BadInput, first_few
from .motifs import Motif, scan
from .read import PLACE, read_genome, upper_index

FLANK = 200_000  # base pairs on both sides of a transcription start
Bool = NDArray[np.bool_]


# --- from places to evidence ----------------------------------------------------------------------


def starts_of(genes: Iterable[str], tss: pd.DataFrame) -> pd.DataFrame:
    """Rows of `tss` (chrom, tss, gene) for these genes, names compared in upper case.

    Genes without a start are counted in `attrs["left_out"]`; BadInput if that is all of them.
    """
    wanted = upper_index(genes).unique()
    starts = tss[tss["gene"].isin(wanted)].reset_index(drop=True)
    if starts.empty:
        raise BadInput(f"none of {first_few(wanted)} has a transcription start: other gene names?")
    starts.attrs["left_out"] = {"gene without start": len(wanted) - starts["gene"].nunique()}
    return starts


def windows(starts: pd.DataFrame, sizes: pd.Series, flank: int = FLANK) -> pd.DataFrame:
    """chrom, start, end, gene: `flank` bases on both sides of the start, cut at the chromosome.

    The start itself is one base, so a window away from the ends is 2 flank + 1 long. `sizes`:
    length of each chromosome; starts on others, or beyond the end, are counted out. BadInput if
    none is left.
    """
    size = starts["chrom"].map(sizes)
    inside = (starts["tss"] >= 0) & (starts["tss"] < size)
    if not inside.any():
        raise BadInput(
            f"chromosomes {first_few(starts['chrom'])} are not among {first_few(sizes.index)}."
        )
    kept, size = starts[inside], size[inside]
    table = kept[["chrom", "gene"]].assign(
        start=(kept["tss"] - flank).clip(lower=0),
        end=np.minimum(kept["tss"] + flank + 1, size).astype(int),
    )[[*PLACE, "gene"]].reset_index(drop=True)  # fmt: skip
    outside = {"start not on a known chromosome": int((~inside).sum())}
    table.attrs["left_out"] = starts.attrs.get("left_out", {}) | outside
    return table


def overlaps(places: pd.DataFrame, elements: pd.DataFrame) -> pd.DataFrame:
    """Pairs (`place`, `element`) of row numbers whose intervals share at least one base.

    Elements on chromosomes that `places` does not have are counted in `attrs["left_out"]`.
    Raises BadInput if there are no elements, or no chromosome has the same name in both.
    """
    import bioframe

    if elements.empty:
        raise BadInput("there are no elements: an empty peak set supports nothing.")
    shared = set(places["chrom"]) & set(elements["chrom"])
    if not shared:
        raise BadInput(
            f"no chromosome in common: elements are on {first_few(elements['chrom'], 3)}, genes on "
            f"{first_few(places['chrom'], 3)}; add or remove 'chr'."
        )
    left, right = (
        table[PLACE].reset_index(drop=True).reset_index(names="row") for table in (places, elements)
    )
    both = bioframe.overlap(left, right, how="inner", cols1=PLACE, cols2=PLACE)
    pairs = pd.DataFrame({"place": both["row"].astype(int), "element": both["row_"].astype(int)})
    pairs = pairs.sort_values(["place", "element"], ignore_index=True)
    elsewhere = int((~elements["chrom"].isin(shared)).sum())
    pairs.attrs["left_out"] = {"element on another chromosome": elsewhere}
    return pairs


def count_elements(near: pd.DataFrame, places: pd.DataFrame, genes: Sequence[str]) -> NDArray:
    """Number of elements near each of `genes` (genes,), from `overlaps(places, elements)`."""
    gene = places["gene"].to_numpy()[near["place"]]
    once = pd.DataFrame({"gene": gene, "element": near["element"]}).drop_duplicates()
    return once.groupby("gene").size().reindex(upper_index(genes), fill_value=0).to_numpy()


def element_evidence(
    near: pd.DataFrame,
    places: pd.DataFrame,
    element_tfs: pd.DataFrame,
    genes: Sequence[str],
    tfs: Sequence[str],
) -> Bool:
    """(genes x TFs): a motif of the TF lies in an element near the gene.

    `element_tfs` has the columns `element` (row number) and `tf`, from `tfs_in_elements`.
    """
    gene = upper_index(genes).get_indexer(places["gene"])[near["place"]]
    tf = pd.DataFrame({"element": near["element"].to_numpy(), "gene": gene}).merge(element_tfs)
    column = upper_index(tfs).get_indexer(tf["tf"])
    known = (tf["gene"].to_numpy() >= 0) & (column >= 0)
    evidence = np.zeros((len(genes), len(tfs)), dtype=bool)
    evidence[tf["gene"].to_numpy()[known], column[known]] = True
    return evidence


def tfs_in_elements(
    hits: pd.DataFrame, elements: pd.DataFrame, motif_tfs: dict[str, list[str]]
) -> pd.DataFrame:
    """Pairs (element, tf) from `motifs.scan` of sequences named "chrom:start-end".

    `motif_tfs`: the TFs of each matrix id.
    """
    names = pd.Index([f"{c}:{a}-{b}" for c, a, b in elements[PLACE].itertuples(index=False)])
    pairs = pd.DataFrame({
        "element": names.get_indexer(hits["sequence"]), "tf": hits["motif"].map(motif_tfs)
    })  # fmt: skip
    return pairs.explode("tf").drop_duplicates(ignore_index=True)


def promoter_evidence(
    places: pd.DataFrame, hits: pd.DataFrame, genes: Sequence[str], tfs: Sequence[str]
) -> Bool:
    """(genes x TFs): a motif of the TF in a promoter of the gene; see `read_promoters`.

    Pass the rows of open promoters only for evidence that is open in a cell type. Genes without a
    promoter among the rows, and TFs without a column, have none.
    """
    codes, names = pd.factorize(places["gene"])
    column = hits.columns.get_indexer(upper_index(tfs))
    order = np.argsort(codes, kind="stable")
    table = np.zeros((len(names) + 1, len(column)), dtype=bool)  # last row: genes without promoter
    if len(order):
        firsts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        table[:-1] = np.logical_or.reduceat(hits.to_numpy(bool)[order][:, column], firsts, axis=0)
    table[:, column < 0] = False
    return table[pd.Index(names).get_indexer(upper_index(genes))]


def open_rows(places: pd.DataFrame, elements: pd.DataFrame) -> Bool:
    """(places,): whether each place shares a base with one of the elements."""
    return np.isin(np.arange(len(places)), overlaps(places, elements)["place"])


def motif_evidence(
    genes: Sequence[str],
    tfs: Sequence[str],
    tss: pd.DataFrame,
    sizes: pd.Series,
    elements: pd.DataFrame,
    genome: Path | str,
    motifs: Sequence[Motif],
) -> tuple[Bool, NDArray]:
    """The paper's evidence (genes x TFs) from its inputs; how many elements each gene has.

    A motif of the TF at p < P_VALUE in an element within 200 kb of a start of the gene. `tss` as
    from `read_tss`, `sizes` of the chromosomes, `elements` from `read_bed` or `read_dmrs`, `genome`
    a .2bit or FASTA file. Raises BadInput for what cannot be used.
    """
    places = windows(starts_of(genes, tss), sizes)
    near = overlaps(places, elements)
    pairs = scan_near(near, elements, genome, motifs)
    evidence = element_evidence(near, places, pairs, genes, tfs)
    return evidence, count_elements(near, places, genes)


def scan_near(
    near: pd.DataFrame,
    elements: pd.DataFrame,
    genome: Path | str,
    motifs: Sequence[Motif],
) -> pd.DataFrame:
    """Pairs (element, tf) for the elements in `near`, from `overlaps`; the others are not scanned.

    `element` is the row number in `elements`, `tf` upper-case.
    """
    used = np.unique(near["element"])
    if not len(used):
        return pd.DataFrame({"element": np.array([], int), "tf": np.array([], object)})
    rows = elements.iloc[used].reset_index(drop=True)
    hits = scan(motifs, read_genome(genome, rows))
    pairs = tfs_in_elements(hits, rows, {motif.matrix_id: motif.tfs for motif in motifs})
    return pairs.assign(element=used[pairs["element"].to_numpy(int)])
