"""DeepSEM on your own AnnData, what the command `deepsem` does from Python.

source, notes, _ = own.read("cells.h5ad")            # counts or log expression, as it is there
adata, notes, _ = own.prepare(source, tfs)           # log expression of TFs and varying genes
result = own.fit(adata, seeds=10)                    # varp["deepsem_W"], uns["deepsem"]
results = own.fit_groups(adata, groupby="cell_type")  # one network a cell type
own.embed(result, adata)                             # obsm["X_deepsem"] and ["X_deepsem_pca"]
cells = own.simulate(result, adata, n=1000)          # AnnData
result.save("result.h5ad"); own.Result.load("result.h5ad")
"""

from typing import Any

from anndata import AnnData

from deepsem_minimal import sampling
from deepsem_minimal.ensemble import fit, fit_groups
from deepsem_minimal.result import Result

from ..clustering import reduced
from ..errors import some
from .prepare import prepare_cells as prepare
from .read import read

__all__ = ["Result", "embed", "fit", "fit_groups", "prepare", "read", "simulate"]


def embed(result: Result, adata: AnnData, member: int = 0) -> None:
    """Write obsm["X_deepsem"] (cells x genes of the result): μ of log expression `adata.X`.

    obsm["X_deepsem_pca"] has its first 50 principal components, as the paper's clustering takes
    them (ledger 16): a graph of neighbours in all dimensions drowns in noise. The cells may be
    others than those of the training; genes are found by name. Raises ValueError if the AnnData
    lacks a gene.
    """
    adata.obsm["X_deepsem"] = result.embed(aligned(result, adata), member)
    adata.obsm["X_deepsem_pca"] = reduced(adata.obsm["X_deepsem"])


def simulate(result: Result, adata: AnnData, n: int, seed: int = 0, member: int = 0) -> AnnData:
    """`n` simulated cells (log expression) that start from cells of `adata` (ledger 17).

    obs is that of the cell each comes from, whose name is in obs["from_cell"]. Raises ValueError
    for n < 1 or a missing gene.
    """
    X, rows = sampling.simulate(result, aligned(result, adata), n, seed, member)
    obs = adata.obs.iloc[rows].assign(from_cell=adata.obs_names[rows])
    obs.index = [f"simulated_{i}" for i in range(n)]
    return AnnData(X, obs, adata.var.loc[result.genes])


def aligned(result: Result, adata: AnnData) -> Any:
    """adata.X with the genes of the result in their order."""
    if list(adata.var_names) == result.genes:
        return adata.X
    places = adata.var_names.get_indexer(result.genes)
    if (places < 0).any():
        missing = [gene for gene, at in zip(result.genes, places, strict=True) if at < 0]
        raise ValueError(f"adata lacks {len(missing)} genes of the result: {some(missing, 3)}.")
    return adata.X[:, places]
