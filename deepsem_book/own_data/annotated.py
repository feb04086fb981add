"""Files that hold an AnnData (.h5ad, .zarr, .h5mu) or a loom: only X, obs and var are read.

What else such a file holds may be damaged or of a kind that this anndata does not know.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from anndata import AnnData
from anndata.io import read_elem
from scipy import sparse

from ..errors import BadInput, first_few
from .choices import Choices
from .text_expression import numbered

GENES = (  # row attributes of a loom that name genes, the usual one first
    "Gene", "gene", "genes", "var_names", "gene_name", "gene_names", "GeneName", "gene_symbol",
    "gene_symbols", "Symbol", "symbol", "gene_short_name", "hgnc_symbol", "Accession", "gene_ids",
    "gene_id", "ensembl_id", "featurekey",
)  # fmt: skip
CELLS = (
    "CellID", "cell_id", "obs_names", "cell_names", "cell_name", "CellName", "Cell", "cell",
    "barcode", "barcodes", "Barcode", "cell_barcode", "sample_id",
)  # fmt: skip


@contextmanager
def root_of(path: Path) -> Iterator[Any]:
    """The root group of an .h5ad or .zarr."""
    if path.is_dir():
        try:
            import zarr
        except ImportError:
            raise BadInput(f"{path.name}: reading .zarr needs zarr: pip install zarr.") from None
        yield zarr.open_group(path, mode="r")
    else:
        with h5py.File(path) as file:
            yield file


def read_anndata(path: Path, how: Choices) -> tuple[AnnData, list[str]]:
    """X (or a layer, or .raw) with obs and var of an .h5ad, .zarr or .h5mu."""
    with root_of(path) as root:
        if "mod" in root:
            root = only_rna(path, root["mod"])
        if not {"obs", "var"} <= set(root):
            raise BadInput(f"{path.name} holds no AnnData: obs and var are missing.")
        matrix, var = chosen(root, how)
        obs, notes = frame(root, "obs")
        genes, more = frame(root, var)
        adata = AnnData(read_matrix(matrix), obs, genes)
    return adata, [*notes, *more]


def only_rna(path: Path, modalities: Any) -> Any:
    names = [name for name in modalities if name.lower() in ("rna", "gex", "gene expression")]
    if len(names) != 1:
        raise BadInput(f"{path.name} holds the modalities {first_few(modalities)}: write the one "
                       'of the genes into a file, as mdata["rna"].write("rna.h5ad").')  # fmt: skip
    return modalities[names[0]]


def chosen(root: Any, how: Choices) -> tuple[Any, str]:
    """The matrix that was asked for, and where the table of its genes is."""
    layers = root.get("layers", {})
    if how.raw and how.layer is not None:
        raise BadInput("Give --layer or --raw, not both.")
    if how.raw:
        for X, var in (("raw/X", "raw/var"), ("raw.X", "raw.var")):
            if X in root:
                return root[X], var
        raise BadInput("The file has no .raw: leave --raw out.")
    if how.layer is not None:
        return layers[known_layer(how.layer, layers)], "var"
    if "X" not in root or is_null(root["X"]):
        has = f"; it has the layers {first_few(layers)}" if len(layers) else ""
        raise BadInput(f"The file has no .X: choose with --layer or --raw{has}.")
    return root["X"], "var"


def is_null(elem: Any) -> bool:
    return elem.attrs.get("encoding-type", "") == "null"


def known_layer(layer: str, layers: Iterable[str]) -> str:
    if layer not in layers:
        raise BadInput(f"The file has no layer {layer!r}; it has {first_few(layers) or 'none'}.")
    return layer


def read_matrix(elem: Any) -> Any:
    """A matrix as csr or csc or array; a sparse one in types that scipy knows."""
    if not hasattr(elem, "keys"):
        return elem[...]
    attrs = elem.attrs
    kind = str(attrs.get("encoding-type", attrs.get("h5sparse_format", "")))
    if not kind.startswith(("csr", "csc")):
        return read_elem(elem)
    shape = tuple(int(n) for n in attrs.get("shape", attrs.get("h5sparse_shape")))
    data, indices, indptr = (elem[key][...] for key in ("data", "indices", "indptr"))
    data = data.astype(np.float32) if data.dtype == np.float16 else data
    made = sparse.csr_matrix if kind.startswith("csr") else sparse.csc_matrix
    return made((data, indices, indptr), shape=shape)


# --- obs and var ----------------------------------------------------------------------------------


def frame(root: Any, key: str) -> tuple[pd.DataFrame, list[str]]:
    """obs or var, without the columns that cannot be read, in types that can be written again."""
    elem = root[key]
    if not hasattr(elem, "keys"):
        return old_frame(root, elem), []
    attrs = elem.attrs
    index = str(attrs.get("_index", "_index" if "_index" in elem else "index"))
    order = [str(name) for name in attrs.get("column-order", [])]
    order = [name for name in order if name in elem] or [
        name for name in elem if name not in (index, "__categories")
    ]
    names = plain(pd.Series(column(elem, index)))
    table, unread = {}, []
    for name in order:
        try:
            values = column(elem, name)
            table[written(name, order)] = plain(pd.Series(values, index=range(len(names))))
        except Exception:  # a column of a kind that this anndata does not know
            unread.append(name)
    left = f"columns of {key} that cannot be read left out: {first_few(unread)}"
    made = pd.DataFrame(table, index=range(len(names)))
    made.index = pd.Index(names.astype(str), dtype=object)
    return made, [left] if unread else []


def column(elem: Any, name: str) -> Any:
    """One column; before anndata 0.8 the categories stood in a group beside the codes."""
    values = read_elem(elem[name])
    if "__categories" in elem and name in elem["__categories"]:
        categories = elem["__categories"][name][...]
        known = as_text(categories) if categories.dtype.kind in "SOU" else categories
        return pd.Categorical.from_codes(np.asarray(values).astype(int), known)
    return values


def old_frame(root: Any, elem: Any) -> pd.DataFrame:
    """A table as anndata below 0.7 wrote it: records, with categories in uns."""
    records = elem[...]
    names = list(records.dtype.names)
    index = next((name for name in ("index", "_index") if name in names), names[0])
    table: dict[str, Any] = {}
    for name in names:
        values, key = records[name], f"uns/{name}_categories"
        if name != index and key in root:
            table[name] = pd.Categorical.from_codes(values.astype(int), as_text(root[key][...]))
        else:
            table[name] = as_text(values) if values.dtype.kind in "SOU" else values
    made = pd.DataFrame({name: value for name, value in table.items() if name != index})
    made.index = pd.Index(list(map(str, table[index])), dtype=object)
    return made


def written(name: str, others: Iterable[str]) -> str:
    """A name that anndata can write: `_index`, which SeuratDisk gives a column, is its own."""
    if name != "_index":
        return name
    while name in others:
        name += "_column"
    return name


def plain(values: pd.Series) -> pd.Series:
    """Text as objects: the nullable strings of pandas 3 cannot be written by every anndata."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.astype(object).where(values.notna(), None)
    if isinstance(values.dtype, pd.CategoricalDtype):
        categories = values.cat.categories
        if isinstance(categories.dtype, pd.StringDtype):
            return values.cat.rename_categories(categories.astype(object))
    return values


def as_text(values: Any) -> list[str]:
    return [v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in values]


# --- Loom -----------------------------------------------------------------------------------------


def read_loom(path: Path, how: Choices) -> tuple[AnnData, list[str]]:
    """A loom (genes x cells) with all attributes of one dimension as columns of obs and var."""
    with h5py.File(path) as file:
        layers = file.get("layers", {})
        asked = how.layer is not None
        matrix = layers[known_layer(str(how.layer), layers)] if asked else file["matrix"]
        X = sparse.vstack(  # a loom is dense on disk and mostly zeros
            [sparse.csr_matrix(matrix[i : i + 512, :]) for i in range(0, matrix.shape[0], 512)]
        )
        var, obs = (attributes(file[name]) for name in ("row_attrs", "col_attrs"))
    gene_key = how.gene_names or next((key for key in GENES if key in var), None)
    if gene_key not in var:
        known = first_few(var, 12) or "none"
        raise BadInput(
            f"{path.name}: no row attribute of a usual name holds the genes; it has {known}. Name "
            "it with --gene-names."
            if gene_key is None
            else f"{path.name} has no row attribute {gene_key!r}; it has {known}."
        )
    cell_key = next((key for key in CELLS if key in obs), None)
    notes = [f"genes named by the row attribute {gene_key!r}"] if gene_key != "Gene" else []
    if cell_key is None:
        notes.append(f"cells numbered: none of {first_few(obs) or 'no attributes'} names them")
    cells = obs[cell_key] if cell_key else numbered("cell", X.shape[1])
    made_obs = pd.DataFrame(obs, index=list(map(str, cells)))
    made_var = pd.DataFrame(var, index=list(map(str, var[gene_key])))
    return AnnData(sparse.csr_matrix(X.T), made_obs, made_var), notes


def attributes(group: Any) -> dict[str, list[Any]]:
    values = {name: group[name][...] for name in group if group[name].ndim == 1}
    return {
        written(name, values): as_text(v) if v.dtype.kind in "SOU" else list(v)
        for name, v in values.items()
    }
