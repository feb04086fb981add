"""Files of the sources as AnnData: log expression, counts, cell types."""

import tarfile
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData, read_h5ad
from anndata.utils import make_index_unique
from scipy import io, sparse

from . import deposited

LN = "ln(1 + UMI count); no scaling by library size, since the source holds a subset of the genes"
RAW = "ln(1 + UMI count), as the authors of DeepSEM have it"
CP10K = "ln(1 + count / total of the cell * 1e4)"


def as_anndata(
    X: Any, cells: Any = None, genes: Any = None, counts: Any = None, **obs: Any
) -> AnnData:
    """AnnData of X (cells x genes), with names made up where the source has none."""
    n_cells, n_genes = X.shape
    cells = [f"cell_{i:05d}" for i in range(1, n_cells + 1)] if cells is None else cells
    genes = [f"gene_{i:04d}" for i in range(1, n_genes + 1)] if genes is None else genes
    adata = AnnData(
        np.ascontiguousarray(X, dtype=np.float32),
        obs=pd.DataFrame(obs, index=pd.Index(cells, dtype=str)),
        var=pd.DataFrame(index=pd.Index(genes, dtype=str)),
    )
    if counts is not None:
        adata.layers["counts"] = sparse.csr_matrix(counts, dtype=np.float32)
    adata.strings_to_categoricals()
    return adata


def numbers(path: Path) -> pd.DataFrame:
    """A csv with names in the first column and numbers (read as float32) in all others."""
    first = pd.read_csv(path, nrows=1).columns[0]
    numbers = defaultdict(lambda: np.float32, {first: np.str_})
    return pd.read_csv(path, index_col=0, na_filter=False, dtype=numbers)  # a gene may be named NA


def cp10k(counts: Any) -> np.ndarray:
    scale = np.float32(1e4) / np.asarray(counts.sum(axis=1), dtype=np.float32).reshape(-1, 1)
    return np.log1p((counts.toarray() if sparse.issparse(counts) else counts) * scale)


def tf_names(path: Path) -> set[str]:
    """Upper-case names: the first column of a csv, with the header `TF` or without."""
    lines = path.read_text(encoding="utf-8").splitlines()
    names = {line.split(",")[0].strip().upper() for line in lines}
    return names - {"", "TF"}


def beeline(expression: Path, pseudotime: Path, tfs: Path) -> AnnData:
    table = numbers(expression)  # genes x cells
    return timed(as_anndata(table.to_numpy().T, table.columns, table.index), pseudotime, tfs)


def beeline_npz(expression: Path, genes: Path, pseudotime: Path, tfs: Path) -> AnnData:
    """A matrix that lies without names: rows in the order of `genes`, columns of `pseudotime`.

    `expression` holds a CSR matrix (genes x cells) in attr_data, attr_indices, attr_indptr and
    attr_shape. Raises ValueError unless it has as many rows and columns as there are names.
    """
    with np.load(expression, allow_pickle=False) as file:
        parts = tuple(file[f"attr_{part}"] for part in ("data", "indices", "indptr"))
        X = sparse.csr_matrix(parts, shape=tuple(file["attr_shape"]))
    rows = pd.read_csv(genes, index_col="index", na_filter=False)["Gene"].sort_index()
    cells = pd.read_csv(pseudotime, index_col=0).index
    if X.shape != (len(rows), len(cells)) or list(rows.index) != list(range(len(rows))):
        raise ValueError(f"{expression} is {X.shape}, for {len(rows)} genes and {len(cells)} cells")
    return timed(as_anndata(X.toarray().T, cells, rows), pseudotime, tfs)


def timed(adata: AnnData, pseudotime: Path, tfs: Path) -> AnnData:
    """With var["tf"] and, aligned by the names of the cells, one pseudotime per lineage."""
    adata.var["tf"] = adata.var_names.str.upper().isin(tf_names(tfs))
    lineages = pd.read_csv(pseudotime, index_col=0).reindex(adata.obs_names)
    for i, column in enumerate(lineages, start=1):
        adata.obs[f"pseudotime_{i}"] = lineages[column]
    return adata


def genome_wide(path: Path, genes: pd.Index) -> pd.DataFrame:
    """A table of TF and target without a header, cut to `genes` and spelled as they are."""
    table = pd.read_csv(
        path, sep="\t", header=None, names=["Gene1", "Gene2"], dtype=str, na_filter=False
    )
    spelled = pd.Series(genes, index=genes.str.upper())
    edges = table.apply(lambda names: names.str.upper().map(spelled)).dropna().drop_duplicates()
    return edges[edges["Gene1"] != edges["Gene2"]].reset_index(drop=True)


def matlab(path: Path) -> np.ndarray:
    """The one variable of a MATLAB file, cells of text unwrapped."""
    [array] = (value for key, value in io.loadmat(path).items() if not key.startswith("__"))
    if array.dtype == np.object_:
        return np.vectorize(lambda cell: cell.item(), otypes=[str])(array)
    return array


def zeisel(data: Path, labels: Path) -> AnnData:
    X, types = matlab(data).T, matlab(labels)  # cells x genes; cells x (level 1, level 2)
    level2 = pd.Series(types[:, 1]).replace("(none)", np.nan).to_numpy()
    counts = np.rint(np.expm1(X))
    return as_anndata(X, counts=counts, cell_type=types[:, 0], cell_type_level2=level2)


def cbmc(data: Path, labels: Path) -> AnnData:
    counts = matlab(data).T.astype(np.float32)
    return as_anndata(np.log1p(counts), counts=counts, cell_type=matlab(labels)[:, 0])


def cbmc2000(path: Path) -> AnnData:
    import h5py

    with h5py.File(path) as file:
        counts, labels = file["X"][:], file["Y"][:].astype(int)
    return as_anndata(np.log1p(counts), counts=counts, cell_type=[f"type_{i:02d}" for i in labels])


def baron(data: Path, labels: Path) -> AnnData:
    table, types = numbers(data), pd.read_csv(labels)["x"].to_numpy()  # genes x cells
    counts = table.to_numpy().T
    return as_anndata(cp10k(counts), table.columns, table.index, counts, cell_type=types)


def log2(data: Path, labels: Path) -> AnnData:
    table, types = numbers(data), pd.read_csv(labels)["x"].to_numpy()  # genes x cells
    return as_anndata(np.log2(table.to_numpy().T + 1), table.columns, table.index, cell_type=types)


def cellbench(data: Path, metadata: Path) -> AnnData:
    table, cells = pd.read_csv(data), pd.read_csv(metadata)  # genes x cells; as R writes them
    counts, cells = table.to_numpy(dtype=np.float32).T, cells.loc[table.columns]
    obs = {"cell_type": cells["cell_line"].to_numpy(), "doublet": cells["demuxlet_cls"] == "DBL"}
    return as_anndata(cp10k(counts), table.columns, table.index, counts, **obs)


def rda(path: Path, *names: str) -> Any:
    """The one object of a file of R; with `names` a dict of these objects."""
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # S4 classes come as plain objects, which is what is wanted
        values = rdata.read_rda(path)
    if names:
        return {name: values[name] for name in names}
    [value] = values.values()
    return value


def deng(path: Path) -> AnnData:
    data = rda(path)
    counts = data["data"].to_numpy(dtype=np.float32).T  # cells x genes
    cells, genes = data["data"].columns, data["data"].index
    return as_anndata(cp10k(counts), cells, genes, counts, cell_type=np.asarray(data["labels"]))


def pbmc_facs(path: Path) -> AnnData:
    data = rda(path)
    matrix, genes, samples = data["counts"], data["genes"], data["samples"]
    counts = sparse.csc_matrix((matrix.x, matrix.i, matrix.p), shape=matrix.Dim)  # cells x genes
    cells, types = matrix.Dimnames[0], samples["celltype"].astype(str).to_numpy()
    symbols = make_index_unique(pd.Index(genes["symbol"].astype(str)))  # nine occur twice
    adata = as_anndata(cp10k(counts), cells, symbols, counts, cell_type=types)
    adata.var["ensembl"] = genes["ensembl"].astype(str).to_numpy()
    return adata


def pbmc68k(path: Path) -> AnnData:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file was written by an early anndata
        source = read_h5ad(path)
    X = source.raw.X.toarray()
    total = source.obs["n_counts"].to_numpy()[:, None]  # over all genes, not only these
    counts = np.rint(np.expm1(X.astype(np.float64)) * total / 1e4)
    types = source.obs["bulk_labels"].astype(str).to_numpy()
    return as_anndata(X, source.obs_names, source.raw.var_names, counts, cell_type=types)


def as_deposited(
    read: Callable[..., deposited.Deposited], log: Callable[[np.ndarray], np.ndarray] = cp10k
) -> Callable[..., AnnData]:
    def adata(*paths: Path) -> AnnData:
        counts, cells, genes, labels = read(*paths)
        obs = {name: labels[name].to_numpy() for name in labels}
        return as_anndata(log(counts), cells, genes, counts, **obs)

    return adata


def cell_ranger(tarball: Path, labels: Path) -> AnnData:
    """A tarball of Cell Ranger 1, matrix.mtx (genes x cells), genes.tsv (id, symbol), barcodes.tsv.

    All three in one folder of any name. `labels` is a table with the columns barcodes and celltype;
    cells without a label are left out. `.X` stays sparse: dense, 68,579 cells would take 9 GB.
    """
    with tarfile.open(tarball) as tar:
        members = {Path(m.name).name: m for m in tar.getmembers() if m.isfile()}
        if missing := {"matrix.mtx", "genes.tsv", "barcodes.tsv"} - set(members):
            raise ValueError(f"{tarball} lacks {', '.join(sorted(missing))}")
        counts = sparse.csr_matrix(io.mmread(tar.extractfile(members["matrix.mtx"])).T)
        genes, barcodes = (
            pd.read_csv(tar.extractfile(members[name]), sep="\t", header=None, na_filter=False)
            for name in ("genes.tsv", "barcodes.tsv")
        )
    types = pd.read_csv(labels, sep="\t").set_index("barcodes")["celltype"].reindex(barcodes[0])
    kept = types.notna().to_numpy()
    types, counts = types[kept], counts[kept].astype(np.float32)
    total = np.asarray(counts.sum(1))
    X = sparse.csr_matrix(counts.multiply(1e4 / np.where(total > 0, total, 1)), dtype=np.float32)
    symbols = make_index_unique(pd.Index(genes[1]))
    adata = AnnData(
        X.log1p(),
        obs=pd.DataFrame({"cell_type": types.to_numpy()}, index=types.index.to_numpy()),
        var=pd.DataFrame({"ensembl": genes[0].to_numpy()}, index=symbols.to_numpy()),
    )
    adata.layers["counts"] = counts
    return adata
