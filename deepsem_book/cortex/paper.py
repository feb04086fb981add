"""The paper's own procedure on the mouse cortex (Fig. 4a, Supp. Fig. 5), from its own data.

Single cells of Tasic et al. 2018 give one network per type; regulatory elements of that type,
within 200 kb of its marker genes, give the evidence by the motifs in their sequence. Cells,
sequence and gene starts are registered (`cortex/geo/...`, `cortex/genome`, `cortex/tss`). Elements
are tables of the reader: Supp. Table 1 of the paper has their addresses (GEO series GSE126724 and
GSE97179), and neither series is known to offer them as one file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from .. import datasets
from ..datasets import readers
from ..errors import BadInput, first_few
from .cells import CORTEX_TYPES, STORIES, Case, by_type, markers, with_motif
from .epigenome import count_elements, overlaps, starts_of, windows
from .evidence import Evidence, no_evidence, with_elements
from .motifs import Motif, motif_tfs, read_jaspar_sqlite
from .read import PLACE, genome_sizes, read_bed, read_dmrs, read_tss, upper_index

VISP = "Primary Visual Cortex (VISp)"  # of GSE115746; the other area is ALM
LABEL = "cell_subclass"  # the column with the types
MIN_FRACTION = 0.1  # of the cells, in which a gene must be seen
N_MARKERS = 500  # per type


def read_geo(
    counts: Path | str,
    metadata: Path | str,
    cell_types: Sequence[str] = CORTEX_TYPES,
) -> AnnData:
    """Cells of Tasic et al. 2018 as GEO has them (GSE115746), prepared as in the paper's Methods.

    `counts`: csv(.gz), genes x cells; `metadata`: csv(.gz) with `sample_name`, `source_name` and
    LABEL. Keeps cells of VISP (the series has a second area) and `cell_types` (those of low
    quality have another label) and genes seen in at least MIN_FRACTION of them; X = ln(1 + CPM),
    CPM over all genes; layers["counts"]. Raises BadInput when a column is missing or no cell is
    left.
    """
    cells = pd.read_csv(metadata, dtype=str)
    if missing := {"sample_name", "source_name", LABEL} - set(cells.columns):
        raise BadInput(f"{metadata} lacks the columns {first_few(missing)}.")
    ours = cells[LABEL].isin(cell_types) & cells["source_name"].eq(VISP)
    wanted = cells[ours].drop_duplicates("sample_name")
    header = pd.read_csv(counts, nrows=0).columns
    sampled = [name for name in header[1:] if name in set(wanted["sample_name"])]
    if not sampled:
        raise BadInput(
            f"no cell of {counts} is from {VISP} and has one of the types "
            f"{first_few(cell_types)} by {LABEL}."
        )
    parts, genes = [], []
    for part in pd.read_csv(
        counts, usecols=[header[0], *sampled], index_col=0, na_filter=False, chunksize=2000
    ):  # 45,768 genes x 23,822 cells do not fit a laptop as one dense table
        parts.append(sparse.csr_matrix(part[sampled].to_numpy(dtype=np.float32)))
        genes += list(map(str, part.index))
    table = sparse.vstack(parts).T.tocsr()  # (cells, genes)
    scale = sparse.diags(1e6 / np.maximum(np.asarray(table.sum(axis=1)).ravel(), 1))
    seen = np.asarray((table > 0).mean(axis=0)).ravel() >= MIN_FRACTION
    X = np.log1p((scale @ table)[:, seen].toarray())
    types = wanted.set_index("sample_name").loc[sampled, LABEL].to_numpy()
    return readers.as_anndata(X, sampled, np.array(genes)[seen], table[:, seen], cell_type=types)


def paper_cases(
    cells: AnnData, matrices: Sequence[Motif], n_markers: int = N_MARKERS
) -> list[Case]:
    """One case per type of `cells`, from `read_geo`: the paper's networks.

    Targets are the type's markers by scanpy's `rank_genes_groups`, TFs all genes with a motif; all
    types have the same genes.
    """
    known = motif_tfs(matrices)
    types = [name for name in CORTEX_TYPES if (cells.obs["cell_type"] == name).any()]
    leading = markers(cells, types, n_markers, known)
    expressed = set(cells.var_names)
    targets = {
        name: list(dict.fromkeys([*(g for g in STORIES.get(name, {}) if g in expressed), *genes]))
        for name, genes in leading.items()
    }
    return by_type("Tasic", cells, with_motif(cells, known, min_fraction=0), targets)


def paper_evidence(
    case: Case,
    elements: Mapping[str, pd.DataFrame],
    tss: pd.DataFrame,
    sizes: pd.Series,
    genome: Path | str,
    matrices: Sequence[Motif],
) -> Evidence:
    """Motifs in each kind of `elements` of the case's type, within 200 kb of its targets.

    `elements`: from `read_bed` or `read_dmrs`, by kind. The null is matched on the number of
    elements of all kinds near a gene. Raises BadInput if there are none.
    """
    if not elements:
        raise BadInput(f"{case.name}: no elements given, neither peaks nor methylated regions.")
    every = pd.concat([table[PLACE] for table in elements.values()], ignore_index=True)
    around = windows(starts_of(case.all_targets, tss), sizes)
    near = count_elements(overlaps(around, every), around, case.all_targets)
    evidence = no_evidence(pd.Series(near, index=upper_index(case.all_targets)))
    for kind, table in elements.items():
        evidence = with_elements(
            evidence, kind, case.all_targets, tss, sizes, table, genome, matrices
        )
    return evidence


def read_paper(
    peaks: Mapping[str, Path | str],
    dmrs: Path | str | None = None,
    dmr_names: Mapping[str, str] | None = None,
    n_markers: int | None = None,
) -> list[tuple[Case, Evidence]]:
    """Cases and evidence of the paper; cells, genome, starts and motifs come from the registry.

    `peaks`: a BED or narrowPeak file for each type of `CORTEX_TYPES` (others are left out); `dmrs`:
    methylpy's table, with `dmr_names` from our types to its sample names. Types without elements
    are left out. Raises DataUnavailable when a file is not available, BadInput for unusable ones.
    """
    dmr_names, n_markers = dmr_names or {}, n_markers or N_MARKERS
    if strange := (set(peaks) | set(dmr_names)) - set(CORTEX_TYPES):
        raise BadInput(
            f"{first_few(strange)} are not among the types {first_few(CORTEX_TYPES, 6)}."
        )
    cells = read_geo(datasets.fetch("cortex/geo/counts"), datasets.fetch("cortex/geo/metadata"))
    matrices = read_jaspar_sqlite(datasets.fetch("jaspar2018/sqlite"))
    genome, tss = datasets.fetch("cortex/genome"), read_tss(datasets.fetch("cortex/tss"))
    sizes = genome_sizes(genome)
    pairs = []
    for case in paper_cases(cells, matrices, n_markers):
        [name] = case.targets
        elements = {"peaks": read_bed(peaks[name])} if name in peaks else {}
        if dmrs is not None and name in dmr_names:
            elements["DMRs"] = read_dmrs(dmrs, dmr_names[name])
        if elements:
            pairs.append((case, paper_evidence(case, elements, tss, sizes, genome, matrices)))
    return pairs
