"""The tables of chapter 7: effects side by side, by row of the ledger, and on two data sets."""

import pandas as pd

from ..benchmark_table import PRESET_OF
from . import ablations
from .ablations import BOTH, METRIC_NAMES, SWITCHES

LEDGER = {
    "4": "mixture", "4b": "constant cluster input", "5": "KL term", "6": "L1 term",
    "7": "reconstructed entries", "8": "standardisation", "9": "initial W", "10": "alternation",
    "11": "optimiser", "12": "learning-rate decay", "13": "epochs",
}  # fmt: skip
EFFECT = ("effect", "low", "high")


def all_effects(table: pd.DataFrame, data: str) -> pd.DataFrame:
    """`ablations.effects` of both scores, with the column `metric` (EPR, AUPRC ratio)."""
    return pd.concat(
        ablations.effects(table, data, metric).assign(metric=name)
        for metric, name in METRIC_NAMES.items()
    )


def networks_by_preset(run: pd.DataFrame) -> dict[str, list[str]]:
    """The networks of `run` (effects that were measured) that the paper scores with each preset."""
    kinds = run["network"].unique()
    return {preset: [kind for kind in kinds if PRESET_OF[kind] == preset] for preset in BOTH}


def absent(run: pd.DataFrame) -> dict[str, list[str]]:
    """By preset, the switches without a measured effect."""
    measured = {preset: set(run.loc[run["preset"] == preset, "change"]) for preset in BOTH}
    return {
        preset: [
            f"{switch.family}: {switch.text}"
            for switch in SWITCHES
            if preset in switch.presets and switch.change not in measured[preset]
        ]
        for preset in BOTH
    }


def one_score(run: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Effect, interval and verdict of one score by row of the ledger, switch and network."""
    rows = run[run["metric"] == metric]
    rows = rows.assign(
        ledger=rows["ledger"].replace("", "-"),
        switch=rows["family"] + ": " + rows["text"],
        interval=[f"{low:+.2f} to {high:+.2f}" for low, high in zip(rows["low"], rows["high"])],
    )
    rows = rows.set_index(["ledger", "switch", "network"])
    columns = {
        "effect": f"{metric} change", "interval": "95 % interval", "verdict": "verdict",
    }  # fmt: skip
    return rows[["n", *columns]].rename(columns=columns | {"n": "seeds"})


def both_scores(run: pd.DataFrame) -> pd.DataFrame:
    """`one_score` of EPR and of the AUPRC ratio side by side."""
    auprc = one_score(run, "AUPRC ratio").drop(columns="seeds")
    return one_score(run, "EPR").join(auprc, rsuffix=" ")


def by_ledger_row(run: pd.DataFrame) -> pd.DataFrame:
    """How many effects of each row of the ledger have which verdict, and EPR's extremes."""
    numbers = [number for number in LEDGER if number in set(run["ledger"])]
    rows = []
    for number in numbers:
        of_row = run[run["ledger"] == number]
        counts = of_row["verdict"].value_counts()
        epr = of_row[of_row["metric"] == "EPR"].sort_values("effect")
        ends = {
            name: f"{r['effect']:+.2f} [{r['low']:+.2f}, {r['high']:+.2f}] "
            f"{r['text']}, {r['network']}"
            for name, (_, r) in zip(("smallest", "largest"), epr.iloc[[0, -1]].iterrows())
        }
        words = ("raises", "lowers", "undecided")
        rows.append({word: counts.get(word, 0) for word in words} | ends)
    names = [(number, LEDGER[number]) for number in numbers]
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(names, names=["row", "about"]))


def on_both(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Effects that were measured on two data sets; columns of the two end in " 1" and " 2"."""
    on = ["metric", "network", "family", "text"]
    return first.merge(second, on=on, suffixes=(" 1", " 2"))


def shown_on_both(two: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """`on_both` as text, one column per data set."""
    columns = {
        name: [
            f"{effect:+.2f} [{low:+.2f}, {high:+.2f}] {verdict}"
            for effect, low, high, verdict in two[
                [f"{column} {which}" for column in (*EFFECT, "verdict")]
            ].itertuples(index=False)
        ]
        for which, name in names.items()
    }
    switch = two["family"] + ": " + two["text"]
    index = pd.MultiIndex.from_frame(two[["metric", "network"]].assign(switch=switch))
    shown = pd.DataFrame(columns, index=index)
    shown["seeds"] = [f"{a} and {b}" for a, b in zip(two["n 1"], two["n 2"])]
    return shown
