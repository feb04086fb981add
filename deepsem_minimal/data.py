"""Every data set of the book by name: `load("beeline/mDC-500")` fetches, verifies and reads it.

`data/registry.csv` has one row per file (pinned URL, checksum, size, licence, citation, chapter);
`download.py` fetches and verifies a file; the readers below turn verified files into AnnData with
`.X` log expression (cells x genes, float32) and, where raw counts are known, `layers["counts"]`
(sparse). `uns["source"]` says where the data come from and how `.X` was made of them.
"""

import csv
import difflib
import functools
import re
import tarfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from anndata import AnnData, read_h5ad
from anndata.utils import make_index_unique
from scipy import io, sparse

from deepsem_minimal import deposited, download
from deepsem_minimal.download import DataUnavailable, Entry

__all__ = [
    "DATA_DIR",
    "DataUnavailable",
    "benchmarks",
    "fetch",
    "is_available",
    "knockouts",
    "load",
    "load_network",
    "names",
    "registry",
    "results",
    "transcription_factors",
]

PACKAGED = Path(__file__).parent / "_data"  # where a wheel of this package carries the data folder
DATA_DIR = PACKAGED if PACKAGED.exists() else Path(__file__).parent.parent / "data"

BEELINE = ("hESC", "hHEP", "mDC", "mESC", "mHSC-E", "mHSC-GM", "mHSC-L")
DROPOUT = 0.5  # of sim/nonlinear-*: 22 % zeros; the BEELINE matrices have 12 to 37 %
OPTIONS = (500, 1000)  # BEELINE's N: all significantly varying TFs and the N most varying others
KINDS = ("STRING", "Non-Specific", "Specific")  # Lofgof exists for mESC only
# What changed after a regulator was removed. Lofgof of mESC is BEELINE's; all else as collected by
# McCalla et al. 2023, whose networks of hESC are the mouse networks with human names.
KNOCKOUTS = {"hESC": ("KDUnion", "Lofgof"), "mDC": ("KDUnion",), "mESC": ("KDUnion", "Lofgof")}

T = TypeVar("T")

LN = "ln(1 + UMI count); no scaling by library size, since the source holds a subset of the genes"
RAW = "ln(1 + UMI count), as the authors of DeepSEM have it"
CP10K = "ln(1 + count / total of the cell * 1e4)"


@functools.cache
def registry() -> dict[str, Entry]:
    """All registered files by name (see data/README.md)."""
    with open(DATA_DIR / "registry.csv", newline="", encoding="utf-8") as file:
        rows = [dict(row) for row in csv.DictReader(file)]
    return {
        row["name"]: Entry(
            **(
                row
                | {"bytes": int(row["bytes"]) if row["bytes"] else None}
                | {"mirrored": row["mirrored"] == "yes"}
            )
        )
        for row in rows
    }


def fetch(name: str, quiet: bool = False) -> Path:
    """Path of the verified file of a registry entry.

    Raises ValueError for an unknown name, DataUnavailable when the file cannot be had.
    """
    entry = _known(name, registry())
    archives = (e for e in registry().values() if e.url == entry.url and not e.member)
    return download.fetch(entry, next(archives, None) if entry.member else None, quiet)


def load(name: str, quiet: bool = False) -> AnnData:
    """Data set `name` (see `names()`) as AnnData, cells x genes.

    `.X` log expression, float32; `layers["counts"]` raw counts (CSR) where known;
    `obs["cell_type"]` where known; `obs["pseudotime_1"]` ... and `var["tf"]` for BEELINE;
    `varp["true_W"]` (target x regulator) for `sim/...`; `uns["source"]` with name, url, checksum,
    licence, citation and transform. Raises ValueError for an unknown name, DataUnavailable when a
    file cannot be had; the message names the offline alternatives.
    """
    dataset = _dataset(name)
    adata = dataset.read(*(fetch(file, quiet) for file in dataset.files))
    if dataset.files:
        entry = registry()[dataset.files[0]]
        source = {key: getattr(entry, key) for key in ("url", "checksum", "licence", "citation")}
    else:
        source = {"url": "deepsem_minimal.sem", "checksum": "", "licence": "", "citation": ""}
    adata.uns["source"] = {"name": name} | source | {"transform": dataset.transform}
    return adata


def load_network(name: str, quiet: bool = False) -> pd.DataFrame:
    """Ground-truth network as DataFrame[Gene1, Gene2], Gene1 the TF and Gene2 its target.

    `name` is "beeline/<data set>-<N>/<kind>", kind one of STRING, Non-Specific, Specific or (mESC)
    Lofgof, one of `knockouts()`, or "sim/.../truth". Rows that differ only in case are given once.
    A network of `knockouts()` covers the genome: it is cut to the genes of the matrix, as BEELINE
    cut its own, without self edges.
    """
    if name.startswith("sim/") and name.endswith("/truth"):
        adata = load(name.removesuffix("/truth"))
        targets, regulators = np.nonzero(adata.varp["true_W"])
        genes = adata.var_names.to_numpy()
        return pd.DataFrame({"Gene1": genes[regulators], "Gene2": genes[targets]})
    networks = {row["network"]: row["expression"] for row in _benchmarks() + _knockouts()}
    expression, path = _known(name, networks), fetch(_network_file(name), quiet)
    if path.suffix == ".txt":
        return _read_genome_wide(path, load(expression, quiet).var_names)
    edges = pd.read_csv(path, dtype=str, na_filter=False)[["Gene1", "Gene2"]]
    repeated = edges.apply(lambda column: column.str.upper()).duplicated()
    return edges[~repeated].reset_index(drop=True)


def names(prefix: str = "") -> list[str]:
    """Names that `load` takes and that start with `prefix`; `sim/` takes any number of genes."""
    return [name for name in DATASETS if name.startswith(prefix)]


def results(name: str) -> pd.DataFrame:
    """Our own recorded table `data/results/<name>.csv`; KeyError with the known names otherwise."""
    path = DATA_DIR / "results" / f"{name}.csv"
    if not path.exists():
        known = sorted(p.stem for p in path.parent.glob("*.csv"))
        raise KeyError(f"No recorded table {name!r}; there are {known}.")
    return pd.read_csv(path)


def is_available(name: str) -> bool:
    """Whether the files of a data set, a network or a registry entry can be had (fetches them)."""
    loadable = name in DATASETS or name.startswith("sim/")
    files = _dataset(name.removesuffix("/truth")).files if loadable else [_network_file(name)]
    try:
        for file in files:
            fetch(file, quiet=True)
    except DataUnavailable:
        return False
    return True


def benchmarks() -> pd.DataFrame:
    """The 44 benchmarks of the paper (Fig. 3, Supp. Fig. 1): 7 data sets x 2 N x 3 kinds + LOF/GOF.

    Columns: dataset, n_genes_option (500 or 1000), kind, expression (for `load`), network (for
    `load_network`), available_in_mirror (both files belong to the reference mirror).
    """
    return pd.DataFrame(_benchmarks())


def knockouts() -> pd.DataFrame:
    """Networks of what changed when a regulator was removed: columns as in `benchmarks()`.

    KDUnion: knock-downs and knock-outs; Lofgof: loss or gain of function, a part of it. Regulators
    are all genes that were removed, also those that BEELINE's list of TFs lacks.
    """
    return pd.DataFrame(_knockouts())


def transcription_factors(species: str, quiet: bool = False) -> set[str]:
    """BEELINE's TFs of "human" or "mouse", upper-case."""
    return _read_tfs(fetch(f"beeline/tfs/{species}", quiet))


@dataclass(frozen=True)
class Dataset:
    """How to make an AnnData: `read` gets the paths of the registered `files` in their order."""

    files: Sequence[str]  # the first one is the source named in uns["source"]
    read: Callable[..., AnnData]
    transform: str  # how .X was made of the source's values


def _known(name: str, choices: dict[str, T]) -> T:
    """`choices[name]`; ValueError with the nearest names if there is none."""
    if name not in choices:
        near = difflib.get_close_matches(name, choices, n=5, cutoff=0.3)
        raise ValueError(f"unknown name {name!r}; similar ones: {', '.join(near) or 'none'}")
    return choices[name]


def _dataset(name: str) -> Dataset:
    if match := re.fullmatch(r"sim/(linear|nonlinear)-(\d+)", name):
        return _simulated(match[1], int(match[2]))
    return _known(name, DATASETS)


@functools.cache
def _benchmarks() -> list[dict[str, Any]]:
    return [
        _benchmark(dataset, n, kind)
        for dataset in BEELINE
        for kind in KINDS + ("Lofgof",) * (dataset == "mESC")
        for n in OPTIONS
    ]


@functools.cache
def _knockouts() -> list[dict[str, Any]]:
    kinds = [(dataset, kind) for dataset in KNOCKOUTS for kind in KNOCKOUTS[dataset]]
    return [_benchmark(dataset, n, kind) for dataset, kind in kinds for n in OPTIONS]


def _benchmark(dataset: str, n: int, kind: str) -> dict[str, Any]:
    expression, network = f"beeline/{dataset}-{n}", f"beeline/{dataset}-{n}/{kind}"
    files = (registry()[f"{expression}/expression"], registry()[_network_file(network)])
    return {
        "dataset": dataset,
        "n_genes_option": n,
        "kind": kind,
        "expression": expression,
        "network": network,
        "available_in_mirror": all(file.mirrored for file in files),
    }


def _network_file(name: str) -> str:
    """Registry entry of a network: its own, or that of the data set for both numbers of genes."""
    of_dataset = re.sub(r"-\d+/", "/", name)
    return of_dataset if of_dataset in registry() else name


def _adata(X: Any, cells: Any = None, genes: Any = None, counts: Any = None, **obs: Any) -> AnnData:
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


def _table(path: Path) -> pd.DataFrame:
    """A csv with names in the first column and numbers (read as float32) in all others."""
    first = pd.read_csv(path, nrows=1).columns[0]
    numbers = defaultdict(lambda: np.float32, {first: np.str_})
    return pd.read_csv(path, index_col=0, na_filter=False, dtype=numbers)  # a gene may be named NA


def _cp10k(counts: Any) -> np.ndarray:
    scale = np.float32(1e4) / np.asarray(counts.sum(axis=1), dtype=np.float32).reshape(-1, 1)
    return np.log1p((counts.toarray() if sparse.issparse(counts) else counts) * scale)


def _read_tfs(path: Path) -> set[str]:
    return set(pd.read_csv(path, na_filter=False)["TF"].str.upper())


def _read_beeline(expression: Path, pseudotime: Path, tfs: Path) -> AnnData:
    table = _table(expression)  # genes x cells
    return _timed(_adata(table.to_numpy().T, table.columns, table.index), pseudotime, tfs)


def _read_beeline_npz(expression: Path, genes: Path, pseudotime: Path, tfs: Path) -> AnnData:
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
    return _timed(_adata(X.toarray().T, cells, rows), pseudotime, tfs)


def _timed(adata: AnnData, pseudotime: Path, tfs: Path) -> AnnData:
    """With var["tf"] and, aligned by the names of the cells, one pseudotime per lineage."""
    adata.var["tf"] = adata.var_names.str.upper().isin(_read_tfs(tfs))
    lineages = pd.read_csv(pseudotime, index_col=0).reindex(adata.obs_names)
    for i, column in enumerate(lineages, start=1):
        adata.obs[f"pseudotime_{i}"] = lineages[column]
    return adata


def _read_genome_wide(path: Path, genes: pd.Index) -> pd.DataFrame:
    """A table of TF and target without a header, cut to `genes` and spelled as they are."""
    table = pd.read_csv(
        path, sep="\t", header=None, names=["Gene1", "Gene2"], dtype=str, na_filter=False
    )
    spelled = pd.Series(genes, index=genes.str.upper())
    edges = table.apply(lambda names: names.str.upper().map(spelled)).dropna().drop_duplicates()
    return edges[edges["Gene1"] != edges["Gene2"]].reset_index(drop=True)


def _mat(path: Path) -> np.ndarray:
    """The one variable of a MATLAB file, cells of text unwrapped."""
    [array] = (value for key, value in io.loadmat(path).items() if not key.startswith("__"))
    if array.dtype == np.object_:
        return np.vectorize(lambda cell: cell.item(), otypes=[str])(array)
    return array


def _read_zeisel(data: Path, labels: Path) -> AnnData:
    X, types = _mat(data).T, _mat(labels)  # cells x genes; cells x (level 1, level 2)
    level2 = pd.Series(types[:, 1]).replace("(none)", np.nan).to_numpy()
    counts = np.rint(np.expm1(X))
    return _adata(X, counts=counts, cell_type=types[:, 0], cell_type_level2=level2)


def _read_cbmc(data: Path, labels: Path) -> AnnData:
    counts = _mat(data).T.astype(np.float32)
    return _adata(np.log1p(counts), counts=counts, cell_type=_mat(labels)[:, 0])


def _read_cbmc2000(path: Path) -> AnnData:
    import h5py

    with h5py.File(path) as file:
        counts, labels = file["X"][:], file["Y"][:].astype(int)
    return _adata(np.log1p(counts), counts=counts, cell_type=[f"type_{i:02d}" for i in labels])


def _read_baron(data: Path, labels: Path) -> AnnData:
    table, types = _table(data), pd.read_csv(labels)["x"].to_numpy()  # genes x cells
    counts = table.to_numpy().T
    return _adata(_cp10k(counts), table.columns, table.index, counts, cell_type=types)


def _read_log2(data: Path, labels: Path) -> AnnData:
    table, types = _table(data), pd.read_csv(labels)["x"].to_numpy()  # genes x cells
    return _adata(np.log2(table.to_numpy().T + 1), table.columns, table.index, cell_type=types)


def _read_cellbench(data: Path, metadata: Path) -> AnnData:
    table, cells = pd.read_csv(data), pd.read_csv(metadata)  # genes x cells; as R writes them
    counts, cells = table.to_numpy(dtype=np.float32).T, cells.loc[table.columns]
    obs = {"cell_type": cells["cell_line"].to_numpy(), "doublet": cells["demuxlet_cls"] == "DBL"}
    return _adata(_cp10k(counts), table.columns, table.index, counts, **obs)


def _read_rda(path: Path) -> dict[str, Any]:
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # S4 classes come as plain objects, which is what is wanted
        [(_, value)] = rdata.read_rda(path).items()
    return value


def _read_deng(path: Path) -> AnnData:
    data = _read_rda(path)
    counts = data["data"].to_numpy(dtype=np.float32).T  # cells x genes
    cells, genes = data["data"].columns, data["data"].index
    return _adata(_cp10k(counts), cells, genes, counts, cell_type=np.asarray(data["labels"]))


def _read_pbmc_facs(path: Path) -> AnnData:
    data = _read_rda(path)
    matrix, genes, samples = data["counts"], data["genes"], data["samples"]
    counts = sparse.csc_matrix((matrix.x, matrix.i, matrix.p), shape=matrix.Dim)  # cells x genes
    cells, types = matrix.Dimnames[0], samples["celltype"].astype(str).to_numpy()
    symbols = make_index_unique(pd.Index(genes["symbol"].astype(str)))  # nine occur twice
    adata = _adata(_cp10k(counts), cells, symbols, counts, cell_type=types)
    adata.var["ensembl"] = genes["ensembl"].astype(str).to_numpy()
    return adata


def _read_pbmc68k(path: Path) -> AnnData:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file was written by an early anndata
        source = read_h5ad(path)
    X = source.raw.X.toarray()
    total = source.obs["n_counts"].to_numpy()[:, None]  # over all genes, not only these
    counts = np.rint(np.expm1(X.astype(np.float64)) * total / 1e4)
    types = source.obs["bulk_labels"].astype(str).to_numpy()
    return _adata(X, source.obs_names, source.raw.var_names, counts, cell_type=types)


def _deposited(
    read: Callable[..., deposited.Deposited], log: Callable[[np.ndarray], np.ndarray] = _cp10k
) -> Callable[..., AnnData]:
    def adata(*paths: Path) -> AnnData:
        found = read(*paths)
        labels = {name: found.labels[name].to_numpy() for name in found.labels}
        return _adata(log(found.counts), found.cells, found.genes, found.counts, **labels)

    return adata


def _read_10x(tarball: Path, labels: Path) -> AnnData:
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


def _simulated(kind: str, n_genes: int, n_cells: int = 1000) -> Dataset:
    """1000 cells of a random network with known W; one gene in five is a TF; seed 0."""
    n_tfs = max(1, n_genes // 5)

    def read() -> AnnData:
        from deepsem_minimal import sem

        W = sem.random_network(n_genes, n_tfs=n_tfs, seed=0)
        if kind == "linear":
            X = sem.simulate_linear(W, n_cells, seed=0)
        else:
            X = sem.simulate_nonlinear(W, n_cells, dropout=DROPOUT, seed=0)
        adata = _adata(X)
        adata.var["tf"] = np.arange(n_genes) < n_tfs
        adata.varp["true_W"] = W.astype(np.float32)
        return adata

    return Dataset((), read, f"none; {kind} simulator of deepsem_minimal.sem, seed 0")


DATASETS: dict[str, Dataset] = {
    f"beeline/{dataset}-{n}": Dataset(
        (
            f"beeline/{dataset}-{n}/expression",
            f"beeline/{dataset}/PseudoTime",
            f"beeline/tfs/{'human' if dataset.startswith('h') else 'mouse'}",
        ),
        _read_beeline,
        "none; the source is log2(x + 1) of normalised expression",
    )
    for dataset in BEELINE
    for n in OPTIONS
}
DATASETS["beeline/hESC-500"] = Dataset(
    (
        "beeline/hESC-500/expression",
        "beeline/hESC-500/genes",
        "beeline/hESC/PseudoTime",
        "beeline/tfs/human",
    ),
    _read_beeline_npz,
    "none; the source is log2(x + 1) of normalised expression, to 10 significant digits",
)
DATASETS |= {
    "zeisel": Dataset(("zeisel/data", "zeisel/names"), _read_zeisel, LN),
    "cbmc": Dataset(("cbmc/data", "cbmc/names"), _read_cbmc, LN),
    "cbmc2000": Dataset(("cbmc2000/counts",), _read_cbmc2000, LN),
    "baron": Dataset(("baron/data", "baron/labels"), _read_baron, CP10K),
    "pollen": Dataset(("pollen/data", "pollen/labels"), _read_log2, "log2(TPM + 1)"),
    "li": Dataset(("li/data", "li/labels"), _read_log2, "log2(FPKM + 1)"),
    "pbmc68k": Dataset(("pbmc68k/reduced",), _read_pbmc68k, CP10K + " over all genes of the cell"),
    "pbmc68k_donor_a": Dataset(
        ("pbmc68k_donor_a/counts", "pbmc68k_donor_a/labels"), _read_10x, CP10K
    ),
    "pbmc_facs": Dataset(("pbmc_facs/counts",), _read_pbmc_facs, CP10K),
    "deng": Dataset(("deng/counts",), _read_deng, CP10K),
    "cellbench/celseq2": Dataset(
        ("cellbench/celseq2/count", "cellbench/celseq2/metadata"), _read_cellbench, CP10K
    ),
    "cellbench/dropseq": Dataset(
        ("cellbench/dropseq/count", "cellbench/dropseq/metadata"), _read_cellbench, CP10K
    ),
    "zeisel-full": Dataset(("zeisel-full/counts",), _deposited(deposited.zeisel, np.log1p), RAW),
    "muraro": Dataset(("muraro/counts", "muraro/labels"), _deposited(deposited.muraro), CP10K),
    "segerstolpe": Dataset(
        ("segerstolpe/counts", "segerstolpe/labels"), _deposited(deposited.segerstolpe), CP10K
    ),
}
DATASETS |= {
    f"sim/{kind}-{n}": _simulated(kind, n) for kind in ("linear", "nonlinear") for n in (20, 100)
}
