"""Mouse cortex: cells of seqFISH+ and of Zeisel by layer, and medians of the Tasic clusters."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from . import readers

SEQFISH_TYPES = {  # seqFISH+ has names of layers, some of them twice
    "Excitatory layer II": "L2/3",
    "Excitatory layer 3": "L2/3",
    "Excitatory layer 4": "L4",
    "Excitatory layer 5/6": "L5/6",
    "Excitatory 5/6": "L5/6",
}

ZEISEL_TYPES = {  # pyramidal neurons of the somatosensory cortex by layer; DL: deep layers
    "S1PyrL23": "L2/3", "S1PyrL4": "L4", "S1PyrL5": "L5/6", "S1PyrL5a": "L5/6",
    "S1PyrL6": "L5/6", "S1PyrL6b": "L5/6", "S1PyrDL": "L5/6",
}  # fmt: skip


# --- cells ----------------------------------------------------------------------------------------


def seqfish(path: Path) -> AnnData:
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
    adata = readers.as_anndata(readers.cp10k(values), None, counts.columns, values)
    adata.obs["cell_type"] = pd.Categorical(types.to_numpy())
    adata.obs["region"] = pd.Categorical(region.to_numpy())
    return adata


def zeisel_layers(counts: Path, labels: Path) -> AnnData:
    """The pyramidal neurons of the cortex among the 500 cells with gene names, by layer."""
    table = readers.rda(counts)  # genes x cells, UMI
    genes, ids = (np.asarray(table.coords[axis].values, dtype=str) for axis in table.dims)
    facts = readers.rda(labels)["annot"].set_index("cell_id").loc[ids]
    types = facts["level2class"].astype(str).map(ZEISEL_TYPES)
    kept = types.notna().to_numpy()
    values = np.asarray(table.values, dtype=np.float32).T[kept]
    adata = readers.as_anndata(readers.cp10k(values), ids[kept], genes, values)
    adata.obs["cell_type"] = pd.Categorical(types[kept].to_numpy())
    return adata


def tasic_clusters(medians: Path, labels: Path) -> AnnData:
    """133 clusters, each the median of its cells; only genes with a median above 0 somewhere."""
    table = readers.rda(medians, "cl.med")["cl.med"]  # genes x clusters, CPM
    facts = pd.DataFrame(readers.rda(labels)).astype({"cluster_id": int})
    facts = facts.groupby("cluster_id").agg(
        label=("cluster_label", "first"), type=("subclass_label", "first"), n=("cluster_id", "size")
    )
    genes, ids = (np.asarray(table.coords[axis].values, dtype=str) for axis in table.dims)
    facts = facts.loc[ids.astype(int)]
    X = np.log1p(np.asarray(table.values, dtype=np.float64).T)
    seen = X.max(axis=0) > 0
    adata = readers.as_anndata(X[:, seen], facts["label"], genes[seen])
    adata.obs["cell_type"] = pd.Categorical(facts["type"].astype(str).to_numpy())
    adata.obs["n_cells"] = facts["n"].to_numpy()
    return adata
