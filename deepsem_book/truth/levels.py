"""truth.csv by knob and level: which methods and settings it has, and their means."""

from collections.abc import Callable

import pandas as pd

from ..statistics import t_interval
from ..truth_table import OWN, PAPER, changed, ensembles, table_at
from .settings import BASE, KNOBS, name_of

ORACLE, DEGREES = "oracle", "degrees"
MAIN = ("correlation", "corrected", "ridge", OWN)  # measured on ten networks in most settings
METHODS = (*MAIN, "linear SEM", "GRNBoost2", "RegDiffusion", PAPER, DEGREES, ORACLE)
BOUNDS = (DEGREES, ORACLE)  # they know something of the truth


def known_truths() -> pd.DataFrame:
    """truth.csv, one row per setting, network and method: of DeepSEM its ensembles."""
    return ensembles(table_at().read()).reset_index(drop=True)


def means(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """One row per setting and method: networks, mean and 95 % t interval over networks.

    Networks without the score (no edge of that sign, say) are not counted.
    """
    rows = []
    for (setting, method), values in table.groupby(["setting", "method"], sort=False)[score]:
        known = values.dropna()
        if len(known):
            rows.append([setting, method, len(known), *t_interval(known)])
    names = ["setting", "method", "networks", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def measured_levels(table: pd.DataFrame, knob: str) -> dict[str, str]:
    """Settings of a knob of the grid that the table has, in the grid's order, with their level."""
    names = [name_of(setting) for setting in KNOBS[knob]]
    present = set(table["setting"])
    return {name: level_in_words(name, knob) for name in names if name in present}


def level_in_words(setting: str, knob: str) -> str:
    """The level of a knob as a tick: "base" is what the base has."""
    field, form = TICKS[knob]
    return form(float(changed(setting).get(field, getattr(BASE, field))))


def percent(share: float) -> str:
    return f"{share:.0%}"


def whole(number: float) -> str:
    return f"{number:,.0f}"


TICKS: dict[str, tuple[str, Callable[[float], str]]] = {
    "cells": ("n_cells", whole), "genes": ("n_genes", whole), "zeros": ("zeros", percent),
    "depth": ("depth_sd", str), "raw depth": ("depth_sd", str),
    "repression": ("repression", percent),
    "feedback": ("feedback", percent), "hubs": ("hub_exponent", str),
    "hidden": ("hidden", percent), "types": ("n_types", whole),
}  # fmt: skip
