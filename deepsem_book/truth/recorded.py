"""What truth.csv says: methods beside each other, direction, degrees, agreement, advice."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..statistics import t_interval, verdict
from ..truth_table import OWN, PAPER, against, in_words, of_setting, scores_of
from .levels import DEGREES, MAIN, METHODS, ORACLE
from .power import FEWEST, in_cells, power

SIGNED = (*MAIN, "GRNBoost2", "RegDiffusion", PAPER)  # in the table of signs
LEFT_IN = "depth_sd=0.75 normalised=False"
SHOWN = {  # kinds of cells, for the first figure and the advice
    "base": "the base", "n_cells=200": "200 cells", "n_cells=5000": "5,000 cells",
    "zeros=0.6": "60 % zeros", "normalised=False": "depth left in", "n_types=6": "six cell types",
    "hidden=0.5": "half of the TFs unseen", "repression=0.0": "no repression",
}  # fmt: skip


# --- The answer -----------------------------------------------------------------------------------


def answer(table: pd.DataFrame) -> dict[str, Any]:
    """The numbers under the chapter's title."""
    auroc = table.pivot_table(index="setting", columns="method", values="auroc")
    cells, best = power(table), best_of_main(table)
    return {
        "settings": len(best),
        "best_own": int((best == OWN).sum()),
        "best_ridge": int((best == "ridge").sum()),
        "best_corrected": int((best == "corrected").sum()),
        "ridge_ahead": int((auroc["ridge"] > auroc[OWN]).sum()),
        "base_r": auroc.loc["base", "correlation"], "left_r": auroc.loc[LEFT_IN, "correlation"],
        "base_own": auroc.loc["base", OWN], "left_own": auroc.loc[LEFT_IN, OWN],
        "base_ridge": auroc.loc["base", "ridge"], "left_ridge": auroc.loc[LEFT_IN, "ridge"],
    } | {
        f"{name}_{end}": in_cells(cells.loc[method, column])
        for name, method in (("own", OWN), ("ridge", "ridge"), ("r", "correlation"))
        for end, column in (("cells", "cells"), ("low", "low"), ("high", "high"))
    }  # fmt: skip


def best_of_main(table: pd.DataFrame, score: str = "auroc") -> pd.Series:
    """For each setting that all of MAIN were measured in: the one with the highest mean.

    The mean is over the networks that all of them have.
    """
    mine = table[table["method"].isin(MAIN)]
    wide = mine.pivot(index=["setting", "network"], columns="method", values=score)
    return wide.dropna().groupby(level="setting").mean().idxmax(axis=1)


# --- A method beside another ----------------------------------------------------------------------


def beside(
    table: pd.DataFrame, method: str, reference: str, settings: Sequence[str] | None = None,
    score: str = "auroc",
) -> pd.DataFrame:  # fmt: skip
    """`truth_table.against` for reading: a row per setting, with a verdict of its interval."""
    rows = against(table, method, reference, score)
    rows = rows if settings is None else rows.loc[[name for name in settings if name in rows.index]]
    said = [
        verdict(int(n), low, high) if n > 1 else "one network"
        for n, low, high in rows[["networks", "low", "high"]].to_numpy()
    ]
    rows.index = pd.Index(map(in_words, rows.index), name="cells")
    return rows.astype({"networks": int}).assign(verdict=said).round(3)


def counted(table: pd.DataFrame, score: str = "auroc") -> pd.DataFrame:
    """DeepSEM (own preset) against every other method: in how many settings is it better, worse?

    By the 95 % interval over networks of each setting that has FEWEST or more: `better`, `worse`,
    `undecided`; and `higher mean`, settings in which the mean of DeepSEM is the higher one.
    """
    rows = {}
    for method in METHODS:
        if method == OWN or method not in set(table["method"]):
            continue
        pair = against(table, OWN, method, score)
        pair = pair[pair["networks"] >= FEWEST]
        if pair.empty:
            continue
        rows[method] = {
            "settings": len(pair), "networks each": f"{pair['networks'].min():.0f} to "
            f"{pair['networks'].max():.0f}", "mean difference": pair["difference"].mean(),
            "better": int((pair["low"] > 0).sum()), "worse": int((pair["high"] < 0).sum()),
            "undecided": int(((pair["low"] <= 0) & (pair["high"] >= 0)).sum()),
            "higher mean": int((pair["difference"] > 0).sum()),
        }  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.rename_axis("DeepSEM against").round(3)


def by_sign(table: pd.DataFrame) -> pd.DataFrame:
    """AUROC of all, of the activating and of the repressing edges against pairs without an edge.

    Means over the kinds of cells with both signs and the networks that all of SIGNED were measured
    on, the highest on repressing edges first; `low`, `high`: 95 % interval of that one over
    networks. Attributes: `settings` and `networks`, how many of each.
    """
    columns = {"auroc": "all", "auroc_activating": "activating", "auroc_repressing": "repressing"}
    mine = table[table["method"].isin(SIGNED) & table["auroc_repressing"].notna()]
    by = mine.groupby(["setting", "network"])["method"]
    mine = mine[by.transform("nunique") == mine["method"].nunique()]
    rows = mine.groupby("method")[list(columns)].mean().rename(columns=columns)
    of_network = mine.groupby(["method", "network"])["auroc_repressing"].mean()
    ends = {name: t_interval(values)[1:] for name, values in of_network.groupby("method")}
    rows["low"], rows["high"] = zip(*(ends[name] for name in rows.index), strict=True)
    rows = rows.sort_values("repressing", ascending=False).round(2)
    rows.attrs = {"settings": mine["setting"].nunique(), "networks": mine["network"].nunique()}
    return rows


# --- Direction, degrees, agreement ----------------------------------------------------------------


def directions(table: pd.DataFrame) -> pd.DataFrame:
    """Right share of one-way edges between TFs: a row per method, the settings side by side.

    `all settings`: mean over networks of the mean over settings, with its interval.
    """
    listed = ["base", "zeros=0.0", "n_cells=5000", "zeros=0.6"]
    rows = {}
    for method in METHODS:
        scores = table[(table["method"] == method) & table["direction"].notna()]
        if scores.empty or method == DEGREES:
            continue
        by_network = scores.groupby("network")["direction"].mean()
        if len(by_network) < FEWEST:
            continue
        mean, low, high = t_interval(by_network)
        row = {"settings": scores["setting"].nunique(), "all settings": mean}
        row |= {"low": low, "high": high}
        row |= {in_words(s): of_setting(scores, s)["direction"].mean() for s in listed}
        rows[method] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method").round(2)


def of_degrees(table: pd.DataFrame) -> pd.DataFrame:
    """AUPRC ratios by hub exponent and number of cells: degrees alone beside rankings of edges."""
    listed = ["hub_exponent=0.0", "base", "hub_exponent=1.5", "n_cells=50", "zeros=0.9"]
    rows = {}
    for setting in listed:
        scores = of_setting(table, setting).groupby("method")
        ratio, share = scores["auprc_ratio"].mean(), scores["from_degrees"].mean()
        rows[in_words(setting)] = {
            "true degrees": ratio[DEGREES], "correlation": ratio["correlation"],
            "DeepSEM": ratio[OWN], "ridge": ratio["ridge"], "oracle": ratio[ORACLE],
            "DeepSEM, from its degrees": share[OWN], "ridge, from its degrees": share["ridge"],
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cells").round(2)


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """What two seeds of DeepSEM share of their first 200 pairs, and what of the first is true."""
    scores = scores_of(table, OWN)
    rows = scores.groupby(level="setting")[["shared", "early_precision", "auroc"]].mean()
    rows = rows.sort_values("shared")
    rows.index = pd.Index(map(in_words, rows.index), name="cells")
    return rows


# --- Advice ---------------------------------------------------------------------------------------


def advice(table: pd.DataFrame, score: str = "auroc") -> pd.DataFrame:
    """For each kind of cells the ranking to take, of those that need no truth, with intervals.

    On the networks that all of MAIN have: mean scores, the best with its interval, and `as good`:
    others whose paired difference to the best has an interval that holds 0.
    """
    rows = {}
    for setting, said in SHOWN.items():
        wide = of_setting(table, setting).pivot(index="network", columns="method", values=score)
        if not set(MAIN) <= set(wide):
            continue
        wide = wide[list(MAIN)].dropna()
        best = str(wide.mean().idxmax())
        near = [name for name in MAIN if name != best
                and not t_interval(wide[best] - wide[name])[1] > 0]  # fmt: skip
        mean, low, high = t_interval(wide[best])
        rows[said] = {
            "networks": len(wide), "best": best, score: f"{mean:.3f} [{low:.3f}, {high:.3f}]",
            "as good": ", ".join(near) or "none", **wide.mean(),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cells").round(3)


def in_the_advice(table: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the paragraph of advice: mean paired differences of AUROC, with intervals.

    Of each network the mean over kinds of cells, then Student's interval over networks. ridge: less
    DeepSEM, all kinds; r: DeepSEM less the correlation, all kinds; few: the corrected correlation
    less ridge in the kinds in which it is the best of MAIN, which are `kinds`.
    """
    best = best_of_main(table)
    few = list(best.index[best == "corrected"])
    scores = {name: scores_of(table, name)["auroc"] for name in MAIN}
    differences = {
        "ridge": scores["ridge"] - scores[OWN],
        "r": scores[OWN] - scores["correlation"],
        "few": (scores["corrected"] - scores["ridge"]).loc[few],
    }
    numbers: dict[str, Any] = {"kinds": "; ".join(map(in_words, few))}
    for name, difference in differences.items():
        ends = t_interval(difference.dropna().groupby(level="network").mean())
        numbers |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
    return numbers
