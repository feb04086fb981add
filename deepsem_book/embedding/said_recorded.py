"""What the recorded measurements say, in sentences; every function returns Markdown text."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from .tables import (
    IGNORANT,
    METHODS,
    ablation_gains,
    agreed,
    coarse_rows,
    fine_rows,
    gains_of,
    geometry,
    geometry_by_set,
    means_by_data,
    printed,
    zeisel_rows,
)

CHAIN = ["trained without W", "no GRN", *IGNORANT, "other seed"]
PEERS = ["FA", "ZIFA", "DCA", "scVI"]  # the paper's
METRIC_NAMES = {
    "ari": "ARI (Louvain, told the number)",
    "leiden_ari": "ARI (Leiden, not told)",
    "silhouette": "silhouette",
}


def about_seeds(main: pd.DataFrame) -> str:
    """Number of DeepSEM's seeds for each data set."""
    n_seeds = main[main["method"] == "DeepSEM"].groupby("data")["seed"].nunique()
    n_seeds = n_seeds.reindex(main["data"].unique()).fillna(0)
    listed = ", ".join(f"{name} {int(n)}" for name, n in n_seeds.items())
    return f"Seeds of DeepSEM in the table: {listed}."


def about_metrics(gains: Mapping[str, pd.DataFrame]) -> str:
    """By metric, on which sets DeepSEM is better or worse than the main ablations."""
    compared = ablation_gains(gains)
    asked = ("trained without W", "no GRN", "start W", "renamed genes", "PCA, centred cells")
    lines = [
        f"- {method}, {METRIC_NAMES[m]}: DeepSEM is {by_interval(gains[m], method)}."
        for method in asked
        if method in set(compared["method"])
        for m in METRIC_NAMES
    ]
    n = compared["low"].notna().sum()
    chance = (
        f"- The figure has {n} intervals; of as many comparisons without any difference, about"
        f" {0.05 * n:.0f} would look decided."
    )
    return "\n".join([*lines, chance])


def by_interval(gains: pd.DataFrame, method: str) -> str:
    """On which sets the interval of DeepSEM's gain over `method` leaves out 0."""
    rows = gains[(gains["method"] == method) & (gains["n"] > 0)]
    better, worse = rows[rows["low"] > 0], rows[rows["high"] < 0]
    return (
        f"better on {len(better)} of {len(rows)}{in_brackets(better['data'])}, worse on"
        f" {len(worse)}{in_brackets(worse['data'])}, undecided on"
        f" {len(rows) - len(better) - len(worse)}; mean gain {rows['mean'].mean():+.3f}"
    )


def in_brackets(names: Sequence[str] | pd.Index | pd.Series) -> str:
    """The names, " (a, b)", or nothing."""
    return f" ({', '.join(names)})" if len(names) else ""


def tally(gains: Mapping[str, pd.DataFrame], method: str) -> str:
    """On which sets both clusterings say that DeepSEM is better or worse than `method`."""
    signs = agreed(gains, method)
    better, worse = signs.index[signs > 0], signs.index[signs < 0]
    return (
        f"better on {len(better)} of {len(signs)} sets{in_brackets(better)}, worse on"
        f" {len(worse)}{in_brackets(worse)}"
    )


def about_chain(gains: Mapping[str, pd.DataFrame]) -> str:
    """`tally` of every ablation that was measured, and the claim that follows."""
    measured = set(ablation_gains(gains)["method"])
    lines = [f"- Against {m}: {tally(gains, m)}." for m in CHAIN if m in measured]
    return "\n".join([*lines, "", about_network(gains)])


def about_network(gains: Mapping[str, pd.DataFrame]) -> str:
    """What the table says of the claim that the GRN is needed: first that it helps, then which."""
    others = pd.DataFrame({method: agreed(gains, method) for method in IGNORANT})
    special = others.index[(others > 0).all(axis=1)]
    text = (
        "Against its own encoder with W removed after training only, DeepSEM is"
        f" {tally(gains, 'no GRN')}. "
    )
    if "trained without W" in set(gains["ari"]["method"]):
        text = (
            "Counted where both clusterings agree: against the same model trained without W,"
            f" DeepSEM is {tally(gains, 'trained without W')}. {text}"
        )
    text += (
        "Must it be *this* W? DeepSEM is better than every network that knows nothing of"
        f" regulation, and than PCA of centred cells, on {len(special)} of {len(others)}"
        f" sets{in_brackets(special)}. "
    )
    if len(special) > len(others) / 2:
        return f"{text}So the claim that modelling the GRN helps **holds on most of these sets**."
    return (
        f"{text}So the claim that modelling the GRN is needed is **not supported as a general"
        " one**."
    )


def about_rivals(main: pd.DataFrame) -> str:
    """On how many sets DeepSEM's mean ARI is the best, against the paper's methods and PCA."""
    mean = means_by_data(main)
    peers = [method for method in PEERS if method in mean]
    rivals = mean[peers].max(axis=1)
    won, near = mean["DeepSEM"] > rivals, mean["DeepSEM"] > 0.95 * rivals
    controls = mean[[m for m in METHODS if m.startswith("PCA") and m in mean]].max(axis=1)
    against = ", ".join(f"{m} (on {mean[m].notna().sum()} sets)" for m in peers)
    return (
        f"Against {against}, DeepSEM's mean ARI is the best on {won.sum()} of {len(mean)} sets"
        f" ({', '.join(mean.index[won]) or 'none'}) and within 5 % of the best on"
        f" {(near & ~won).sum()} more. The best PCA, which the paper did not compare with, is at"
        f" least as good as DeepSEM on {(controls >= mean['DeepSEM']).sum()}."
    )


def about_page_run(cells: AnnData, scores: pd.DataFrame, aris: NDArray) -> list[str]:
    """The page's own training beside the authors' numbers; nothing for other cells."""
    if cells.uns["source"]["name"] != "zeisel":
        return []
    own, known = scores.loc["DeepSEM"], printed()
    return [
        f"- this page's own training, {cells.n_obs} cells, one seed: ARI {own['ari']:.3f} (mean of"
        f" ten seeds of Louvain {aris.mean():.3f}), AMI {own['ami']:.3f}; printed {known['ari']}"
        f" and {known['ami']}."
    ]


def about_printed(recorded: pd.DataFrame) -> list[str]:
    """Recorded ARI and AMI of DeepSEM on Zeisel beside the authors', by choice of genes."""
    zeisel = zeisel_rows(recorded)
    ours = zeisel[zeisel["method"] == "DeepSEM"].groupby("genes")
    lines = []
    for (by, rows), graph, (metric, value) in product(ours, ("", "unweighted_"), printed().items()):
        values = rows[graph + metric].dropna()
        what = f"- genes by {by}, {'without' if graph else 'with'} weights, {metric.upper()}: "
        lines += [what + beside(values, value)] if len(values) else []
    return lines


def beside(values: pd.Series, value: float) -> str:
    """Our values of one score beside the authors'."""
    if len(values) == 1:
        return f"{values.iloc[0]:.3f}, one seed only; printed {value}."
    low, high = values.min(), values.max()
    place = "inside" if low <= value <= high else "above" if value > high else "below"
    return (
        f"{values.mean():.3f} ({low:.3f} to {high:.3f}, {len(values)} seeds); printed {value},"
        f" which is {place} our range (our mean differs by {values.mean() - value:+.3f})."
    )


def about_choices(recorded: pd.DataFrame) -> str:
    """How much the choice of genes and the edges' weights move ARI."""
    zeisel = zeisel_rows(recorded)
    moved = zeisel[zeisel["method"] == "DeepSEM"].groupby("genes")["ari"].mean()
    both = recorded.dropna(subset="unweighted_ari")
    gaps = (both["unweighted_ari"] - both["ari"]).abs()
    return (
        "Choosing the genes in another way moves DeepSEM's mean ARI on Zeisel by up to"
        f" {np.ptp(moved):.3f}. Using the edges' weights or not moves the ARI of one and the same"
        f" embedding by {gaps.mean():.3f} on average and by up to {gaps.max():.3f} ({len(gaps)}"
        " recorded embeddings). Differences between methods of this size may come from the"
        " clustering alone."
    )


def about_geometry(main: pd.DataFrame) -> str:
    """The paper's comparison of KNN with scVI, and whose KNN is the highest."""
    knn = geometry_by_set(main).pivot(index="data", columns="method", values="knn")
    if {"DeepSEM", "scVI"} <= set(knn):
        both = knn[["DeepSEM", "scVI"]].dropna()
        text = (
            "The paper says that DeepSEM keeps neighbours better than scVI. Here it does so on"
            f" {(both['DeepSEM'] > both['scVI']).sum()} of {len(both)} sets. "
        )
    else:
        text = "scVI is not in the table, so the paper's comparison of KNN with it is not tested. "
    return (
        f"{text}Highest mean KNN: {geometry(main)['KNN'].idxmax()}. PCA of log expression is a"
        " projection of the very matrix that is compared with: its lead is no merit."
    )


def about_nested(recorded: pd.DataFrame) -> str:
    """Recorded share of cells whose fine cluster crosses no border between types, by method."""
    by_method = fine_rows(recorded).dropna(subset="nested").groupby("method")["nested"]
    listed = ", ".join(f"{name} {v.mean():.3f} ({len(v)})" for name, v in by_method)
    return f"Recorded for all cells, mean (number of seeds): {listed}."


def about_path(recorded: pd.DataFrame) -> str:
    """Recorded τ of the path, and the paper's claim about scVI and DCA."""
    by_method = fine_rows(recorded).dropna(subset="path").groupby("method")["path"]
    tau, n = by_method.mean().sort_values(ascending=False), by_method.count()
    listed = ", ".join(f"{name} {value:.2f} ({n[name]})" for name, value in tau.items())
    text = (
        f"Recorded, all cells, mean (number of seeds): {listed}. The paper says that DeepSEM shows"
        " this path and that scVI and DCA do not. "
    )
    for name in (name for name in ("scVI", "DCA") if name in tau):
        word = "lower" if tau[name] < tau["DeepSEM"] else "not lower"
        text += (
            f"Here the τ of {name} is {word} than that of DeepSEM ({n[name]}"
            f" {'seed' if n[name] == 1 else 'seeds'} against {n['DeepSEM']}). "
        )
    return f"{text}Above DeepSEM: {', '.join(tau.index[tau > tau['DeepSEM']]) or 'none'}."


def about_oligo3(links: pd.DataFrame, path: Sequence[str]) -> str:
    """How far Oligo3 stands apart in PAGA's links; nothing where there is no such stage."""
    if "Oligo3" not in links.index:
        return ""
    apart = links.loc["Oligo3"].drop("Oligo3").max()
    ties = [links.loc[name].drop([name, "Oligo3"]).max() for name in path]
    return (
        f"Oligo3, which the paper finds apart: its strongest link to any subtype is {apart:.2f}."
        " For each stage of the path the strongest link to a subtype other than Oligo3 is between"
        f" {min(ties):.2f} and {max(ties):.2f}."
    )


def summary(recorded: pd.DataFrame) -> str:
    """The chapter's recorded results, as a list."""
    main = coarse_rows(recorded)
    gains = gains_of(main)
    ours = main[main["method"] == "DeepSEM"].groupby("data")["ari"]
    measured = set(gains["ari"]["method"])
    method = next(name for name in CHAIN if name in measured)
    gap = gains["ari"][gains["ari"]["method"] == method]
    most, least = gap.loc[gap["mean"].idxmax()], gap.loc[gap["mean"].idxmin()]
    widths = ours.agg(np.ptp)
    return "\n".join([
        f"- {ours.ngroups} data sets. {about_network(gains)}",
        f"- By ARI alone, DeepSEM's mean gain over *{method}* lies between {least['mean']:+.3f} "
        f"({least['data']}) and {most['mean']:+.3f} ({most['data']}).",
        f"- Between seeds DeepSEM's own ARI varies by up to {widths.max():.3f} "
        f"({widths.idxmax()}).",
        f"- {about_rivals(main)}",
    ])  # fmt: skip
