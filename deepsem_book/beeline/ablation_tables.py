"""The tables of chapter 7: effects side by side, after correction, and on two data sets."""

from typing import Any

import numpy as np
import pandas as pd

from ..benchmark_table import PRESET_OF, shown_kind
from ..statistics import holm
from . import ablations
from .ablations import BOTH, METRIC_NAMES, SWITCHES

SETTINGS = {"alpha": "α", "beta": "β", "n_epochs": "epochs", "n_components": "components K"}
FAMILY = {
    "alpha": "L1 weight α", "beta": "KL weight β", "n_epochs": "epochs", "n_components": "prior",
}  # fmt: skip
WORDS = ("lowers", "raises", "undecided")


def all_effects(table: pd.DataFrame, data: str) -> pd.DataFrame:
    """`ablations.effects` of both scores that were measured, with `metric` (EPR, AUPRC ratio).

    Adds `holm`, p for the number of effects of a score, and `sure`, the verdict where that is
    below 0.05, "undecided" elsewhere.
    """
    frames = []
    for metric, name in METRIC_NAMES.items():
        effects = ablations.effects(table, data, metric)
        run = effects[effects["n"] > 0].assign(metric=name)
        frames.append(run.assign(holm=holm(run["p"])))
    both = pd.concat(frames, ignore_index=True)
    return both.assign(sure=both["verdict"].where(both["holm"] < 0.05, "undecided"))


def networks_by_preset(run: pd.DataFrame) -> dict[str, list[str]]:
    """The networks of `run` (effects that were measured) that the paper scores with each preset."""
    kinds = run["network"].unique()
    return {preset: [kind for kind in kinds if PRESET_OF[kind] == preset] for preset in BOTH}


def coverage(run: pd.DataFrame, trained: pd.DataFrame) -> pd.DataFrame:
    """By preset: changes measured of those that fit, trainings and CPU minutes behind them.

    `trained`: the single trainings of a data set.
    """
    trainings = trained.drop_duplicates(["method", "preset", "seed"])
    rows = {}
    for preset in BOTH:
        own = trainings[trainings["preset"] == preset]
        rows[preset] = {
            "changes measured": run.loc[run["preset"] == preset, "change"].nunique(),
            "of": sum(preset in switch.presets for switch in SWITCHES),
            "trainings": len(own), "CPU minutes": round(own["seconds"].sum() / 60),
        }  # fmt: skip
    return pd.DataFrame(rows).T.rename_axis("preset")


def levels(trained: pd.DataFrame) -> pd.DataFrame:
    """EPR of the unchanged preset by network: all its seeds, and the first five, to which most
    changes are compared."""
    own = trained[trained["method"] == "DeepSEM"]
    groups, first = own.groupby("network")["epr"], own[own["seed"] < 5].groupby("network")["epr"]
    return pd.DataFrame({
        "seeds": groups.size(), "mean": groups.mean(), "sd": groups.std(),
        "mean of seeds 0 to 4": first.mean(), "sd of these": first.std(),
    })  # fmt: skip


def counts(run: pd.DataFrame) -> pd.DataFrame:
    """(score, network): effects by verdict, before and after Holm's correction.

    "ensemble agrees": of those decided after it, how many ensembles of the same seeds move the same
    way. "half width": median half interval of the undecided: smaller effects are out of reach.
    """
    rows = {}
    for (metric, network), part in run.groupby(["metric", "network"], sort=False):
        sure = part[part["sure"] != "undecided"]
        agree = (np.sign(sure["ensemble"]) == np.sign(sure["effect"])).sum()
        undecided = part[part["sure"] == "undecided"]
        rows[metric, network] = {
            "effects": len(part),
            **{word: (part["verdict"] == word).sum() for word in WORDS[:2]},
            **{f"{word}, after Holm": (part["sure"] == word).sum() for word in WORDS[:2]},
            "ensemble agrees": f"{agree} of {len(sure)}",
            "half width": f"{((undecided['high'] - undecided['low']) / 2).median():.2f}",
        }
    return pd.DataFrame(rows).T.rename_axis(["score", "network"])


def answer(run: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the chapter's answer, by name: EPR on one set of cells."""
    epr = run[run["metric"] == "EPR"]
    largest = epr.loc[epr["effect"].abs().idxmax()]
    undecided = epr[epr["sure"] == "undecided"]
    return {
        "effects": len(epr), "before": (epr["verdict"] != "undecided").sum(),
        "lowers": (epr["sure"] == "lowers").sum(), "raises": (epr["sure"] == "raises").sum(),
        "undecided": len(undecided), "seeds": int(epr["n"].median()),
        "half": ((undecided["high"] - undecided["low"]) / 2).median(),
        "largest": f"{largest['family']}, {largest['text']}, on {shown_kind(largest['network'])}",
        "effect": largest["effect"],
    }  # fmt: skip


def one_score(run: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Effect, interval, p values and verdict of one score by row of the ledger and switch."""
    rows = run[run["metric"] == metric]
    rows = rows.assign(
        ledger=rows["ledger"].replace("", "-"),
        switch=rows["family"] + ": " + rows["text"],
        interval=[f"{low:+.2f} to {high:+.2f}" for low, high in zip(rows["low"], rows["high"])],
    )
    rows = rows.set_index(["ledger", "switch", "network"])
    columns = {
        "effect": f"{metric} change", "interval": "95 % interval", "holm": "p, Holm",
        "apart": "p, all seeds", "ensemble": "ensemble", "sure": "verdict",
    }  # fmt: skip
    return rows[["n", *columns]].rename(columns=columns | {"n": "seeds"})


def both_scores(run: pd.DataFrame) -> pd.DataFrame:
    """`one_score` of EPR and of the AUPRC ratio side by side."""
    auprc = one_score(run, "AUPRC ratio").drop(columns="seeds")
    return one_score(run, "EPR").join(auprc, rsuffix=" ")


def on_both(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Effects that were measured on two data sets; columns of the two end in " 1" and " 2"."""
    on = ["metric", "network", "family", "text"]
    return first.merge(second, on=on, suffixes=(" 1", " 2"))


def same_way(two: pd.DataFrame) -> pd.Series:
    """How many effects of `on_both` agree: their signs, and their intervals."""
    signs = [np.sign(two[f"effect {which}"]) for which in (1, 2)]
    verdicts = [two[f"verdict {which}"] for which in (1, 2)]
    decided = [verdict != "undecided" for verdict in verdicts]
    both = decided[0] & decided[1]
    return pd.Series({
        "effects on both": len(two), "same sign": (signs[0] == signs[1]).sum(),
        "interval without 0 on both": both.sum(),
        "of these the same way": (both & (verdicts[0] == verdicts[1])).sum(),
        "interval without 0 on the first": decided[0].sum(),
        "of these the same sign on the second": (decided[0] & (signs[0] == signs[1])).sum(),
    })  # fmt: skip


def shown_on_both(two: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """`on_both` as text, one column per data set."""
    columns = {
        name: [
            f"{effect:+.2f} [{low:+.2f}, {high:+.2f}]"
            for effect, low, high in two[
                [f"{column} {which}" for column in ("effect", "low", "high")]
            ].itertuples(index=False)
        ]
        for which, name in names.items()
    }
    switch = two["family"] + ": " + two["text"]
    index = pd.MultiIndex.from_frame(two[["metric", "network"]].assign(switch=switch))
    shown = pd.DataFrame(columns, index=index)
    shown["seeds"] = [f"{a} and {b}" for a, b in zip(two["n 1"], two["n 2"])]
    verdicts = zip(two["verdict 1"], two["verdict 2"])
    shown["by interval"] = [a if a == b else f"{a}, {b}" for a, b in verdicts]
    sure = zip(two["sure 1"], two["sure 2"])
    shown["after Holm"] = [a if a == b else f"{a}, {b}" for a, b in sure]
    return shown


def beside_paper(run: pd.DataFrame) -> pd.DataFrame:
    """EPR by setting of the paper's Supp. Figs. 16 and 17: effects by verdict after Holm."""
    epr, rows = run[run["metric"] == "EPR"], {}
    for setting, name in SETTINGS.items():
        own = epr[epr["family"] == FAMILY[setting]]
        raised = own[own["sure"] == "raises"]
        better = raised["text"] + " on " + raised["network"].map(shown_kind)
        rows[name] = {
            "comparisons": len(own), **{word: (own["sure"] == word).sum() for word in WORDS},
            "better than the preset": "; ".join(better),
        }  # fmt: skip
    return pd.DataFrame(rows).T.rename_axis("setting")


def again(live: pd.DataFrame, recorded: pd.DataFrame) -> pd.DataFrame:
    """Trainings of the page, seed 0, beside their recorded EPR and its spread over seeds.

    `live`: their rows with `change` ("" for the preset); `recorded`: single trainings with their
    preset, none where the page has other cells. "verdict": the same number to 1e-4, or another
    draw, within or outside three standard deviations of the recorded seeds.
    """
    rows = {}
    for new in live.itertuples():
        method = f"DeepSEM/{new.change}".removesuffix("/")
        own = recorded[(recorded["network"] == new.network) & (recorded["method"] == method)]
        old, sd = own.loc[own["seed"] == 0, "epr"], own["epr"].std()
        row: dict[str, object] = {"EPR, here": new.epr, "recorded": np.nan, "sd of seeds": sd}
        row["verdict"] = "nothing recorded"
        if len(old):
            gap = abs(new.epr - old.iloc[0])
            same, near = gap <= 1e-4 * abs(old.iloc[0]), gap < 3 * sd
            draw = f"another draw, {'within' if near else 'outside'} 3 sd"
            row |= {"recorded": old.iloc[0], "verdict": "the same number" if same else draw}
        rows[new.network, "MLPs frozen" if new.change else "preset"] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["network", "training"])
