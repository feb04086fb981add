"""The tables of the chapter: scores to show, rings, and what the recorded measurements say."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import ArrayLike, NDArray

from .. import datasets
from ..clustering import agreement, as_igraph, leiden, louvain_with, neighbourhood, reduced
from .embedders import pca
from .scores import nested, own_neighbours, paired, pieces, ring_purity

SHOWN = ["ari", "nmi", "ami", "n_clusters", "unweighted_ari", "leiden_ari", "leiden_n_clusters",
         "silhouette"]  # fmt: skip
PAPER_TYPES = ["oligodendrocytes", "pyramidal CA1"]  # circled in the paper's Fig. 5b
PATH = ["Oligo4", "Oligo2", "Oligo5", "Oligo6"]  # immature to mature (Zeisel et al., 2015)
SETS = ["deng", "cellbench/celseq2", "pollen", "li", "pbmc68k", "baron", "muraro", "segerstolpe",
        "zeisel"]  # fmt: skip
ABLATIONS = ["no GRN", "trained without W", "start W", "permuted W", "renamed genes",
             "other seed", "untrained", "PCA, same input", "PCA, centred cells"]  # fmt: skip
IGNORANT = ["start W", "permuted W", "renamed genes", "PCA, centred cells"]  # know no regulation
METHODS = ["DeepSEM", "PCA, same input", "PCA, centred cells", "PCA, log", "FA", "ZIFA", "DCA",
           "scVI"]  # fmt: skip
GEOMETRY = {"distance_r": "R", "emd": "EMD", "knn": "KNN", "membership": "membership weight"}


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The scores of `clustered` to show: three decimals, numbers of clusters as whole numbers."""
    whole = {name: int for name in SHOWN if name.endswith("n_clusters")}
    return table[SHOWN].astype(float).round(3).astype(whole)


def spread(values: pd.Series) -> str:
    """Mean ± sd (number of seeds); empty where nothing was measured."""
    n = values.count()
    sd = f" ± {values.std():.3f}" if n > 1 else ""
    return f"{values.mean():.3f}{sd} ({n})" if n else ""


def mean_and_sd(values: np.ndarray) -> str:
    """Mean ± sd of scores with several seeds of Louvain."""
    return f"{values.mean():.3f} ± {values.std(ddof=1):.3f}"


def quarters(X: np.ndarray) -> list[str]:
    """A group for each cell of X (cells x genes): the quarter of its first two PCs that it is in.

    For simulated cells, which have no types.
    """
    return [f"group {2 * a + b}" for a, b in pca(X, 2) > 0]


# --- on the cells of the page ---------------------------------------------------------------------


def circled_types(types: ArrayLike) -> list[str]:
    """The two types of the paper's Fig. 5b where these are the data, else the two largest."""
    counts = pd.Series(np.asarray(types)).value_counts()
    return PAPER_TYPES if set(PAPER_TYPES) <= set(counts.index) else list(counts.index[:2])


def rings(
    pictures: Mapping[str, np.ndarray],
    embeddings: Mapping[str, np.ndarray],
    clusters: Mapping[str, ArrayLike],
    types: NDArray[np.str_],
    circled: Sequence[str],
) -> pd.DataFrame:
    """What is in the ring of each circled type, by embedding and type.

    Columns: "in ring", "pieces", "shares of the pieces", "among own" (share of the type's cells
    most of whose neighbours in the embedding are of the type). `pictures` are cells x 2,
    `clusters` the Leiden clusters of each embedding.
    """
    rows = {}
    for name, points in pictures.items():
        near = own_neighbours(reduced(embeddings[name]), types)
        for kind in circled:
            parts = pieces(clusters[name], types == kind)
            rows[name, kind] = {
                "in ring": ring_purity(points, types == kind),
                "pieces": len(parts),
                "shares of the pieces": " + ".join(f"{part:.0%}" for part in parts),
                "among own": (near[types == kind] > 0.5).mean(),
            }
    index = pd.MultiIndex.from_tuples(rows, names=["embedding", "type"])
    return pd.DataFrame(list(rows.values()), index=index)


def hierarchy(embeddings: Mapping[str, np.ndarray], n_clusters: int, types: ArrayLike) -> pd.Series:
    """`nested` of each embedding's Louvain clusters, `n_clusters` of them, in the coarse types."""
    shares = {
        name: nested(louvain_with(as_igraph(neighbourhood(E)), n_clusters)[0], types)
        for name, E in embeddings.items()
    }
    return pd.Series(shares, name=f"nested ({n_clusters} clusters)")


def reduction(cells: AnnData) -> tuple[float, float]:
    """ARI of obs["leiden"], and of Leiden's clusters in all dimensions of obsm["X_deepsem"]."""
    import scanpy as sc

    wide = sc.pp.neighbors(cells, n_neighbors=30, use_rep="X_deepsem", copy=True)
    both = (cells.obs["leiden"], leiden(as_igraph(wide)))
    first, second = (agreement(cells.obs["cell_type"], clusters)["ari"] for clusters in both)
    return first, second


def with_depth(E: np.ndarray, detected: np.ndarray) -> float:
    """Largest |r| of one of the first five components of E with the number of genes detected."""
    return max(abs(np.corrcoef(component, detected)[0, 1]) for component in pca(E, 5).T)


def n_subtypes(obs: pd.DataFrame) -> int:
    """Into how many clusters to cut the embeddings: finer labels with at least ten cells, or 12."""
    if "cell_type_level2" not in obs:
        return 12
    return int((obs["cell_type_level2"].astype(str).value_counts() >= 10).sum())


def stages(obs: pd.DataFrame, X: np.ndarray) -> tuple[NDArray, NDArray, list[str]]:
    """Which cells are on the path (cells,), the stage of each of them, and the stages in order.

    Zeisel's oligodendrocytes; without subtypes all cells, by groups in the order of the first
    component of X (cells x genes).
    """
    if "cell_type_level2" in obs:
        names = obs["cell_type_level2"].astype(str)
        on_path = names.str.startswith("Oligo").to_numpy()
        return on_path, names[on_path].to_numpy(), PATH
    types = obs["cell_type"].astype(str).to_numpy()
    along = pd.Series(pca(X, 1)[:, 0]).groupby(types).median()
    return np.ones(len(types), bool), types, list(along.sort_values().index)


# --- recorded -------------------------------------------------------------------------------------


def coarse_rows(recorded: pd.DataFrame) -> pd.DataFrame:
    """Recorded rows for the types, genes chosen by sd: data sets in the order of SETS, by seed."""
    main = recorded[(recorded["genes"] == "sd") & (recorded["labels"] == "cell_type")]
    ordered = pd.Categorical(main["data"], [name for name in SETS if name in set(main["data"])])
    main = main.assign(data=ordered).sort_values(["data", "seed"])
    return main.assign(data=main["data"].astype(str))


def gains_of(main: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """`paired` gains of DeepSEM by ARI, AMI, Leiden's ARI and silhouette."""
    return {
        metric: paired(main[["data", "method", "seed", metric]], metric)
        for metric in ("ari", "ami", "leiden_ari", "silhouette")
    }


def ablation_gains(gains: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Gains in ARI over the ablations, from `gains_of`."""
    return gains["ari"][gains["ari"]["method"].isin(ABLATIONS)]


def agreed(gains: Mapping[str, pd.DataFrame], method: str) -> pd.Series:
    """+1 or -1 for sets where both clusterings say that DeepSEM is better or worse, else 0."""
    signs = []
    for metric in ("ari", "leiden_ari"):
        rows = gains[metric][gains[metric]["method"] == method].set_index("data")
        signs.append((rows["low"] > 0).astype(int) - (rows["high"] < 0).astype(int))
    return signs[0].where(signs[0] == signs[1], 0)


def means_by_data(main: pd.DataFrame) -> pd.DataFrame:
    """Mean ARI (data sets x methods) of the METHODS that were measured, where DeepSEM was."""
    sets, measured = main["data"].unique(), set(main["method"])
    mean = main.groupby(["data", "method"])["ari"].mean().unstack()
    mean = mean.reindex(index=sets, columns=[name for name in METHODS if name in measured])
    return mean.dropna(subset="DeepSEM")


def zeisel_rows(recorded: pd.DataFrame) -> pd.DataFrame:
    """Recorded rows of Zeisel's cells and types; `genes` says how genes were chosen, of which."""
    zeisel = recorded[
        recorded["data"].isin(["zeisel", "zeisel-full"]) & (recorded["labels"] == "cell_type")
    ]
    full = zeisel["data"] == "zeisel-full"
    return zeisel.assign(genes=zeisel["genes"].where(~full, zeisel["genes"] + ", of all genes"))


def geometry_by_set(main: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds of the GEOMETRY scores, one row per data set and method."""
    measured = main[["data", "method", "seed", *GEOMETRY]].dropna(subset="knn")
    measured = measured[measured["method"].isin([*METHODS, "no GRN"])]
    return measured.groupby(["data", "method"], as_index=False)[list(GEOMETRY)].mean()


def geometry(main: pd.DataFrame) -> pd.DataFrame:
    """Mean of the GEOMETRY scores of each method over data sets; their number in "sets"."""
    by_set = geometry_by_set(main)
    table = by_set.groupby("method")[list(GEOMETRY)].mean().rename(columns=GEOMETRY)
    measured = main.dropna(subset="knn")
    within = measured.groupby(["method", "data"])["knn"].std().groupby("method").mean()
    table["KNN, sd over seeds"] = within
    table["sets"] = by_set.groupby("method").size()
    return table


def fine_rows(recorded: pd.DataFrame) -> pd.DataFrame:
    """Recorded rows for Zeisel's subtypes, genes chosen by sd."""
    return recorded[(recorded["labels"] == "cell_type_level2") & (recorded["genes"] == "sd")]


def level2_table(recorded: pd.DataFrame) -> pd.DataFrame:
    """`spread` of the scores for Zeisel's subtypes beside ARI for its types, by method."""
    fine, columns = fine_rows(recorded), ["ari", "nmi", "ami", "leiden_ari", "nested", "path"]
    table = fine.groupby("method")[columns].agg(spread).rename(columns={"path": "path τ"})
    main = coarse_rows(recorded)
    coarse = main[main["data"] == "zeisel"].groupby("method")["ari"].agg(spread)
    table.insert(1, "ari at level 1", coarse)
    if (table["nested"] == "").any():
        table = table.drop(columns="nested")  # not recorded for all
    return table.sort_values("ari", ascending=False)


def printed() -> dict[str, float]:
    """ARI and AMI of Zeisel's cells that the authors' tutorial prints."""
    numbers = datasets.published()
    return {name: float(numbers[f"embedding_zeisel_{name}"]) for name in ("ari", "ami")}
