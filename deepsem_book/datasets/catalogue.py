"""The data sets by name: which files each needs, and who reads them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from anndata import AnnData

from deepsem_minimal import sem

from . import cortex, deposited, perturbed, readers
from .readers import CP10K, LN, RAW

BEELINE = ("hESC", "hHEP", "mDC", "mESC", "mHSC-E", "mHSC-GM", "mHSC-L")
DROPOUT = 0.5  # of sim/nonlinear-*: 22 % zeros; the BEELINE matrices have 12 to 37 %
OPTIONS = (500, 1000)  # BEELINE's N: all significantly varying TFs and the N most varying others
KINDS = ("STRING", "Non-Specific", "Specific")  # Lofgof exists for mESC only
# What changed after a regulator was removed. Lofgof of mESC is BEELINE's; all else as collected by
# McCalla et al. 2023, whose networks of hESC are the mouse networks with human names.
KNOCKOUTS = {"hESC": ("KDUnion", "Lofgof"), "mDC": ("KDUnion",), "mESC": ("KDUnion", "Lofgof")}


@dataclass(frozen=True)
class Dataset:
    """How to make an AnnData: `read` gets the paths of the registered `files` in their order."""

    files: Sequence[str]  # the first one is the source named in uns["source"]
    read: Callable[..., AnnData]
    transform: str  # how .X was made of the source's values


def simulated(kind: str, n_genes: int, n_cells: int = 1000) -> Dataset:
    """1000 cells of a random network with known W; one gene in five is a TF; seed 0."""
    n_tfs = max(1, n_genes // 5)

    def read() -> AnnData:
        W = sem.random_network(n_genes, n_tfs=n_tfs, seed=0)
        if kind == "linear":
            X = sem.simulate_linear(W, n_cells, seed=0)
        else:
            X = sem.simulate_nonlinear(W, n_cells, dropout=DROPOUT, seed=0)
        adata = readers.as_anndata(X)
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
        readers.beeline,
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
    readers.beeline_npz,
    "none; the source is log2(x + 1) of normalised expression, to 10 significant digits",
)
DATASETS |= {
    "zeisel": Dataset(("zeisel/data", "zeisel/names"), readers.zeisel, LN),
    "cbmc": Dataset(("cbmc/data", "cbmc/names"), readers.cbmc, LN),
    "cbmc2000": Dataset(("cbmc2000/counts",), readers.cbmc2000, LN),
    "baron": Dataset(("baron/data", "baron/labels"), readers.baron, CP10K),
    "pollen": Dataset(("pollen/data", "pollen/labels"), readers.log2, "log2(TPM + 1)"),
    "li": Dataset(("li/data", "li/labels"), readers.log2, "log2(FPKM + 1)"),
    "pbmc68k": Dataset(
        ("pbmc68k/reduced",), readers.pbmc68k, CP10K + " over all genes of the cell"
    ),
    "pbmc68k_donor_a": Dataset(
        ("pbmc68k_donor_a/counts", "pbmc68k_donor_a/labels"), readers.cell_ranger, CP10K
    ),
    "pbmc_facs": Dataset(("pbmc_facs/counts",), readers.pbmc_facs, CP10K),
    "deng": Dataset(("deng/counts",), readers.deng, CP10K),
    "cellbench/celseq2": Dataset(
        ("cellbench/celseq2/count", "cellbench/celseq2/metadata"), readers.cellbench, CP10K
    ),
    "cellbench/dropseq": Dataset(
        ("cellbench/dropseq/count", "cellbench/dropseq/metadata"), readers.cellbench, CP10K
    ),
    "zeisel-full": Dataset(
        ("zeisel-full/counts",), readers.as_deposited(deposited.zeisel, np.log1p), RAW
    ),
    "muraro": Dataset(
        ("muraro/counts", "muraro/labels"), readers.as_deposited(deposited.muraro), CP10K
    ),
    "segerstolpe": Dataset(
        ("segerstolpe/counts", "segerstolpe/labels"),
        readers.as_deposited(deposited.segerstolpe),
        CP10K,
    ),
}
DATASETS |= {
    "cortex/seqfish": Dataset(("cortex/seqfish",), cortex.seqfish, CP10K),
    "cortex/zeisel-layers": Dataset(
        ("cortex/zeisel/counts", "cortex/zeisel/labels"), cortex.zeisel_layers, CP10K
    ),
    "cortex/tasic-clusters": Dataset(
        ("cortex/tasic/cluster-medians", "cortex/tasic/labels"),
        cortex.tasic_clusters,
        "ln(1 + median CPM of the cluster's cells)",
    ),
}
DATASETS |= {
    "dixit": Dataset(("dixit/without-Stat1", "dixit/without-Cebpb"), perturbed.dixit, LN),
    "papalexi": Dataset(("papalexi/counts",), perturbed.papalexi, LN),
}
DATASETS |= {
    f"sim/{kind}-{n}": simulated(kind, n) for kind in ("linear", "nonlinear") for n in (20, 100)
}
