"""The cells of the chapter, their marker genes, and one case per cell type."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal.parallel import kept_threads

from ..datasets.readers import rda
from .read import upper_index

CORTEX_TYPES = ("L2/3 IT", "L4", "L5 IT", "L6 IT", "L5 PT", "L6 CT")  # the paper's six
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


def paper_stories() -> dict[str, tuple[str, list[str]]]:
    """STORIES by gene: its type and the TFs that the paper names."""
    return {gene: (kind, tfs) for kind, genes in STORIES.items() for gene, tfs in genes.items()}


def subclass_medians(path: Path | str) -> pd.DataFrame:
    """Median CPM of the 23 subclasses of Tasic et al. 2018 (genes x subclasses)."""
    medians = rda(Path(path), "subclass_med_mat")["subclass_med_mat"]
    return medians.to_pandas().rename_axis(index=None, columns=None)


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
    leading = {}
    for name in cell_types:
        lead = (logs[name] - logs.drop(columns=name).max(axis=1)).sort_values(
            ascending=False, kind="stable"
        )
        leading[name] = list(lead.index[lead > 0][:n_genes])
    return leading


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
    """One case per cortical layer of `cortex/seqfish`: its cells; targets are markers of its types.

    The markers come from `subclass_medians`, which rest on far more cells and reads; a layer with
    several types counts with the highest of them. Only genes seen in a tenth of the cells. All
    layers have the same genes, the TFs and the markers of every layer, as in the paper.
    """
    inside = adata.obs["region"].eq("Cortex") & adata.obs["cell_type"].isin(list(LAYERS))
    cells = adata[inside.to_numpy()].copy()
    targets = layer_targets(seen_in(cells), medians, known, n_markers)
    return by_type("seqFISH+", cells, with_motif(cells, known), targets)


def zeisel_case(
    adata: AnnData, medians: pd.DataFrame, known: Iterable[str], n_markers: int
) -> Case:
    """One case for all layers of `cortex/zeisel-layers`, of which L4 has but 20 cells."""
    targets = layer_targets(seen_in(adata), medians, known, n_markers)
    return _case("Zeisel", adata, with_motif(adata, known), targets)


def layer_targets(
    seen: list[str], medians: pd.DataFrame, known: Iterable[str], n_markers: int
) -> dict[str, list[str]]:
    """The genes of the paper's stories and the markers of each layer, of those that are seen."""
    by_layer = pd.DataFrame({name: medians[types].max(axis=1) for name, types in LAYERS.items()})
    leading = median_markers(
        by_layer.loc[by_layer.index.isin(seen)], list(LAYERS), n_markers, known
    )
    stories = {
        layer: [g for t in types for g in STORIES.get(t, {})] for layer, types in LAYERS.items()
    }
    return {
        name: _unique([*(g for g in stories[name] if g in seen), *genes])
        for name, genes in leading.items()
    }


def by_type(
    name: str, cells: AnnData, tfs: Iterable[str], targets: dict[str, list[str]]
) -> list[Case]:
    """One case per type, its cells and its targets, all over the same genes."""
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
    expressed = medians.loc[medians.index.isin(cells.var_names)]
    leading = median_markers(expressed, CORTEX_TYPES, n_markers, known)
    targets = {name: _unique([*STORIES.get(name, {}), *genes]) for name, genes in leading.items()}
    return _case("Tasic clusters", cells, with_motif(cells, known), targets)


def made_case(adata: AnnData) -> Case:
    """A case from a `sim/...` data set: its TFs regulate all other genes."""
    tfs = list(adata.var_names[adata.var["tf"].to_numpy(bool)])
    others = [gene for gene in adata.var_names if gene not in set(tfs)]
    return Case("simulated", adata, tfs, {"all": others})
