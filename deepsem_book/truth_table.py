"""The table of known truths: its columns, a method beside another, and where DeepSEM falls behind.

`deepsem_book.truth.grid` measures it; data/results/README.md says what the columns hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from .datasets import DATA_DIR
from .results_table import ResultsTable
from .statistics import t_interval

OWN, PAPER = "DeepSEM own", "DeepSEM paper"
FEW = "DeepSEM own, few columns"  # in a table of its own, truth_few.csv
KEY = ["setting", "network", "method", "seed"]
CONTROLS = ("correlation", "corrected", "ridge")  # rankings that need no training
ENSEMBLE = -1  # the seed of an ensemble's row
COLUMNS = [
    *KEY, "n_members", "auroc", "auroc_activating", "auroc_repressing", "auprc_ratio",
    "early_precision", "sign", "direction", "recall_half", "from_degrees", "shared", "density",
    "seconds", "config",
]  # fmt: skip
PATH = DATA_DIR / "results" / "truth.csv"
BASE = {"n_cells": 1000.0, "n_genes": 100.0, "zeros": 0.3}  # what a setting has unless it says so
NEAR = 2.5  # levels of cells and genes are apart by twice this or less
BEHIND = -0.01  # difference of AUROC at which a reader is told


IN_WORDS: dict[str, Callable[[str], str]] = {
    "n_cells": lambda level: f"{int(level):,} cells",
    "n_genes": lambda level: f"{int(level):,} genes",
    "zeros": lambda level: f"{float(level):.0%} zeros",
    "depth_sd": lambda level: f"depth varies by {level}",
    "normalised": lambda level: "depth not divided out",
    "repression": lambda level: f"{float(level):.0%} repressing",
    "feedback": lambda level: f"{float(level):.0%} feedback",
    "hub_exponent": lambda level: f"hubs, exponent {level}",
    "hidden": lambda level: f"{float(level):.0%} of TFs unseen",
    "n_types": lambda level: f"{level} cell types",
}


def in_words(setting: str) -> str:
    """A setting of truth.csv: the knobs that differ from the base."""
    if setting == "base":
        return "{n_cells:,.0f} cells, {n_genes:,.0f} genes, {zeros:.0%} zeros".format(**BASE)
    return ", ".join(IN_WORDS[knob](level) for knob, level in changed(setting).items())


def changed(setting: str) -> dict[str, str]:
    """The knobs that differ from the base, and their levels."""
    return {} if setting == "base" else dict(part.split("=") for part in setting.split())


def table_at(path: Path = PATH) -> ResultsTable:
    whole = ["network", "seed", "n_members"]
    return ResultsTable(path, KEY, COLUMNS, ["setting", "method", "config"], whole, order=())


def ensembles(table: pd.DataFrame) -> pd.DataFrame:
    """One row per setting, network and method: of DeepSEM its ensembles."""
    of_deepsem = table["method"].isin([OWN, PAPER])
    return table[~of_deepsem | (table["seed"] == ENSEMBLE)]


def scores_of(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """Rows of a method by (setting, network), of DeepSEM its ensembles."""
    return ensembles(table[table["method"] == method]).set_index(["setting", "network"])


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
    columns = ["networks", method, reference, "difference", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def gaps(scores: pd.DataFrame) -> pd.Series:
    """AUROC of activating less that of repressing edges; NaN without edges of both signs."""
    return scores["auroc_activating"] - scores["auroc_repressing"]


def signs(table: pd.DataFrame, method: str = OWN) -> pd.DataFrame:
    """One row per setting: AUROC of activating less that of repressing edges, and right signs."""
    scores = scores_of(table, method)
    rows = {}
    for setting, of_setting in gaps(scores).groupby(level="setting", sort=False):
        mean, low, high = t_interval(of_setting.dropna())
        right = scores.loc[[setting], "sign"].mean()
        rows[setting] = {"activating - repressing": mean, "low": low, "high": high, "sign": right}
    return pd.DataFrame(rows).T


@dataclass(frozen=True)
class Behind:
    """A setting in which a control ranks edges better than DeepSEM does: mean AUROCs."""

    setting: str
    networks: int
    control: str
    theirs: float
    ours: float


def where_behind(table: pd.DataFrame, **data: float) -> list[Behind]:
    """The best control of each setting like the data (`settings_like`) that beats DeepSEM."""
    behind = []
    for setting in settings_like(table, **data):
        rows = {name: against(of_setting(table, setting), reference=name) for name in CONTROLS}
        known = {name: compared.iloc[0] for name, compared in rows.items() if len(compared)}
        best = max(known, key=lambda name: known[name][name], default=None)
        if best and known[best]["difference"] < BEHIND:
            row = known[best]
            behind.append(Behind(setting, int(row["networks"]), best, row[best], row[OWN]))
    return behind


def best_control(table: pd.DataFrame, **data: float) -> str:
    """The control with the best mean AUROC in the settings like the data, or in all of them."""
    like = table[table["setting"].isin(settings_like(table, **data))]
    rows = like if len(like) else table
    means = rows[rows["method"].isin(CONTROLS)].groupby("method")["auroc"].mean()
    return str(means.idxmax()) if len(means) else CONTROLS[-1]


def of_setting(table: pd.DataFrame, setting: str) -> pd.DataFrame:
    return table[table["setting"] == setting]


def settings_like(table: pd.DataFrame, **data: float) -> list[str]:
    """The settings with data like these: n_cells, n_genes, zeros, one setting for each of them.

    Of each knob the nearest measured level counts if it is near: within a factor NEAR of cells and
    genes, within 0.2 of the share of zeros. What is far from all levels is not known.
    """
    near: list[str] = []
    for knob, value in data.items():
        levels = {
            level: setting
            for setting in table["setting"].unique()
            if (level := level_of(setting, knob)) is not None
        }
        nearest = min(levels, key=lambda level: distance(knob, level, value), default=np.inf)
        if distance(knob, nearest, value) <= (0.2 if knob == "zeros" else np.log(NEAR)):
            near.append(levels[nearest])
    return list(dict.fromkeys(near))


def level_of(setting: str, knob: str) -> float | None:
    """The level of a knob in a setting that differs from the base in this knob or in none."""
    if setting == "base":
        return BASE[knob]
    given = changed(setting)
    return float(given[knob]) if list(given) == [knob] else None


def distance(knob: str, level: float, value: float) -> float:
    return abs(level - value) if knob == "zeros" else abs(np.log(level / max(value, 1)))
