"""Is a predicted regulator's motif near its target? Windows, evidence, and the null that is fair.

The paper asks, gene by gene, what share of the predicted regulators have a motif in a regulatory
element within 200 kb of the gene's transcription start (Fig. 4a). Two tables carry the answer, both
bool, genes x TFs: `regulators` (who is predicted) and `evidence` (whose motif is there). Most TFs
with frequent motifs have evidence near any gene, so a share means nothing alone: `against_null`
keeps the TFs that were predicted and exchanges the genes that they were predicted for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import BadInput, first_few
from .motifs import P_VALUE, Motif, scan
from .read import PLACE, read_genome, upper_index

FLANK = 200_000  # base pairs on both sides of a transcription start
Bool = NDArray[np.bool_]


# --- from places to evidence ----------------------------------------------------------------------


def starts_of(genes: Iterable[str], tss: pd.DataFrame) -> pd.DataFrame:
    """Rows of `tss` (chrom, tss, gene) for these genes, names compared in upper case.

    Genes without a start are counted in `attrs["left_out"]`; BadInput if that is all of them.
    """
    wanted = upper_index(genes).unique()
    found = tss[tss["gene"].isin(wanted)].reset_index(drop=True)
    if found.empty:
        raise BadInput(f"none of {first_few(wanted)} has a transcription start: other gene names?")
    found.attrs["left_out"] = {"gene without start": len(wanted) - found["gene"].nunique()}
    return found


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
    codes, here = pd.factorize(places["gene"])
    column = hits.columns.get_indexer(upper_index(tfs))
    order = np.argsort(codes, kind="stable")
    table = np.zeros((len(here) + 1, len(column)), dtype=bool)  # last row: genes without promoter
    if len(order):
        firsts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        table[:-1] = np.logical_or.reduceat(hits.to_numpy(bool)[order][:, column], firsts, axis=0)
    table[:, column < 0] = False
    return table[pd.Index(here).get_indexer(upper_index(genes))]


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
    p_value: float = P_VALUE,
) -> tuple[Bool, NDArray]:
    """The paper's evidence (genes x TFs) from its inputs; how many elements each gene has.

    A motif of the TF at p < `p_value` in an element within 200 kb of a start of the gene. `tss` as
    from `read_tss`, `sizes` of the chromosomes, `elements` from `read_bed` or `read_dmrs`, `genome`
    a .2bit or FASTA file. Raises BadInput for what cannot be used.
    """
    places = windows(starts_of(genes, tss), sizes)
    near = overlaps(places, elements)
    pairs = scan_near(near, elements, genome, motifs, p_value)
    evidence = element_evidence(near, places, pairs, genes, tfs)
    return evidence, count_elements(near, places, genes)


def scan_near(
    near: pd.DataFrame,
    elements: pd.DataFrame,
    genome: Path | str,
    motifs: Sequence[Motif],
    p_value: float = P_VALUE,
) -> pd.DataFrame:
    """Pairs (element, tf) for the elements in `near`, from `overlaps`; the others are not scanned.

    `element` is the row number in `elements`, `tf` upper-case.
    """
    used = np.unique(near["element"])
    if not len(used):
        return pd.DataFrame({"element": np.array([], int), "tf": np.array([], object)})
    rows = elements.iloc[used].reset_index(drop=True)
    hits = scan(motifs, read_genome(genome, rows), p_value)
    pairs = tfs_in_elements(hits, rows, {motif.matrix_id: motif.tfs for motif in motifs})
    return pairs.assign(element=used[pairs["element"].to_numpy(int)])


# --- predicted and known regulators --------------------------------------------------------------


def top_regulators(
    W: NDArray[np.floating], genes: Sequence[str], tfs: Sequence[str], k: int
) -> Bool:
    """(genes x TFs): the k TFs of highest |W[target, regulator]| for each gene, itself excluded.

    Raises BadInput if a TF is not among the genes, or there are not k TFs to choose from.
    """
    column = pd.Index(genes).get_indexer(list(tfs))
    if (column < 0).any():
        raise BadInput(f"TFs {first_few(np.array(tfs)[column < 0])} are not among the genes.")
    if not 0 < k < len(tfs):
        raise BadInput(f"k = {k}: there are {len(tfs)} TFs, and a gene is none of its own.")
    score = np.abs(W)[:, column].astype(float)
    score[column, np.arange(len(tfs))] = -1.0  # no regulator of itself
    best = np.argpartition(-score, k - 1, axis=1)[:, :k]
    chosen = np.zeros(score.shape, dtype=bool)
    np.put_along_axis(chosen, best, True, axis=1)
    return chosen


def edge_regulators(edges: pd.DataFrame, genes: Sequence[str], tfs: Sequence[str]) -> Bool:
    """(genes x TFs): the edges of a known network, DataFrame[Gene1, Gene2], names in any case."""
    row, column = (
        upper_index(names).get_indexer(upper_index(edges[of]))
        for names, of in ((genes, "Gene2"), (tfs, "Gene1"))
    )
    chosen = np.zeros((len(genes), len(tfs)), dtype=bool)
    known = (row >= 0) & (column >= 0)
    chosen[row[known], column[known]] = True
    return chosen


# --- the test -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Support:
    """Mean share of a gene's regulators that have evidence, beside what it is to be held against.

    `random`: the same number of TFs drawn at random. `null`: the same TFs
    for exchanged genes. `effect` = observed - null. 95 % bootstrap intervals over genes: of the
    share `observed_low` to `observed_high`, of the effect `low` to `high`; `z` and `p` (one-sided)
    from the permutations.
    """

    n_genes: int
    observed: float
    observed_low: float
    observed_high: float
    random: float
    null: float
    effect: float
    low: float
    high: float
    z: float
    p: float


def strata(*columns: NDArray, n_bins: int = 4) -> NDArray[np.intp]:
    """One group number a gene (genes,): the same quantile bin in every column.

    Bins follow the ranks; equal values always share a bin.
    """
    codes = [
        np.minimum((pd.Series(c).rank(method="min", pct=True) * n_bins).to_numpy().astype(int),
                   n_bins - 1)
        for c in columns
    ]  # fmt: skip
    return pd.DataFrame(codes).T.groupby(list(range(len(codes)))).ngroup().to_numpy()


def against_null(
    regulators: Bool, evidence: Bool, groups: NDArray[np.intp], n: int = 1000, seed: int = 0
) -> Support:
    """How often predicted regulators have evidence, and how often they would near other genes.

    Null: the regulators of a gene are held against the evidence of another gene of the same group
    (see `strata`), n permutations. The TFs, and how many regulators a gene has, stay; only who
    regulates whom changes. Genes without regulators do not count. Raises BadInput when fewer than
    two genes have any, or every group holds one gene.
    """
    has = regulators.any(axis=1)
    R, E, groups = regulators[has].astype(np.float32), evidence[has], groups[has]
    if len(R) < 2 or len(np.unique(groups)) == len(R):
        raise BadInput(f"{len(R)} genes in {len(np.unique(groups))} groups: nothing to exchange.")
    share = (R / R.sum(axis=1, keepdims=True)) @ E.T.astype(np.float32)  # [list of, evidence at]
    rng = np.random.default_rng(seed)
    order = permutations(groups, n, rng)
    draws = share[np.arange(len(R)), order].mean(axis=1)  # (n,)
    own = np.diag(share)
    same = groups[:, None] == groups
    expected = (share * same).sum(axis=1) / same.sum(axis=1)  # the null's mean, gene by gene
    effects = own - expected
    again = rng.integers(len(R), size=(n, len(R)))  # genes, drawn with replacement
    low, high = np.quantile(effects[again].mean(axis=1), [0.025, 0.975])
    observed_low, observed_high = np.quantile(own[again].mean(axis=1), [0.025, 0.975])
    spread = draws.std(ddof=1)
    return Support(
        n_genes=len(R),
        observed=float(own.mean()),
        observed_low=float(observed_low),
        observed_high=float(observed_high),
        random=float(E.mean()),
        null=float(expected.mean()),
        effect=float(effects.mean()),
        low=float(low),
        high=float(high),
        z=float((own.mean() - expected.mean()) / spread) if spread > 1e-12 else np.nan,
        p=float((1 + (draws >= own.mean() - 1e-9).sum()) / (n + 1)),
    )


def permutations(groups: NDArray[np.intp], n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """(n x genes) random permutations that exchange genes within their group only."""
    place = np.argsort(groups, kind="stable")
    sorted_groups = groups[place].astype(float)
    shuffled = np.argsort(sorted_groups + rng.random((n, len(groups))), axis=1)
    result = np.empty((n, len(groups)), dtype=np.intp)
    result[:, place] = place[shuffled]
    return result


def padded_control(
    known: Bool,
    evidence: Bool,
    matched: Sequence[NDArray],
    k: int,
    n_genes: int,
    n_draws: int = 10,
    n: int = 300,
    seed: int = 0,
) -> pd.DataFrame:
    """What lists of k regulators score that hold every known one: one row of `Support` a draw.

    `known`, `evidence`: genes x TFs; `matched`: the columns (genes,) from which `strata` makes the
    null's groups. Each draw takes `n_genes` of the genes with a known regulator (all, if there are
    fewer) and fills each gene's list up to k with random other TFs; of more than k known ones it
    keeps k. So its shape is that of a prediction, and its z is what knowing all these edges would
    give at that size. Raises BadInput unless 0 < k < TFs.
    """
    if not 0 < k < known.shape[1]:
        raise BadInput(f"k = {k}: there are {known.shape[1]} TFs to fill the lists from.")
    genes = np.flatnonzero(known.any(axis=1))
    rows = []
    for draw in range(n_draws):
        rng = np.random.default_rng([seed, draw])
        pick = rng.choice(genes, min(n_genes, len(genes)), replace=False)
        order = known[pick] + rng.random((len(pick), known.shape[1]))  # the known ones lead
        lists = np.zeros(order.shape, dtype=bool)
        np.put_along_axis(lists, np.argpartition(-order, k - 1, axis=1)[:, :k], True, axis=1)
        groups = strata(*(column[pick] for column in matched), n_bins=3)
        rows.append(asdict(against_null(lists, evidence[pick], groups, n, draw)))
    return pd.DataFrame(rows)


def motif_verdict(support: Support, z: float = 3.0) -> str:
    """In words whether the motif follows the prediction; computed, so that no page can be wrong."""
    if not np.isfinite(support.z):
        return "cannot be judged"
    if support.z > z and support.low > 0:
        return "above its matched null"
    if support.z < -z and support.high < 0:
        return "below its matched null"
    return "not distinguishable from its matched null"
