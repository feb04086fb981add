"""The tables of data/results/embedding.csv: DeepSEM beside its rivals and beside itself."""

from typing import Any

import pandas as pd

from .. import datasets
from ..statistics import holm, most_telling, t_interval
from .scores import paired

SETS = ["deng", "cellbench/celseq2", "pollen", "li", "pbmc68k", "baron", "muraro", "segerstolpe",
        "zeisel"]  # fmt: skip
METHODS = ["DeepSEM", "PCA, same input", "PCA, centred cells", "PCA, log", "FA", "ZIFA", "DCA",
           "scVI"]  # fmt: skip
PEERS = ["FA", "ZIFA", "DCA", "scVI"]  # the paper's rivals; the last two need counts
WITHOUT = "trained without W"
QUESTIONS = {  # what DeepSEM is compared with -> what the comparison asks
    WITHOUT: "does a network in the training help?",
    "no GRN": "and one that is taken out afterwards?",
    "start W": "must W be trained?",
    "PCA, centred cells": "is it more than taking each cell's mean away?",
    "permuted W": "must each weight be at its place?",
    "renamed genes": "must the network know its genes?",
    "other seed": "is it this training's W?",
    "untrained": "must the encoder be trained?",
    "PCA, same input": "is it more than PCA?",
}
METRICS = {
    "ari": "ARI, Louvain told the number", "nmi": "NMI, Louvain told the number",
    "leiden_ari": "ARI, Leiden not told", "silhouette": "silhouette",
    "membership": "membership weight (Eq. 8)",
}  # fmt: skip
GEOMETRY = {"distance_r": "R", "emd": "EMD", "knn": "KNN"}


def spread(values: pd.Series) -> str:
    """Mean ± sd (number of seeds); empty where nothing was measured."""
    n = values.count()
    sd = f" ± {values.std():.3f}" if n > 1 else ""
    return f"{values.mean():.3f}{sd} ({n})" if n else ""


def coarse_rows(recorded: pd.DataFrame) -> pd.DataFrame:
    """Recorded rows for the types, genes chosen by sd: data sets in the order of SETS, by seed."""
    main = recorded[(recorded["genes"] == "sd") & (recorded["labels"] == "cell_type")]
    ordered = pd.Categorical(main["data"], [name for name in SETS if name in set(main["data"])])
    main = main.assign(data=ordered).sort_values(["data", "seed"])
    return main.assign(data=main["data"].astype(str))


def gains(main: pd.DataFrame, metric: str = "ari") -> pd.DataFrame:
    """`paired` gains of DeepSEM over what QUESTIONS name, with `holm` p over all of them."""
    table = paired(main[["data", "method", "seed", metric]].dropna(), metric)
    table = table[table["method"].isin(QUESTIONS)]
    return table.assign(holm=holm(table["p"]))


def verdicts(main: pd.DataFrame, metric: str = "ari") -> pd.DataFrame:
    """One row per comparison of QUESTIONS: better, worse, and the gain over the data sets.

    "better", "worse": sets whose interval over seeds leaves 0 out; in brackets those that still
    differ after `holm` over all intervals of the table. "mean": with its 95 % t interval over sets.
    """
    rows = {}
    for method, rows_of in gains(main, metric).groupby("method", sort=False):
        gap = rows_of.set_index("data")["mean"]
        sure, telling = rows_of["holm"] < 0.05, most_telling(gap)
        mean, low, high = t_interval(gap)
        counts = {
            word: f"{decided.sum()} ({(decided & sure).sum()})"
            for word, decided in (("better", rows_of["low"] > 0), ("worse", rows_of["high"] < 0))
        }
        rows[method] = {
            "asks": QUESTIONS[str(method)], "sets": len(gap), **counts, "median": gap.median(),
            "mean [95 % over sets]": f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]",
            "mean without": f"{gap.drop(telling).mean():+.3f} ({telling})",
        }  # fmt: skip
    table = pd.DataFrame(rows).T.reindex(name for name in QUESTIONS if name in rows)
    return table.rename_axis("DeepSEM against").assign(
        median=[f"{value:+.3f}" for value in table["median"]]
    )


def means(main: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Mean score (data sets x METHODS) over the seeds that DeepSEM has on the set, too."""
    seeds = main.loc[main["method"] == "DeepSEM", ["data", "seed"]]
    by_method = main.merge(seeds).groupby(["data", "method"])[metric].mean().unstack()
    there = [name for name in METHODS if name in by_method]
    return by_method.reindex(main["data"].unique())[there].dropna(subset="DeepSEM")


def rivals(main: pd.DataFrame) -> pd.DataFrame:
    """By score of METRICS: on how many sets DeepSEM is the best of the paper's methods, and which.

    "PCA as good": sets on which one of the PCAs, which the paper did not try, is at least as good.
    The last row is the paper's own count.
    """
    rows = {}
    for metric, name in METRICS.items():
        mean = means(main, metric)
        best = mean[[method for method in PEERS if method in mean]].max(axis=1)
        won = mean["DeepSEM"] > best
        near = (mean["DeepSEM"] > 0.95 * best) & ~won
        pca = mean[[method for method in mean if method.startswith("PCA")]].max(axis=1)
        rows[name] = {
            "sets": len(mean), "best on": won.sum(), "within 5 %": near.sum(),
            "PCA as good": (pca >= mean["DeepSEM"]).sum(),
            "best on these": ", ".join(won.index[won]),
        }  # fmt: skip
    numbers = datasets.published()
    n, best = (int(numbers[f"embedding_{name}"]) for name in ("sets", "best_sets"))
    paper = {"sets": n, "best on": best, "within 5 %": f"{n - best}, on average",
             "PCA as good": "not tried", "best on these": ""}  # fmt: skip
    return pd.DataFrame(rows | {"the paper": paper}).T.rename_axis("score")


def answer(main: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the chapter's answer, by name."""
    gap = gains(main).set_index(["method", "data"])["mean"].loc[WITHOUT]
    telling, counts = most_telling(gap), rivals(main)["best on"]
    ours = main[main["method"] == "DeepSEM"]
    return {
        "sets": len(gap), "ari": counts[METRICS["ari"]], "leiden": counts[METRICS["leiden_ari"]],
        "nmi": counts[METRICS["nmi"]], "silhouette": counts[METRICS["silhouette"]],
        "membership": counts[METRICS["membership"]], "mean": gap.mean(), "median": gap.median(),
        "telling": telling, "without": gap.drop(telling).mean(),
        "cells": int(ours.set_index("data")["n_cells"][telling].max()),
    }  # fmt: skip


def answer_rows(main: pd.DataFrame) -> pd.DataFrame:
    """DeepSEM's gains in ARI for the first figure: over WITHOUT, and over the best rival by mean.

    Columns of `paired`, and "against".
    """
    mean = means(main, "ari")
    best = mean[[method for method in PEERS if method in mean]].idxmax(axis=1)
    table = paired(main[["data", "method", "seed", "ari"]], "ari")
    own = table[table["method"] == WITHOUT].assign(against="the same model trained without W")
    rival = table[table["method"] == table["data"].map(best)]
    return pd.concat([own, rival.assign(against="the best of FA, ZIFA, DCA, scVI")])


def beside_printed(recorded: pd.DataFrame) -> pd.DataFrame:
    """DeepSEM on Zeisel beside what the authors' tutorial prints, by genes and weights."""
    zeisel = zeisel_rows(recorded)
    ours, rows = zeisel[zeisel["method"] == "DeepSEM"], {}
    for genes, part in ours.groupby("genes", sort=False):
        for weights, prefix in (("yes", ""), ("no", "unweighted_")):
            for metric, value in printed().items():
                scores = part[f"{prefix}{metric}"].dropna()
                rows[genes, weights, metric.upper()] = {
                    "printed": value, "ours": scores.mean(), "lowest": scores.min(),
                    "highest": scores.max(), "seeds": len(scores),
                }  # fmt: skip
    table = pd.DataFrame(rows).T.rename_axis(["genes by", "edges weighted", "score"])
    return table[table["seeds"] > 0].astype({"seeds": int})


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
