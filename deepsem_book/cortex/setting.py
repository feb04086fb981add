"""What the page works on: real cells, promoters and motifs, or a simulated stand-in for it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData

from .. import datasets
from . import cells, read
from .cells import Case
from .epigenome import Bool, overlaps, starts_of, windows
from .evidence import (
    GLIA,
    NEURONS,
    Evidence,
    made_evidence,
    read_evidence,
    read_peaks,
    with_elements,
)
from .motifs import Motif, motif_tfs, read_jaspar_sqlite
from .null_model import edge_regulators

DISTAL = "excitatory peaks within 200 kb"


@dataclass(frozen=True)
class Setting:
    """The cases of the page (the last one is the main one), their evidence and known edges.

    `source` has the cells of the positive control, `control_tfs` its TFs, `known_edges` its edges
    (Gene1, Gene2); `medians` are those of `subclass_medians`, None for simulated cells.
    """

    cases: list[Case]
    evidence: Evidence
    source: AnnData
    control_tfs: list[str]
    known_edges: pd.DataFrame
    medians: pd.DataFrame | None

    @property
    def real(self) -> bool:
        """Whether these are cells of the cortex."""
        return self.medians is not None

    @property
    def k(self) -> int:
        """Regulators kept for each gene: 12 as the paper has for Rorb; simulated cells have few."""
        return 12 if self.real else 3

    @property
    def main(self) -> Case:
        return self.cases[-1]

    @property
    def layers(self) -> list[Case]:
        """The cases that have the same genes and other cells; the only case where there is one."""
        return self.cases[:-1] or self.cases


def sources(adata: AnnData) -> list[AnnData]:
    """What `page.choose` gave, and the cluster medians where these are cells of the cortex."""
    real_cells = adata.uns["source"]["name"] == "cortex/seqfish"
    return [adata, datasets.load("cortex/tasic-clusters")] if real_cells else [adata]


def chosen(read: list[AnnData], profile: str) -> "Setting":
    """`sources` made ready: `real` with as many markers as the profile allows, or `simulated`."""
    if len(read) == 1:
        return simulated(read[0])
    seqfish, clusters = read
    n_markers = {"quick": 60, "full": 500}[profile]
    return real(seqfish, clusters, n_markers, distal=profile == "full")


def simulated(adata: AnnData) -> Setting:
    """A `sim/...` data set with made evidence; the control is its true network."""
    case = cells.made_case(adata)
    edges = datasets.load_network("sim/nonlinear-100/truth")
    return Setting([case], made_evidence(adata), adata, case.tfs, edges, None)


def real(seqfish: AnnData, clusters: AnnData, n_markers: int, distal: bool) -> Setting:
    """Layers of seqFISH+, then the Tasic clusters; the control has all genes of the clusters.

    `distal`: add motifs in all excitatory peaks within 200 kb of a target, if the genome is
    available (0.8 GB).
    """
    evidence, medians = read_evidence(), read_medians()
    matrices = read_matrices()
    known = with_motifs(matrices, evidence)
    cases = cells.seqfish_cases(seqfish, medians, known, n_markers)
    cases.append(cells.tasic_case(clusters, medians, known, n_markers))
    if distal and datasets.is_available("cortex/genome"):
        evidence = with_distal(evidence, cases, matrices)
    tfs = cells.with_motif(clusters, known, min_fraction=0)
    return Setting(cases, evidence, clusters, tfs, curated_edges("ABC"), medians)


def read_matrices() -> list[Motif]:
    """JASPAR's motifs of the registered file."""
    return read_jaspar_sqlite(datasets.fetch("jaspar2018/sqlite"))


def with_motifs(matrices: list[Motif], evidence: Evidence) -> set[str]:
    """TFs (upper-case) that have a motif and a column in the evidence."""
    return motif_tfs(matrices) & set(evidence.hits.columns)


def read_medians() -> pd.DataFrame:
    """`subclass_medians` of the registered file."""
    return cells.subclass_medians(datasets.fetch("cortex/tasic/medians"))


def curated_edges(confidence: str) -> pd.DataFrame:
    """DoRothEA's edges (Gene1, Gene2) of these confidence classes."""
    return read.read_dorothea(datasets.fetch("cortex/dorothea"), confidence)


def with_distal(evidence: Evidence, cases: list[Case], matrices: list[Motif]) -> Evidence:
    """`evidence` and DISTAL: excitatory peaks within 200 kb of the targets of `cases`."""
    genome = datasets.fetch("cortex/genome")
    genes = sorted({gene for case in cases for gene in case.all_targets})
    starts, sizes = read.read_tss(datasets.fetch("cortex/tss")), read.genome_sizes(genome)
    peaks = read_peaks("EXC")
    return with_elements(evidence, DISTAL, genes, starts, sizes, peaks, genome, matrices)


def story_medians(medians: pd.DataFrame) -> pd.DataFrame:
    """Medians of the genes of the paper's stories and of their TFs in the six types (Fig. 4d)."""
    stories = cells.paper_stories()
    rows = [*stories, *(tf for _, tfs in stories.values() for tf in tfs)]
    return medians.loc[rows, list(cells.CORTEX_TYPES)]


def sizes(setting: Setting) -> pd.DataFrame:
    """Cells, genes, TFs and targets of each case, and targets with a promoter of each kind."""
    evidence, columns = setting.evidence, {}
    for case in setting.cases:
        columns[case.name] = {
            "cells or clusters": case.cells.n_obs,
            "genes": case.cells.n_vars,
            "TFs": len(case.tfs),
            "targets": len(case.all_targets),
        } | {
            f"... with a promoter: {kind}": n_with_promoter(evidence, kind, case)
            for kind in evidence.kinds
        }
    return pd.DataFrame(columns)


def n_with_promoter(evidence: Evidence, kind: str, case: Case) -> int:
    """How many targets of a case have a promoter of this kind."""
    return int(evidence.table(kind, case.all_targets, case.tfs)[1].sum())


def known_regulators(setting: Setting, edges: pd.DataFrame) -> Bool:
    """(genes x TFs) of the control: which edges are among `edges`."""
    return edge_regulators(edges, list(setting.source.var_names), setting.control_tfs)


def locus(gene: str, evidence: Evidence, with_exons: bool) -> dict:
    """Arguments of `figures.tracks` for 200 kb on both sides of a gene's start.

    `with_exons`: draw the gene's exons, if UCSC's table is available.
    """
    import bioframe

    starts = read.read_tss(datasets.fetch("cortex/tss"))
    chromosomes = bioframe.fetch_chromsizes("mm10", provider="local")
    place = windows(starts_of([gene], starts), chromosomes)
    [window] = place.to_dict("records")
    span = window["start"], window["end"]
    rows = {f"open in {name}": inside(read_peaks(name), place) for name in NEURONS + GLIA}
    rows["promoters"] = inside(evidence.places, place)
    rows |= story_motifs(gene, evidence)
    around = starts[(starts["chrom"] == window["chrom"]) & starts["tss"].between(*span)]
    tss = {r.gene.capitalize(): (r.tss, r.strand) for r in around.itertuples()}
    shown = with_exons and datasets.is_available("cortex/gene-models")
    exons = exons_of(gene, window["chrom"]) if shown else None
    return {"rows": rows, "span": span, "tss": tss, "exons": exons}


def inside(table: pd.DataFrame, place: pd.DataFrame) -> pd.DataFrame:
    """Rows of `table` that share a base with the one interval `place`."""
    return table.iloc[np.unique(overlaps(place, table)["element"])]


def story_motifs(gene: str, evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Promoters of a story's gene with a motif of each of the paper's TFs that has one."""
    own = evidence.places["gene"].eq(gene.upper())
    tfs = [tf for tf in cells.paper_stories()[gene][1] if tf.upper() in evidence.hits]
    return {f"{tf} motif": evidence.places[own & evidence.hits[tf.upper()]] for tf in tfs}


def exons_of(gene: str, chrom: str) -> pd.DataFrame:
    """Exons of a gene on a chromosome by UCSC's refGene."""
    models = read.read_gene_models(datasets.fetch("cortex/gene-models"))
    return models[(models["gene"] == gene.upper()) & (models["chrom"] == chrom)]
