"""Cells in which a gene was cut, beside control cells: `obs["removed"]`, "" in controls."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from .readers import as_anndata, rda

NO_GENE = "NT"  # guides of the ECCITE-seq screen that cut nothing


def dixit(*paths: Path) -> AnnData:
    """Perturb-seq of mouse dendritic cells; each file holds all knock-outs but one.

    A file is a list of tables (cells x 24 TFs, ln(1 + UMI)) and, for each, the number of the TF
    that was cut, from 1; none for the control cells, which every file repeats.
    """
    tables: dict[str, pd.DataFrame] = {}
    for path in paths:
        values = rda(path, "data.list", "t.list")
        for table, cut in zip(values["data.list"], values["t.list"], strict=True):
            genes = list(map(str, table.columns))
            tables["".join(genes[int(i) - 1] for i in cut)] = table
    removed = np.repeat(list(tables), list(map(len, tables.values())))
    table = pd.concat(list(tables.values()))
    counts = np.rint(np.expm1(table.to_numpy()))
    if table.index.has_duplicates or not np.allclose(np.log1p(counts), table, atol=1e-6):
        raise ValueError("the tables are not ln(1 + count) of different cells")
    return as_anndata(np.log1p(counts), table.index, genes, counts, removed=removed)


def papalexi(path: Path) -> AnnData:
    """ECCITE-seq of THP-1 cells: 299 genes, raw UMI; 110 guides, which cut 26 genes or none.

    A cell belongs to the guide with the most counts; cells with a tie are left out. No cell has a
    guide against CD274 as its first, so that 25 of the genes are in `removed`. The source
    lacks most genes, so counts are not scaled by a cell's total.
    """
    data = rda(path)
    counts, guides = triplets(data["response_matrix"]), triplets(data["grna_matrix"])
    genes, names = (data[name].Dimnames[0] for name in ("response_matrix", "grna_matrix"))
    dense = guides.toarray()
    clear = (dense == dense.max(axis=1, keepdims=True)).sum(axis=1) == 1
    table = data["grna_target_data_frame"].astype(str).set_index("grna_id")["grna_target"]
    target_of = table.reindex(map(str, names)).fillna(NO_GENE)
    target_of[[name.startswith(NO_GENE) for name in target_of.index]] = ""
    removed = target_of.to_numpy()[dense.argmax(axis=1)]
    replicate = data["extra_covariates"]["bio_rep"].astype(str).to_numpy()
    X = counts.log1p().toarray()
    adata = as_anndata(X, None, genes, counts, removed=removed, replicate=replicate)
    return adata[clear].copy()


def triplets(matrix: Any) -> sparse.csr_matrix:
    """R's dgTMatrix (genes x cells) as cells x genes."""
    shape = tuple(map(int, matrix.Dim))
    return sparse.csr_matrix((matrix.x, (matrix.i, matrix.j)), shape=shape).T.tocsr()
