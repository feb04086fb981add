"""The cells of the cortex chapter, their marker genes, and a summary of the networks.

`read_geo` reads the single cells of Tasic et al. 2018 as the paper used them. Importing this module
makes two data sets known to `data.load` that stand in for them: `cortex/seqfish` (single cells, by
layer) and `cortex/tasic-clusters` (medians of the cells of each cluster: aggregated profiles).
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from deepsem_minimal import data
from deepsem_minimal.epigenome_io import upper_index
from deepsem_minimal.records import BadInput, some

CORTEX_TYPES = ("L2/3 IT", "L4", "L5 IT", "L6 IT", "L5 PT", "L6 CT")  # the paper's six
SEQFISH_TYPES = {  # seqFISH+ has names of layers, some of them twice
    "Excitatory layer II": "L2/3",
    "Excitatory layer 3": "L2/3",
    "Excitatory layer 4": "L4",
    "Excitatory layer 5/6": "L5/6",
    "Excitatory 5/6": "L5/6",
}


Bool = NDArray[np.bool_]


# --- cells ----------------------------------------------------------------------------------------


def read_geo(
    counts: Path | str,
    metadata: Path | str,
    cell_types: Sequence[str] = CORTEX_TYPES,
    min_fraction: float = 0.1,
    label: str = "cell_subclass",
) -> AnnData:
    """Cells of Tasic et al. 2018 as GEO has them (GSE115746), prepared as in the paper's Methods.

    `counts`: csv(.gz), genes x cells; `metadata`: csv(.gz) with `sample_name` and `label`. Keeps
    cells of `cell_types` (those of low quality have another label) and genes seen in at least
    `min_fraction` of them; X = ln(1 + CPM), CPM over all genes; layers["counts"].
    Raises BadInput when a column is missing or no cell has one of the types.
    """
    cells = pd.read_csv(metadata, dtype=str)
    if missing := {"sample_name", label} - set(cells.columns):
        raise BadInput(f"{metadata} lacks the columns {some(missing)}.")
    wanted = cells[cells[label].isin(cell_types)].drop_duplicates("sample_name")
    header = pd.read_csv(counts, nrows=0).columns
    here = [name for name in header[1:] if name in set(wanted["sample_name"])]
    if not here:
        raise BadInput(f"no cell of {counts} has one of the types {some(cell_types)} by {label}.")
    parts, genes = [], []
    for part in pd.read_csv(
        counts, usecols=[header[0], *here], index_col=0, na_filter=False, chunksize=2000
    ):  # 45,768 genes x 23,822 cells do not fit a laptop as one dense table
        parts.append(sparse.csr_matrix(part[here].to_numpy(dtype=np.float32)))
        genes += list(map(str, part.index))
    table = sparse.vstack(parts).T.tocsr()  # (cells, genes)
    scale = sparse.diags(1e6 / np.maximum(np.asarray(table.sum(axis=1)).ravel(), 1))
    seen = np.asarray((table > 0).mean(axis=0)).ravel() >= min_fraction
    X = np.log1p((scale @ table)[:, seen].toarray())
    types = wanted.set_index("sample_name").loc[here, label].to_numpy()
    return data._adata(X, here, np.array(genes)[seen], table[:, seen], cell_type=types)


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
