"""What `embed` and `simulate` write: the reader's AnnData with all it held, tried before training.

What a file holds may be readable and not writable, or not even readable: such parts are left out
and named before the hour of training, not after it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from anndata import AnnData
from anndata.io import read_elem, write_elem
from scipy import sparse

from deepsem_minimal.result import Result

from ..errors import first_few
from .annotated import frame, is_null, read_matrix, root_of
from .packed import on_disk
from .read import holds_anndata

ALIGNED = ("layers", "obsm", "varm", "obsp", "varp")


def whole(path: Path, source: AnnData) -> tuple[AnnData, list[str]]:
    """All of an AnnData's file: layers, raw, obsm, uns, all genes; `source` of any other file."""
    if not holds_anndata(path) and (path.is_dir() or not h5py.is_hdf5(path)):
        return source, []
    unread: list[str] = []
    with on_disk(path) as file, root_of(file) as root:
        if "obs" not in root or "var" not in root:
            return source, []
        given = "X" in root and not is_null(root["X"])
        (obs, _), (var, _) = frame(root, "obs"), frame(root, "var")
        adata = AnnData(read_matrix(root["X"]) if given else None, obs, var)
        for where, name, elem in parts(root):
            if where == "uns" and name.removesuffix("_categories") in {*obs, *var} - {name}:
                continue  # of a column, as anndata below 0.7 kept them
            try:
                put(adata, where, name, read_matrix(elem) if where in ALIGNED else read_elem(elem))
            except Exception:  # of a kind that this anndata does not know, or damaged
                unread.append(f"{where}/{name}")
        for X, genes in (("raw/X", "raw/var"), ("raw.X", "raw.var")):
            if X not in root:
                continue
            try:
                adata.raw = AnnData(read_matrix(root[X]), obs[[]], frame(root, genes)[0])
            except Exception:
                unread.append("raw")
    return adata, [f"cannot be read and is left out: {first_few(unread)}"] if unread else []


def parts(root: Any) -> Iterator[tuple[str, str, Any]]:
    for where in (*ALIGNED, "uns"):
        if where not in root:
            continue
        held = root[where] if hasattr(root[where], "keys") else root[where][...]  # old: records
        for name in (held.dtype.names or ()) if isinstance(held, np.ndarray) else list(held):
            yield where, name, held[name]


def put(adata: AnnData, where: str, name: str, value: Any) -> None:
    getattr(adata, where)[name] = value


def writable(adata: AnnData) -> list[str]:
    """Leave out of `adata` what cannot be written to an .h5ad, and say what."""
    left = []
    with h5py.File("trial", "w", driver="core", backing_store=False) as file:
        for where in ("obs", "var"):
            table = getattr(adata, where)
            for name in list(table):
                if not can_write(file, table[[name]]):
                    del table[name]
                    left.append(f"{where}[{name!r}]")
        for where in (*ALIGNED, "uns"):
            held = getattr(adata, where)
            for name in list(held):
                if not can_write(file, held[name] if where == "uns" else held[name][:2]):
                    del held[name]
                    left.append(f"{where}[{name!r}]")
        if adata.raw is not None and not can_write(file, adata.raw.var):
            del adata.raw
            left.append("raw")
    return [f"cannot be written and is left out: {first_few(left)}"] if left else []


def can_write(file: h5py.File, value: Any) -> bool:
    try:
        write_elem(file, "part", value)
    except Exception:  # whatever anndata and h5py say
        return False
    finally:
        if "part" in file:
            del file["part"]
    return True


def embedded(
    kept: AnnData, adata: AnnData, result: Result, reduced: Callable[[np.ndarray], np.ndarray]
) -> AnnData:
    """`kept` (cells of `adata` only) with the embedding, W over all its genes, and uns["deepsem"].

    Columns of obsm["X_deepsem"] are the genes of uns["deepsem"]["genes"].
    """
    rows = kept.obs_names.get_indexer(adata.obs_names)
    out = kept if np.array_equal(rows, np.arange(kept.n_obs)) else kept[rows].copy()
    out.obsm["X_deepsem"] = result.embed(adata)
    out.obsm["X_deepsem_pca"] = reduced(out.obsm["X_deepsem"])  # ledger 16
    out.uns["deepsem"] = {**adata.uns["deepsem"], "genes": np.array(result.genes, dtype=object)}
    at = out.var_names.get_indexer(result.genes) if out.var_names.is_unique else np.array([-1])
    if (at >= 0).all():
        W = sparse.coo_array(result.W)
        place = (at[W.coords[0]], at[W.coords[1]])
        out.varp["deepsem_W"] = sparse.csr_matrix((W.data, place), shape=(out.n_vars,) * 2)
    else:  # genes were renamed or added up
        out.uns["deepsem"]["W"] = result.W
    return out
