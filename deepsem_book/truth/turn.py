"""truth.csv as something to turn: its numbers as JSON and the HTML of the page's part.

turn.js beside this file draws it, with the controls, theme and addresses of `deepsem_book.live`.
The page gets the score of every network, so that it can take differences network by network.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import HTML
from scipy import stats

from .. import live
from ..truth_table import OWN, PAPER
from .levels import DEGREES, METHODS, ORACLE, known_truths, level_in_words
from .power import FEWEST
from .settings import BASE, KNOBS, name_of

SCRIPT = Path(__file__).with_name("turn.js")
PRESETS = ("base", "depth", "cells", "ridge", "direction", "hubs", "seeds", "hidden")
KNOBS_SHOWN = {  # slider: its name, and the knobs of the grid that it goes through
    "cells": ("cells", ["cells"]), "zeros": ("zeros among the counts", ["zeros"]),
    "depth": ("sequencing depth", ["depth", "raw depth"]),
    "hidden": ("TFs that regulate unseen", ["hidden"]), "hubs": ("hubs: exponent", ["hubs"]),
}  # fmt: skip
SCORES: dict[str, dict[str, Any]] = {  # range of the axis; what says nothing
    "auroc": {"label": "AUROC", "low": 0.5, "high": 1, "nothing": 0.5},
    "early_precision": {"label": "early precision: true share of the first n", "low": 0, "high": 1},
    "recall_half": {"label": "edges found at precision ½", "low": 0, "high": 1, "half": 0.5},
    "auroc_activating": {"label": "AUROC, activating edges", "low": 0.5, "high": 1, "nothing": 0.5},
    "auroc_repressing": {"label": "AUROC, repressing edges", "low": 0.5, "high": 1, "nothing": 0.5},
    "direction": {"label": "right directions between TFs", "low": 0.2, "high": 1, "nothing": 0.5},
    "sign": {"label": "right signs", "low": 0.8, "high": 1},
    "from_degrees": {"label": "share that its degrees explain", "low": 0, "high": 1},
    "shared": {"label": "first 200 shared by two seeds", "low": 0, "high": 1},
}
COLOURS = {  # names of live.css; a dash; shown at first
    "correlation": ("orange", "", True), "corrected": ("orange", "5 3", False),
    "ridge": ("green", "", True), OWN: ("blue", "", True), "linear SEM": ("pink", "", False),
    "GRNBoost2": ("red", "", False), "RegDiffusion": ("sky", "", False),
    PAPER: ("blue", "2 3", False), DEGREES: ("grey", "2 3", False), ORACLE: ("ink", "5 3", True),
}  # fmt: skip
NAMES = {OWN: "DeepSEM", PAPER: "DeepSEM, paper's preset", DEGREES: "degrees (bound)",
         ORACLE: "oracle (bound)"}  # fmt: skip


def turned(preset: str = "base", table: pd.DataFrame | None = None) -> HTML:
    """The part of the page, in the state of one of PRESETS; `table` as from `known_truths`.

    Raises ValueError for another preset.
    """
    files = [live.FOLDER / f"{name}.js" for name in live.CORE]
    place = live.element("grid", preset, PRESETS)
    numbers = data(known_truths() if table is None else table)
    return HTML(place + live.assembled([*files, SCRIPT], grid=numbers))


def data(table: pd.DataFrame) -> dict[str, Any]:
    """What turn.js draws: knobs, scores, methods, thousandths by setting, method, score, network.

    `quantiles`[n] is Student's 97.5 % quantile for n networks. What was measured on fewer than
    FEWEST networks is left out.
    """
    counts = table.groupby(["setting", "method"])["network"].transform("size")
    table = table[counts >= FEWEST]
    knobs: list[dict[str, Any]] = []
    settings: set[str] = set()
    for key, (label, of_grid) in KNOBS_SHOWN.items():
        levels = levels_of(table, of_grid)
        settings |= {level["setting"] for level in levels}
        at_base = [level["setting"] for level in levels].index(name_of(BASE))
        knobs.append({"key": key, "label": label, "levels": levels, "base": at_base})
    values: dict[str, dict[str, dict[str, list[int | None]]]] = {}
    for setting, rows in table[table["setting"].isin(settings)].groupby("setting"):
        networks = range(int(table["network"].min()), int(table["network"].max()) + 1)
        values[str(setting)] = {
            str(method): {
                score: thousandths(of_method.set_index("network")[score].reindex(networks))
                for score in SCORES if of_method[score].notna().any()
            }
            for method, of_method in rows.groupby("method")
        }  # fmt: skip
    present = [name for name in METHODS if name in set(table["method"])]
    most = table.groupby(["setting", "method"]).size().max()
    return {
        "knobs": knobs,
        "scores": [{"key": key} | about for key, about in SCORES.items()],
        "methods": [
            dict(zip(("key", "name", "color", "dash", "shown"),
                     (name, NAMES.get(name, name), *COLOURS[name]), strict=True))
            for name in present
        ],
        "values": values,
        "quantiles": [0, 0, *(round(float(stats.t.ppf(0.975, n - 1)), 5)
                              for n in range(2, int(most) + 1))],
    }  # fmt: skip


def levels_of(table: pd.DataFrame, knobs: list[str]) -> list[dict[str, str]]:
    """The measured settings of knobs of the grid, with the words of their level."""
    levels: dict[str, str] = {}
    for knob in knobs:
        for setting in KNOBS[knob]:
            words = level_in_words(name_of(setting), knob)
            if knob in ("depth", "raw depth"):
                words += " left in" if knob == "raw depth" else " divided out"
            levels.setdefault(name_of(setting), words)
    present = set(table["setting"])
    return [{"setting": name, "say": words} for name, words in levels.items() if name in present]


def thousandths(values: pd.Series) -> list[int | None]:
    return [None if np.isnan(value) else round(1000 * value) for value in values]
