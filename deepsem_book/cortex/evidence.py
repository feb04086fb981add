"""Evidence for a network of the cortex: promoters, open chromatin, motifs; and its summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from .. import datasets
from ..errors import BadInput
from .cells import Case, made_case
from .epigenome import (
    Bool,
    count_elements,
    open_rows,
    overlaps,
    promoter_evidence,
    scan_near,
    starts_of,
    windows,
)
from .motifs import Motif, motif_tfs
from .null_model import Support, against_null, strata, top_regulators
from .read import PLACE, read_bed, read_promoters, read_tss, upper_index


@dataclass(frozen=True)
class Evidence:
    """Promoters with the motifs in them, and what the null is matched on.

    Rows of `hits` (bool, columns are TFs) are those of `places` (chrom, start, end, gene); `kinds`:
    which rows count as evidence of that name; `elements`: regulatory elements within 200 kb of each
    gene (upper-case); `left_out`: what had to be left out, by reason.
    """

    places: pd.DataFrame
    hits: pd.DataFrame
    kinds: dict[str, Bool]
    elements: pd.Series
    left_out: dict[str, int]

    def table(self, kind: str, genes: Sequence[str], tfs: Sequence[str]) -> tuple[Bool, Bool]:
        """(genes x TFs): the motif is there; (genes,): the gene has a promoter of this kind."""
        names = upper_index(genes)
        rows = self.kinds[kind] & self.places["gene"].isin(names).to_numpy()
        places, columns = self.places[rows], self.hits.columns.isin(upper_index(tfs))
        there = promoter_evidence(places, self.hits.loc[rows, columns], genes, tfs)
        return there, names.isin(places["gene"])

    def near(self, genes: Sequence[str]) -> NDArray[np.intp]:
        """Regulatory elements near each gene (genes,); 0 for a gene without a start."""
        return self.elements.reindex(upper_index(genes), fill_value=0).to_numpy(int)


ANY, OPEN, OFF = "any promoter", "open in excitatory neurons", "open in glia only"


NEURONS, GLIA = ("EXC", "PV", "VIP"), ("Astro", "Oligo", "Microglia")


def read_peaks(name: str) -> pd.DataFrame:
    """Open chromatin `cortex/peaks/<name>` as mm10 intervals."""
    return read_bed(datasets.fetch(f"cortex/peaks/{name}"), name_is_place=name in NEURONS)


def read_evidence() -> Evidence:
    """The real evidence: CellOracle's promoters, open in excitatory neurons or in glia only.

    Raises DataUnavailable when one of the files is not available.
    """
    import bioframe

    places, hits = read_promoters(datasets.fetch("cortex/promoter-motifs"))
    tss = read_tss(datasets.fetch("cortex/tss"))
    excitatory = read_peaks("EXC")
    is_open = open_rows(places, excitatory)
    in_glia = np.any([open_rows(places, read_peaks(name)) for name in GLIA], axis=0)
    around = windows(
        starts_of(tss["gene"], tss), bioframe.fetch_chromsizes("mm10", provider="local")
    )
    near = overlaps(around, excitatory)
    genes = tss["gene"].unique()
    missing = len(set(places["gene"]) - set(genes))
    return Evidence(
        places,
        hits,
        {ANY: np.ones(len(places), dtype=bool), OPEN: is_open, OFF: in_glia & ~is_open},
        pd.Series(count_elements(near, around, genes), index=genes),
        {
            "genes with a promoter but no transcription start": missing,
            **around.attrs["left_out"],
            **near.attrs["left_out"],
        },
    )


def with_elements(
    evidence: Evidence,
    kind: str,
    genes: Sequence[str],
    tss: pd.DataFrame,
    sizes: pd.Series,
    elements: pd.DataFrame,
    genome: Path | str,
    matrices: Sequence[Motif],
) -> Evidence:
    """`evidence` and one more kind: elements within 200 kb of the `genes` with motifs in them.

    The paper's evidence; arguments as in `epigenome.motif_evidence`. Adds one row for each pair of
    an element and a gene. Raises BadInput when no element is near a gene.
    """
    around = windows(starts_of(genes, tss), sizes)
    near = overlaps(around, elements)
    if near.empty:
        raise BadInput(f"none of {len(elements)} elements is within 200 kb of one of the genes.")
    motif_pairs = scan_near(near, elements, genome, matrices)
    gene = around["gene"].to_numpy()[near["place"]]
    rows = near.assign(gene=gene)[["element", "gene"]].drop_duplicates(ignore_index=True)
    there = pd.crosstab(motif_pairs["element"], motif_pairs["tf"]).astype(bool)
    names = evidence.hits.columns.union(sorted(motif_tfs(matrices)))
    hits = there.reindex(index=rows["element"], columns=names, fill_value=False)
    places = elements[PLACE].iloc[rows["element"]].assign(gene=rows["gene"].to_numpy())
    old, new = len(evidence.places), len(rows)
    before = evidence.hits.reindex(columns=names, fill_value=False)
    return Evidence(
        pd.concat([evidence.places, places] if old else [places], ignore_index=True),
        pd.concat([before, hits] if old else [hits], ignore_index=True),
        {name: np.pad(mask, (0, new)) for name, mask in evidence.kinds.items()}
        | {kind: np.arange(old + new) >= old},
        evidence.elements,
        evidence.left_out | {f"{kind}: {why}": n for why, n in around.attrs["left_out"].items()},
    )


def no_evidence(elements: pd.Series) -> Evidence:
    """Nothing yet, to be filled by `with_elements`; `elements`: how many are near each gene."""
    hits = pd.DataFrame(columns=pd.Index([], dtype=object))
    return Evidence(pd.DataFrame(columns=[*PLACE, "gene"]), hits, {}, elements, {})


def made_evidence(adata: AnnData, seed: int = 0) -> Evidence:
    """Evidence of the same form for a `sim/...` data set: the motifs of four in five true edges,
    and chance hits of TFs whose motifs differ in frequency."""
    rng = np.random.default_rng(seed)
    case = made_case(adata)
    names = upper_index(adata.var_names)
    column = adata.var_names.get_indexer(case.tfs)
    true = np.asarray(adata.varp["true_W"])[:, column] != 0
    chance = rng.random(true.shape) < rng.beta(0.7, 1.5, len(case.tfs))
    there = (true & (rng.random(true.shape) < 0.8)) | chance
    places = pd.DataFrame({"chrom": "chr1", "start": 0, "end": 1, "gene": names})
    hits = pd.DataFrame(there, columns=upper_index(case.tfs))
    is_open = rng.random(len(names)) < 0.6
    kinds = {ANY: np.ones(len(names), dtype=bool), OPEN: is_open, OFF: ~is_open}
    return Evidence(places, hits, kinds, pd.Series(rng.poisson(20, len(names)), index=names), {})


def judge(
    case: Case,
    W: NDArray[np.floating],
    evidence: Evidence,
    kind: str,
    k: int,
    targets: Sequence[str] | None = None,
    n: int = 1000,
) -> Support:
    """The k strongest regulators of each target against the matched null (see `against_null`).

    W over `case.genes`, [target, regulator]. Only targets with a promoter of this kind count; the
    null exchanges targets of like mean expression and number of elements.
    """
    targets = case.all_targets if targets is None else targets
    regulators = top_regulators(W, case.genes, case.tfs, k)
    row = pd.Index(case.genes).get_indexer(list(targets))
    there, has = evidence.table(kind, targets, case.tfs)
    level = np.asarray(case.cells.X[:, row].mean(axis=0)).ravel()[has]
    groups = strata(level, evidence.near(targets)[has], n_bins=3)
    return against_null(regulators[row][has], there[has], groups, n)


def random_network(case: Case, seed: int = 0) -> NDArray[np.floating]:
    """Random scores (genes x genes): a network that knows nothing."""
    m = len(case.genes)
    return np.random.default_rng(seed).random((m, m))


def frequent_motifs(case: Case, evidence: Evidence, seed: int = 0) -> NDArray[np.floating]:
    """A network that knows nothing but which TFs have frequent motifs (genes x genes).

    A TF's score is the share of promoters with its motif times a random number.
    """
    share = evidence.hits.mean().reindex(upper_index(case.genes), fill_value=0.0).to_numpy()
    return random_network(case, seed) * share


# --- what the networks look like ------------------------------------------------------------------


def top_edges(
    W: NDArray[np.floating], genes: Sequence[str], tfs: Sequence[str], per_gene: int
) -> Bool:
    """(genes x TFs): the per_gene * genes edges of highest |W| over the whole network.

    Unlike `top_regulators` this leaves genes with many regulators and genes with none.
    """
    column = pd.Index(genes).get_indexer(list(tfs))
    score = np.abs(W)[:, column].astype(float)
    score[column, np.arange(len(tfs))] = -1.0
    chosen = np.zeros(score.size, dtype=bool)
    chosen[np.argsort(-score.ravel(), kind="stable")[: per_gene * len(genes)]] = True
    return chosen.reshape(score.shape)


def jaccard(networks: Mapping[Any, Bool]) -> pd.DataFrame:
    """Shared edges / all edges of each two networks over the same genes and TFs."""
    names = list(networks)
    values = [
        [
            (networks[a] & networks[b]).sum() / max((networks[a] | networks[b]).sum(), 1)
            for b in names
        ]
        for a in names
    ]
    return pd.DataFrame(values, index=names, columns=names)
