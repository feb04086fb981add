"""What recorded tables say of the tool: known truths, pairs of seeds, the paper's preset beside it.

truth.csv has ten simulated networks a setting (or as many as were measured), pairs.csv real cells,
own.csv BEELINE's matrices. Each number of the chapter's tables is computed here.
"""

from typing import Any

import numpy as np
import pandas as pd

from .. import benchmark_table, datasets, truth_table
from ..statistics import t_interval
from ..truth_table import BEHIND, CONTROLS, IN_WORDS, OWN, gaps, in_words
from . import measure_pairs

FIRST = 200  # edges of a list
# What is asked of the tool: the limits of the table "must show".
SIGNS_APART, RIGHT_SIGNS, SHARED, LOSS = 0.05, 0.95, 0.60, -3.0
REASONS = ("depth_sd=1.0", "normalised=False", "depth_sd=0.25 normalised=False",
           "depth_sd=0.75 normalised=False")  # fmt: skip


def known_truths() -> pd.DataFrame:
    return truth_table.table_at().read()


def by_setting(table: pd.DataFrame) -> pd.DataFrame:
    """One row per setting that DeepSEM has been measured in, the knobs together.

    networks; mean AUROC of DeepSEM (ensemble), each control and the oracle on the networks that
    all of them have; differences to `correlation` and to the `best` control with 95 % t intervals
    over networks; activating less repressing; right signs; share of edges of two members; and what
    to `use`.
    """
    rows = {}
    wide = truth_table.ensembles(table)
    auroc = wide.pivot_table(index=["setting", "network"], columns="method", values="auroc")
    auroc = auroc.dropna(subset=[OWN, *CONTROLS])
    ours = truth_table.scores_of(table, OWN)
    for setting in sorted(auroc.index.unique("setting"), key=order):
        scores = auroc.loc[setting]
        best = str(scores[list(CONTROLS)].mean().idxmax())
        row: dict[str, Any] = {"networks": len(scores)} | scores.mean().to_dict()
        for reference, end in (("correlation", ""), (best, " to best")):
            ends = t_interval(scores[OWN] - scores[reference])
            names = [what + end for what in ("difference", "low", "high")]
            row |= dict(zip(names, ends, strict=True))
        of_setting = ours.loc[[setting]]
        row["activating - repressing"] = gaps(of_setting).mean()
        row |= {"sign": of_setting["sign"].mean(), "shared": of_setting["shared"].mean()}
        row["best"] = best
        ahead = row["difference to best"]
        row["use"] = best if ahead < BEHIND else "DeepSEM" if ahead > -BEHIND else "either"
        rows[setting] = row
    return pd.DataFrame(list(rows.values()), index=list(rows))


def few_columns() -> pd.DataFrame:
    """One row per setting of truth_few.csv: AUROC with few and with all columns, seed by seed."""
    few, full = (
        table[table["seed"] != truth_table.ENSEMBLE].set_index(["setting", "network", "seed"])
        for table in (datasets.results("truth_few"), known_truths().query("method == @OWN"))
    )
    pairs = pd.concat(
        {"TFs and groups": few["auroc"], "all columns": full["auroc"]}, axis=1, join="inner"
    )
    gaps = pairs["TFs and groups"] - pairs["all columns"]
    draws = {in_words(str(name)): gap for name, gap in gaps.groupby(level="setting")}
    of_settings = gaps.groupby(level="setting").mean()
    rows = pairs.groupby(lambda at: in_words(at[0])).mean()
    rows.loc["all of these"] = pairs.mean()
    sizes = {name: len(gap) for name, gap in draws.items()} | {"all of these": len(gaps)}
    ends = [t_interval(draws.get(name, of_settings)) for name in rows.index]
    rows[["difference", "low", "high"]] = ends
    rows.insert(0, "networks", rows.index.map(sizes))
    return rows.sort_values("difference").rename_axis("setting")


def whole_genome() -> pd.DataFrame:
    """whole_genome.csv with a row per measure and a column per run: the value / its reference."""
    table = datasets.results("whole_genome")

    def cell(row: pd.Series) -> str:
        if row["measure"].startswith("first edges"):
            return f"{row['value']:.0%} / {100 * row['of']:.1g}%"
        form = ".2f" if row["measure"].startswith("rank correlation") else ",.0f"
        beside = f" / {row['of']:{form}}" if row["of"] > 0 else ""
        return f"{row['value']:{form}}{beside}"

    shown = table.assign(cell=table.apply(cell, axis=1))
    wide = shown.pivot(index="measure", columns="run", values="cell")
    order = table["measure"].unique()
    return wide.loc[order, list(table["run"].unique())].fillna("").rename_axis(None, axis=1)


def by_method(table: pd.DataFrame) -> pd.DataFrame:
    """Mean scores of each method over the simulated data sets that all of them were measured on.

    networks (data sets), auroc, early_precision (true share of the first n, where the truth has n
    edges), sign, direction (share of one-way edges between TFs that score more than their reverse).
    """
    rows = truth_table.ensembles(table)
    methods = [OWN, *CONTROLS, *[name for name in ("oracle",) if name in set(rows["method"])]]
    rows = rows[rows["method"].isin(methods)]
    whole = rows.groupby(["setting", "network"])["method"].transform("nunique") == len(methods)
    groups = rows[whole].groupby("method")
    means = groups[["auroc", "early_precision", "sign", "direction"]].mean()
    return means.assign(networks=groups.size()).reindex(methods).rename(index={OWN: "DeepSEM"})


def order(setting: str) -> tuple[int, str, float]:
    """The base, then each knob by its levels."""
    knob, level = setting.split()[0].split("=") if setting != "base" else ("", "0")
    number = float(level) if level not in ("True", "False") else 0.0
    return list(IN_WORDS).index(knob) if knob else -1, setting.split("=")[0], number


def answer(rows: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the chapter's first sentence, of `by_setting`."""
    behind_best = rows["difference to best"] < BEHIND
    return {
        "settings": len(rows),
        "networks": int(rows["networks"].sum()),
        "behind": int((rows["difference"] < BEHIND).sum()),
        "behind_best": int(behind_best.sum()),
        "ahead": int((rows["use"] == "DeepSEM").sum()),
        "ridge": int((rows["best"][behind_best] == "ridge").sum()),
        "ours": rows[OWN].mean(),
        "theirs": rows["ridge"].mean(),
        "correlation": rows["correlation"].mean(),
        "sign": rows["sign"].mean(),
    }


def instead(rows: pd.DataFrame) -> pd.DataFrame:
    """Which ranking to take in which settings (`by_setting`), the most frequent one first."""
    taken = rows.assign(setting=list(map(in_words, rows.index))).groupby("use")["setting"]
    table = pd.DataFrame({"settings": taken.size(), "which": taken.agg("; ".join)})
    return table.sort_values("settings", ascending=False).style.set_properties(
        subset=["which"], **{"white-space": "normal", "text-align": "left"}
    )


# --- What was asked of the tool, and what was reached ---------------------------------------------


def must_show(
    table: pd.DataFrame | None = None,
    pairs: pd.DataFrame | None = None,
    own: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per demand: what was wanted, what was measured, its interval, and whether it holds.

    Intervals are 95 % t over networks (each the mean over its settings) or, of BEELINE, over data
    sets. `holds` is "undecided" where an interval holds the limit.
    """
    table = known_truths() if table is None else table
    pairs = measured_pairs() if pairs is None else pairs
    own = datasets.results("own") if own is None else own
    rows = [*of_truth(table), *of_pairs(pairs), *of_matrices(own)]
    for score in ("epr", "auprc_ratio"):
        gain = benchmark_table.against_the_paper(own, benchmark_table.recorded(), score).iloc[0]
        low, high = gain["95 % low"], gain["95 % high"]
        rows.append(demand(
            f"BEELINE, {score}: gain on the paper's preset, {gain['benchmarks']} benchmarks",
            f"at least {LOSS:.0f} %", gain["gain, %"], low, high, LOSS, "{:.1f} %",
        ))  # fmt: skip
    return pd.DataFrame(rows)


def of_truth(table: pd.DataFrame) -> list[dict[str, str]]:
    rows, ours = by_setting(table), truth_table.scores_of(table, OWN)
    short = rows["difference"] < BEHIND
    names = ", ".join(map(in_words, rows.index[short])) or "none"
    counted = {
        "what": "AUROC, every setting, against the correlation",
        "wanted": f"at least {BEHIND}",
        "measured": f"{len(rows) - short.sum()} of {len(rows)} settings; short: {names}",
        "95 % interval": "", "holds": "no" if short.any() else "yes",
    }  # fmt: skip
    apart_in = rows["activating - repressing"].dropna()
    beyond = apart_in.index[apart_in.abs() > SIGNS_APART]
    theirs = gaps(truth_table.scores_of(table, "correlation")).groupby(level="setting").mean()
    listed = [f"{in_words(s)} {apart_in[s]:.3f} (correlation {theirs[s]:.3f})" for s in beyond]
    by_sign = {
        "what": "activating less repressing, every setting", "wanted": f"within {SIGNS_APART}",
        "measured": f"{len(apart_in) - len(beyond)} of {len(apart_in)} settings; beyond: "
        + (", ".join(listed) or "none"),
        "95 % interval": "", "holds": "no" if len(beyond) else "yes",
    }  # fmt: skip
    reason = rows.index.intersection(REASONS)
    both = pd.concat({
        "ours": ours["auroc"], "theirs": truth_table.scores_of(table, "correlation")["auroc"]
    }, axis=1, join="inner")  # fmt: skip
    gain = by_network((both["ours"] - both["theirs"]).loc[list(reason)])
    apart = by_network(gaps(ours))
    right = by_network(ours["sign"])
    return [
        counted,
        demand("AUROC where depth gives a reason, against the correlation", "above 0",
               *t_interval(gain), 0, "{:+.3f}"),
        by_sign,
        demand("activating less repressing, mean over settings", f"within {SIGNS_APART}",
               *t_interval(apart), SIGNS_APART, "{:+.3f}", within=True),
        demand(f"right signs among the true edges of the first {FIRST}",
               f"at least {RIGHT_SIGNS:.0%}", *t_interval(right), RIGHT_SIGNS, "{:.1%}"),
    ]  # fmt: skip


def by_network(values: pd.Series) -> pd.Series:
    """Mean over the settings of each network."""
    return values.dropna().groupby(level="network").mean()


def demand(
    what: str, wanted: str, mean: float, low: float, high: float, limit: float, form: str,
    within: bool = False,
) -> dict[str, str]:  # fmt: skip
    """A row: does the interval lie above the limit, or `within` ± the limit?"""
    ends = (low, high) if np.isfinite([low, high]).all() else (mean, mean)
    reached = [abs(end) <= limit if within else end >= limit for end in ends]
    holds = {2: "yes", 0: "no"}.get(sum(reached), "undecided")
    if within and not any(reached) and ends[0] < 0 < ends[1]:
        holds = "undecided"
    interval = f"{form.format(low)} to {form.format(high)}" if np.isfinite(low) else ""
    return {
        "what": what, "wanted": wanted, "measured": form.format(mean), "95 % interval": interval,
        "holds": holds if np.isfinite(mean) else "not measured",
    }  # fmt: skip


def measured_pairs() -> pd.DataFrame:
    """pairs.csv, one row per pair of seeds on real cells."""
    return measure_pairs.TABLE.read()


def of_pairs(pairs: pd.DataFrame) -> list[dict[str, str]]:
    """Every pair by itself: a mean would hide a member that is alone."""
    rows = []
    for name, of_data in pairs.groupby("data", sort=False):
        shares, size = of_data["shared"], of_data.iloc[0]
        rows.append({
            "what": f"two seeds, first {size['top']} edges of {name} ({size['n_cells']} cells, "
            f"{size['n_genes']} genes, {size['n_tfs']} TFs)",
            "wanted": f"at least {SHARED:.0%}",
            "measured": ", ".join(f"{share:.0%}" for share in shares),
            "95 % interval": "", "holds": "yes" if (shares >= SHARED).all() else "no",
        })  # fmt: skip
    missing = [name for name in measure_pairs.DATA if name not in set(pairs["data"])]
    about = {"wanted": f"at least {SHARED:.0%}", "95 % interval": "", "holds": "not measured"}
    return rows + [
        about | {"what": f"two seeds, first {FIRST} edges of {name}", "measured": ""}
        for name in missing
    ]


def of_matrices(own: pd.DataFrame) -> list[dict[str, str]]:
    """What the members of own.csv's ensembles share, where it was measured."""
    known = own.dropna(subset=["shared"]).drop_duplicates("data")
    return [
        {
            "what": f"{row['n_members']} seeds, first {FIRST} edges of {row['data']}",
            "wanted": f"at least {SHARED:.0%}", "measured": f"{row['shared']:.0%}",
            "95 % interval": "", "holds": "yes" if row["shared"] >= SHARED else "no",
        }
        for row in known.to_dict("records")
    ]  # fmt: skip


def details(rows: pd.DataFrame) -> pd.DataFrame:
    """`by_setting` for reading: a line per setting, intervals as text."""
    shown = pd.DataFrame(index=pd.Index(map(in_words, rows.index), name="setting"))
    for name in ("networks", OWN, *CONTROLS, *(["oracle"] if "oracle" in rows else [])):
        shown[name.removesuffix(" own")] = rows[name].to_numpy()
    for name, end in (("to correlation", ""), ("to best control", " to best")):
        ends = rows[[what + end for what in ("difference", "low", "high")]].to_numpy(float)
        shown[name] = [
            f"{mean:+.3f}" + (f" [{low:+.3f}, {high:+.3f}]" if np.isfinite(low) else "")
            for mean, low, high in ends
        ]
    for name in ("activating - repressing", "sign", "shared"):
        shown[name] = rows[name].to_numpy()
    shown["use"] = rows["use"].to_numpy()
    return shown
