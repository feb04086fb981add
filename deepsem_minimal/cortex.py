"""The cells of the cortex chapter, their marker genes, and a summary of the networks.

Importing this module makes two data sets known to `data.load`: `cortex/seqfish` (single cells, by
layer) and `cortex/tasic-clusters` (medians of the cells of each cluster: aggregated profiles). They
stand in for the paper's single cells, which `cortex_paper` reads.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from deepsem_minimal import data
from deepsem_minimal.epigenome import (
    Bool,
    Support,
    against_null,
    count_elements,
    open_rows,
    overlaps,
    promoter_evidence,
    scan_near,
    starts_of,
    strata,
    top_regulators,
    windows,
)
from deepsem_minimal.epigenome_io import PLACE, read_bed, read_promoters, read_tss, upper_index
from deepsem_minimal.fast import kept_threads
from deepsem_minimal.motifs import Motif, motif_tfs
from deepsem_minimal.records import BadInput

CORTEX_TYPES = ("L2/3 IT", "L4", "L5 IT", "L6 IT", "L5 PT", "L6 CT")  # the paper's six
SEQFISH_TYPES = {  # seqFISH+ has names of layers, some of them twice
    "Excitatory layer II": "L2/3",
    "Excitatory layer 3": "L2/3",
    "Excitatory layer 4": "L4",
    "Excitatory layer 5/6": "L5/6",
    "Excitatory 5/6": "L5/6",
}
LAYERS = {  # the types of the paper that a layer of seqFISH+ holds
    "L2/3": ["L2/3 IT"],
    "L4": ["L4"],
    "L5/6": ["L5 IT", "L6 IT", "L5 PT", "L6 CT"],
}
# Type, gene, regulators that the paper names for it. The genes are targets though Rorb is a TF.
STORIES = {
    "L4": {"Rorb": ["Mef2c", "Nr2f1", "Pknox2"]},
    "L6 CT": {"Syt6": ["Nfia", "Stat1", "Sp3"]},  # the paper's text prints "Nf1a"
}


# --- cells ----------------------------------------------------------------------------------------


def _read_seqfish(path: Path) -> AnnData:
    """The 913 cells of cortex and subventricular zone; excitatory ones named by their layer."""
    with zipfile.ZipFile(path) as archive:

        def table(name: str) -> pd.DataFrame:
            text = archive.read(f"cortex_svz_{name}.csv").decode("utf-8-sig")
            return pd.read_csv(io.StringIO(text), na_filter=False)

        counts = table("counts")
        clusters = table("cell_type_annotations")["louvain"]
        names = table("cluster_names").set_index("cluster_no")["celltype"].str.strip()
        region = table("cellcentroids")["Region"]
    types = clusters.map(names).replace(SEQFISH_TYPES)
    values = counts.to_numpy(dtype=np.float32)
    adata = data._adata(data._cp10k(values), None, counts.columns, values)
    adata.obs["cell_type"] = pd.Categorical(types.to_numpy())
    adata.obs["region"] = pd.Categorical(region.to_numpy())
    return adata


def _read_clusters(medians: Path, labels: Path) -> AnnData:
    """133 clusters, each the median of its cells; only genes with a median above 0 somewhere."""
    table = _xarray(medians, "cl.med")  # genes x clusters, CPM
    facts = pd.DataFrame(data._read_rda(labels)).astype({"cluster_id": int})
    facts = facts.groupby("cluster_id").agg(
        label=("cluster_label", "first"), type=("subclass_label", "first"), n=("cluster_id", "size")
    )
    genes, ids = (np.asarray(table.coords[axis].values, dtype=str) for axis in table.dims)
    facts = facts.loc[ids.astype(int)]
    X = np.log1p(np.asarray(table.values, dtype=np.float64).T)
    seen = X.max(axis=0) > 0
    adata = data._adata(X[:, seen], facts["label"], genes[seen])
    adata.obs["cell_type"] = pd.Categorical(facts["type"].astype(str).to_numpy())
    adata.obs["n_cells"] = facts["n"].to_numpy()
    return adata


def subclass_medians(path: Path | str) -> pd.DataFrame:
    """Median CPM of the 23 subclasses of Tasic et al. 2018 (genes x subclasses)."""
    return _xarray(Path(path), "subclass_med_mat").to_pandas().rename_axis(index=None, columns=None)


def _xarray(path: Path, name: str) -> Any:
    import rdata

    return rdata.read_rda(path)[name]


data.DATASETS |= {
    "cortex/seqfish": data.Dataset(("cortex/seqfish",), _read_seqfish, data.CP10K),
    "cortex/tasic-clusters": data.Dataset(
        ("cortex/tasic/cluster-medians", "cortex/tasic/labels"),
        _read_clusters,
        "ln(1 + median CPM of the cluster's cells)",
    ),
}


@kept_threads()
def markers(
    adata: AnnData, cell_types: Sequence[str], n_genes: int, tfs: Iterable[str]
) -> dict[str, list[str]]:
    """The `n_genes` marker genes of each type, TFs apart, by scanpy's rank_genes_groups.

    Each type is compared with the other `cell_types` (t-test with overestimated variance, scanpy's
    default for single cells here, since the paper names none). `obs["cell_type"]` holds the types.
    """
    import scanpy as sc

    cells = adata[adata.obs["cell_type"].isin(list(cell_types))].copy()
    cells.obs["cell_type"] = cells.obs["cell_type"].astype(str).astype("category")
    cells.uns["log1p"] = {"base": None}
    sc.tl.rank_genes_groups(cells, "cell_type", method="t-test_overestim_var")
    ranked = pd.DataFrame(cells.uns["rank_genes_groups"]["names"])
    known = set(upper_index(tfs))
    return {
        name: [gene for gene in ranked[name] if gene.upper() not in known][:n_genes]
        for name in cell_types
    }


def median_markers(
    medians: pd.DataFrame, cell_types: Sequence[str], n_genes: int, tfs: Iterable[str]
) -> dict[str, list[str]]:
    """The `n_genes` genes, TFs apart, that lead most in each type, from `subclass_medians`.

    Lead: ln(1 + median) minus that of the type with the next highest. Fewer where fewer genes lead.
    """
    known = set(upper_index(tfs))
    logs = np.log1p(medians.loc[[gene.upper() not in known for gene in medians.index], cell_types])
    found = {}
    for name in cell_types:
        lead = (logs[name] - logs.drop(columns=name).max(axis=1)).sort_values(
            ascending=False, kind="stable"
        )
        found[name] = list(lead.index[lead > 0][:n_genes])
    return found


# --- the chapter's comparison ---------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What one network is learnt from: `cells` (cells x genes, log expression), the TFs among the
    genes, and the target genes of each cell type."""

    name: str
    cells: AnnData
    tfs: list[str]
    targets: dict[str, list[str]]

    @property
    def genes(self) -> list[str]:
        return list(self.cells.var_names)

    @property
    def all_targets(self) -> list[str]:
        return sorted(set().union(*self.targets.values()))


def _case(name: str, cells: AnnData, tfs: Iterable[str], targets: dict[str, list[str]]) -> Case:
    wanted = set(tfs).union(*targets.values())
    part = cells[:, [gene in wanted for gene in cells.var_names]].copy()
    return Case(name, part, [gene for gene in part.var_names if gene in set(tfs)], targets)


def seen_in(cells: AnnData, min_fraction: float = 0.1) -> list[str]:
    """Genes that are seen in at least `min_fraction` of the cells."""
    often = np.asarray((cells.X > 0).mean(axis=0)).ravel() >= min_fraction
    return list(cells.var_names[often])


def with_motif(cells: AnnData, known: Iterable[str], min_fraction: float = 0.1) -> list[str]:
    """Genes of `known` (upper-case) that are seen in at least `min_fraction` of the cells."""
    names = set(known)
    return [gene for gene in seen_in(cells, min_fraction) if gene.upper() in names]


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def seqfish_cases(
    adata: AnnData, medians: pd.DataFrame, known: Iterable[str], n_markers: int
) -> list[Case]:
    """One case a cortical layer of `cortex/seqfish`: its cells; targets are markers of its types.

    The markers come from `subclass_medians`, which rest on far more cells and reads; a layer with
    several types counts with the highest of them. Only genes seen in a tenth of the cells. All
    layers have the same genes, the TFs and the markers of every layer, as in the paper.
    """
    inside = adata.obs["region"].eq("Cortex") & adata.obs["cell_type"].isin(list(LAYERS))
    cells = adata[inside.to_numpy()].copy()
    seen = seen_in(cells)
    by_layer = pd.DataFrame({name: medians[types].max(axis=1) for name, types in LAYERS.items()})
    found = median_markers(by_layer.loc[by_layer.index.isin(seen)], list(LAYERS), n_markers, known)
    stories = {
        layer: [g for t in types for g in STORIES.get(t, {})] for layer, types in LAYERS.items()
    }
    targets = {
        name: _unique([*(g for g in stories[name] if g in seen), *genes])
        for name, genes in found.items()
    }
    return by_type("seqFISH+", cells, with_motif(cells, known), targets)


def by_type(
    name: str, cells: AnnData, tfs: Iterable[str], targets: dict[str, list[str]]
) -> list[Case]:
    """One case a type, its cells and its targets, all over the same genes."""
    both = _case(name, cells, tfs, targets)
    kind = both.cells.obs["cell_type"]
    return [
        Case(f"{name} {kept}", both.cells[kind == kept].copy(), both.tfs, {kept: targets[kept]})
        for kept in targets
    ]


def tasic_case(adata: AnnData, medians: pd.DataFrame, known: Iterable[str], n_markers: int) -> Case:
    """The glutamatergic clusters of `cortex/tasic-clusters`, and markers of the paper's six types.

    One network for all types: a type has 1 to 14 clusters, too few for a network of its own.
    """
    kinds = [*CORTEX_TYPES, "L6b", "NP"]
    cells = adata[adata.obs["cell_type"].isin(kinds).to_numpy()].copy()
    here = medians.loc[medians.index.isin(cells.var_names)]
    found = median_markers(here, CORTEX_TYPES, n_markers, known)
    targets = {name: _unique([*STORIES.get(name, {}), *genes]) for name, genes in found.items()}
    return _case("Tasic clusters", cells, with_motif(cells, known), targets)


def made_case(adata: AnnData) -> Case:
    """A case from a `sim/...` data set: its TFs regulate all other genes."""
    tfs = list(adata.var_names[adata.var["tf"].to_numpy(bool)])
    others = [gene for gene in adata.var_names if gene not in set(tfs)]
    return Case("simulated", adata, tfs, {"all": others})


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
    return read_bed(data.fetch(f"cortex/peaks/{name}"), name_is_place=name in NEURONS)


def read_evidence() -> Evidence:
    """The real evidence: CellOracle's promoters, open in excitatory neurons or in glia only.

    Raises DataUnavailable when one of the files cannot be had.
    """
    import bioframe

    places, hits = read_promoters(data.fetch("cortex/promoter-motifs"))
    tss = read_tss(data.fetch("cortex/tss"))
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
    found = scan_near(near, elements, genome, matrices)
    gene = around["gene"].to_numpy()[near["place"]]
    rows = near.assign(gene=gene)[["element", "gene"]].drop_duplicates(ignore_index=True)
    there = pd.crosstab(found["element"], found["tf"]).astype(bool)
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


def degrees(edges: Bool, genes: Sequence[str], tfs: Sequence[str], n_hubs: int = 5) -> pd.Series:
    """Supp. Table 3's kind of summary: numbers of edges, regulators per gene, targets per TF."""
    out, into = edges.sum(axis=0), edges.sum(axis=1)
    hubs = np.array(tfs)[np.argsort(-out, kind="stable")[:n_hubs]]
    return pd.Series({
        "edges": int(edges.sum()),
        "genes with a regulator": int((into > 0).sum()),
        "TFs with a target": int((out > 0).sum()),
        "median in-degree": float(np.median(into)),
        "largest in-degree": int(into.max()),
        "median out-degree": float(np.median(out)),
        "largest out-degree": int(out.max()),
        "hub TFs": ", ".join(hubs),
    })  # fmt: skip


def jaccard(networks: dict[str, Bool]) -> pd.DataFrame:
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
