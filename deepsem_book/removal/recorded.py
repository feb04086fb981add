"""The chapter's tables from data/results: the two screens, and BEELINE's networks of knock-outs."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ..benchmark_table import named, shown_kind, shown_name
from ..statistics import holm, t_interval, t_test, verdict
from .methods import CUT, ENSEMBLE, LEVEL, OWN, PAPER, RANDOM, SILENT

CONTROL = "Pearson"
KEY = ["data", "network", "method", "preset"]
LARGE = 0.2  # sd of the control cells; what Cohen calls a small effect
FEWEST = 10  # targets that a regulator must have to count in `by_network`: fewer rank by chance
NAMES = {
    "sim/nonlinear-100": "simulated, known network",
    "dixit": "mouse dendritic cells",
    "papalexi": "human THP-1 cells",
}


def answer(table: pd.DataFrame) -> dict[str, float]:
    """The numbers under the chapter's title, from removal.csv."""
    any_change, large = (over_removals(by_removal(table, k), "excess") for k in (0.0, LARGE))
    cells, strong = any_change.loc["papalexi"], large.loc["papalexi"]
    return {
        "sim": any_change.loc[("sim/nonlinear-100", OWN), "excess"],
        "sim_r": any_change.loc[("sim/nonlinear-100", CONTROL), "excess"],
        "own": cells.loc[OWN, "excess"], "low": cells.loc[OWN, "low"],
        "high": cells.loc[OWN, "high"], "r": cells.loc[CONTROL, "excess"],
        "n": int(cells.loc[OWN, "removals"]), "n_large": int(strong.loc[OWN, "removals"]),
        "large": strong.loc[OWN, "excess"], "large_r": strong.loc[CONTROL, "excess"],
        "large_low": strong.loc[OWN, "low"], "large_high": strong.loc[OWN, "high"],
    }  # fmt: skip


# --- The screens ----------------------------------------------------------------------------------


def by_removal(table: pd.DataFrame, least: float = 0.0) -> pd.DataFrame:
    """One row per screen, method and removed gene: DeepSEM's ensemble, means over seeds of others.

    The table is removal.csv, of which the rows with this `least` change are taken; columns added:
    `runs`, trainings behind the row, and `excess`, AUROC less the higher of the two nulls. Methods
    that failed (`failures`) have no row.
    """
    table = table[(table["least"] == least) & table["error"].isna()].drop(columns="error")
    table = table.assign(excess=table["auroc"] - table[["null_other", "null_level"]].max(axis=1))
    ensembles = table[table["seed"] == ENSEMBLE]
    of_deepsem = table["method"].isin(ensembles["method"])
    runs = table[table["seed"] != ENSEMBLE].groupby(["data", "method"])["seed"].nunique()
    rows = pd.concat([ensembles, table[~of_deepsem]])
    keys = ["data", "method", "removed"]
    means = rows.groupby(keys, sort=False).mean(numeric_only=True).drop(columns="seed")
    return means.reset_index().merge(runs.rename("runs").reset_index(), on=["data", "method"])


def failures(table: pd.DataFrame) -> pd.DataFrame:
    """By screen: method and error of the methods of removal.csv that failed."""
    rows = table.dropna(subset="error").drop_duplicates(["data", "method"])
    rows = rows.assign(screen=rows["data"].map(NAMES)).set_index("screen")
    return rows.assign(method=rows["method"].map(shown_name))[["method", "error"]]


def over_removals(rows: pd.DataFrame, score: str = "auroc") -> pd.DataFrame:
    """Mean of a score over the removed genes with its 95 % interval, and the gain over CONTROL.

    Index: screen and method, best first. Columns: removals, runs, `score`, low, high, gain,
    gain_low, gain_high. Removals without the score are not counted.
    """
    wide = rows.pivot_table(index=["data", "removed"], columns="method", values=score)
    runs = rows.groupby(["data", "method"])["runs"].first()
    made = {}
    for data, part in wide.groupby(level="data"):
        for method in part.columns[part.notna().any()]:
            mean, low, high = t_interval(part[method].dropna())
            gain = t_interval((part[method] - part[CONTROL]).dropna())
            made[data, method] = [part[method].count(), runs[data, method], mean, low, high, *gain]
    names = ["removals", "runs", score, "low", "high", "gain", "gain_low", "gain_high"]
    table = pd.DataFrame.from_dict(made, orient="index", columns=names)
    table.index = pd.MultiIndex.from_tuples(table.index, names=["data", "method"])
    return table.sort_values(["data", score], ascending=[True, False])


def shown(rows: pd.DataFrame, data: str) -> pd.DataFrame:
    """A screen's table for the page: AUROC with interval, both nulls, first ten, sign, p (Holm)."""
    own = rows[(rows["data"] == data) & rows["auroc"].notna()]
    table = over_removals(own).loc[data]
    means = own.groupby("method").mean(numeric_only=True).reindex(table.index)
    p = [t_test(own.loc[own["method"] == method, "excess"]) for method in table.index]
    return named(pd.DataFrame({
        "trainings": table["runs"].astype(int),
        "AUROC": [f"{m:.3f} [{low:.3f}, {high:.3f}]" for m, low, high in
                  table[["auroc", "low", "high"]].to_numpy()],
        "another gene's": means["null_other"].round(3),
        "same level": means["null_level"].round(3),
        "above both": means["excess"].round(3), "p (Holm)": holm(p).round(3),
        "first ten": means["first"].round(2), "any ten": means["density"].round(2),
        "sign right": means["sign"].round(2),
    }))  # fmt: skip


def directions(rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of removed genes that move one way only, by method and over both screens.

    Columns: pairs, right (ties count ½), share and its exact 95 % interval. Methods whose sizes
    cannot be compared between removed genes are left out.
    """
    sums = rows.groupby("method", sort=False)[["one_way", "right_way"]].sum()
    sums = sums[sums["one_way"] > 0]
    interval = [
        stats.binomtest(round(right), int(pairs)).proportion_ci()
        for pairs, right in sums.to_numpy()
    ]
    low, high = np.array(interval).T
    share = sums["right_way"] / sums["one_way"]
    names = {"one_way": "pairs", "right_way": "right"}
    return named(sums.rename(columns=names).assign(share=share, low=low, high=high).round(2))


def power(rows: pd.DataFrame, score: str = "auroc") -> pd.DataFrame:
    """How small a mean gain over CONTROL each screen would have shown.

    `detectable`: half the 95 % interval of the gain over the removed genes, the median over the
    methods; `needed for 0.05`: removals for which it would be 0.05.
    """
    made = {}
    for data, part in rows.groupby("data"):
        wide = part.pivot_table(index="removed", columns="method", values=score).dropna(how="all")
        others = wide.columns.difference([CONTROL, LEVEL, RANDOM])
        gains = wide[others].sub(wide[CONTROL], axis=0)
        n, sd = len(gains), float(gains.std().median())
        half = stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n) if n > 1 else np.nan
        needed = None if n < 3 else next((k for k in range(2, 10_000) if
                       stats.t.ppf(0.975, k - 1) * sd / np.sqrt(k) <= 0.05), None)  # fmt: skip
        removed = part["removed"].nunique()
        made[NAMES.get(data, data)] = [removed, n, sd, half, needed]
    names = ["removals", "with enough effects", "sd of a gain", "detectable", "needed for 0.05"]
    table = pd.DataFrame.from_dict(made, orient="index", columns=names)
    return table.round(3).astype({"needed for 0.05": "Int64"})


def knock_out_gains(rows: pd.DataFrame, score: str = "auroc") -> pd.DataFrame:
    """In-silico knock-outs of DeepSEM less its own edges and less CONTROL, over all screens.

    p (Holm): of a mean of 0, corrected for all rows.
    """
    wide = rows.pivot_table(index=["data", "removed"], columns="method", values=score)
    made: dict[tuple[str, str], list[Any]] = {}
    for preset in (OWN, PAPER):
        for name in (CUT, SILENT):
            for against in (preset, CONTROL):
                gain = (wide[f"{preset}, {name}"] - wide[against]).dropna()
                mean, low, high = t_interval(gain)
                said = verdict(len(gain), low, high)
                row = [len(gain), mean, low, high, said, t_test(gain)]
                made[f"{preset}, {name}", against] = row
    table = pd.DataFrame.from_dict(made, orient="index")
    table.columns = ["removals", "gain", "low", "high", "verdict", "p (Holm)"]
    table["p (Holm)"] = holm(table["p (Holm)"])
    table.index = pd.MultiIndex.from_tuples(table.index, names=["knock-out", "less"])
    return table.round(3)


# --- BEELINE's networks of knock-outs -------------------------------------------------------------


def by_network(table: pd.DataFrame, against: str = CONTROL, fewest: int = FEWEST) -> pd.DataFrame:
    """One row per matrix, network and method: EPR, and within-TF AUROC over the regulators.

    The table is knockouts/within_tf.csv. Counted are regulators with `fewest` or more targets.
    Columns: epr, n_tfs, auroc with the ends of Student's 95 % interval over regulators (low, high),
    and gain, the mean difference to `against` regulator by regulator, with its own interval
    (gain_low, gain_high).
    """
    counted = table[table["n_targets"] >= fewest].fillna({"preset": ""})
    other = counted[counted["method"] == against].set_index(["data", "network", "TF"])["auroc"]
    rows = []
    for key, group in counted.groupby(KEY, sort=False):
        own = group.set_index(["data", "network", "TF"])["auroc"]
        auroc, gain = t_interval(own), t_interval((own - other.reindex(own.index)).dropna())
        rows.append([*key, group["epr"].iloc[0], len(group), *auroc, *gain])
    names = ["epr", "n_tfs", "auroc", "low", "high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(rows, columns=[*KEY, *names])


def wide_by_network(table: pd.DataFrame, score: str = "auroc") -> pd.DataFrame:
    """Scores of `by_network`, a row per method (and preset), a column per network, best first.

    The columns say how many regulators there are.
    """
    kinds = table.groupby(["data", "network"])["n_tfs"].max()
    names = {
        (data, kind): f"{data.removeprefix('beeline/')} {shown_kind(kind)} ({n_tfs})"
        for (data, kind), n_tfs in kinds.items()
    }
    preset = table["preset"].map(lambda name: f", {name}" if name else "")
    table = table.assign(
        method=table["method"].map(shown_name) + preset,
        on=[names[of] for of in zip(table["data"], table["network"], strict=True)],
    )
    wide = table.pivot_table(index="method", columns="on", values=score)
    return wide.loc[wide.mean(axis=1).sort_values(ascending=False).index].round(3)
