"""What the grid says: a method beside another, network by network, and where it falls behind."""

import pandas as pd

from ..statistics import t_interval
from .methods import CONFIGS, OWN


def scores_of(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """Rows of a method by (setting, network), of DeepSEM its ensembles."""
    rows = table[table["method"] == method]
    if method in CONFIGS:
        rows = rows[rows["n_members"] > 1]
    return rows.set_index(["setting", "network"])


def against(
    table: pd.DataFrame, method: str = OWN, reference: str = "correlation", score: str = "auroc"
) -> pd.DataFrame:
    """One row per setting: networks, mean scores, mean difference with its 95 % t interval.

    Differences are taken network by network, of the networks that both have been measured on.
    """
    ours, theirs = scores_of(table, method)[score], scores_of(table, reference)[score]
    both = pd.concat({"ours": ours, "theirs": theirs}, axis=1, join="inner")
    rows = {}
    for setting, pair in both.groupby(level="setting", sort=False):
        mean, low, high = t_interval(pair["ours"] - pair["theirs"])
        rows[setting] = {
            "networks": len(pair), method: pair["ours"].mean(), reference: pair["theirs"].mean(),
            "difference": mean, "low": low, "high": high,
        }  # fmt: skip
    return pd.DataFrame(rows).T


def signs(table: pd.DataFrame, method: str = OWN) -> pd.DataFrame:
    """One row per setting: AUROC of activating less that of repressing edges, and right signs."""
    scores = scores_of(table, method)
    gap = scores["auroc_activating"] - scores["auroc_repressing"]
    rows = {}
    for setting, of_setting in gap.groupby(level="setting", sort=False):
        mean, low, high = t_interval(of_setting.dropna())
        right = scores.loc[[setting], "sign"].mean()
        rows[setting] = {"activating - repressing": mean, "low": low, "high": high, "sign": right}
    return pd.DataFrame(rows).T
