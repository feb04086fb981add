"""The tables of the last chapter and of the introduction, from `claims.scorecard()`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import HTML
from scipy.stats import t as student

from .. import benchmark_table
from ..sortable_table import sortable
from .claim import CONTROL, PAPER
from .claims import SAYS
from .inference import CONTROLS, SCORES

INFERENCE = "GRN inference"


def number(value: float) -> str:
    """A published value: a number, or the direction where the paper gives no number."""
    return {np.inf: "higher", -np.inf: "lower"}.get(value, f"{value:.4g}")


def measured(row: pd.Series) -> str:
    """Our mean with its interval; a count, or what has no interval, alone."""
    if not np.isfinite(row["measured"]):
        return ""
    spread = np.isfinite(row["low"]) and row["low"] < row["high"]
    ends = f" [{row['low']:.3g}, {row['high']:.3g}]" if spread else ""
    return f"{row['measured']:.3g}{ends}"


def verdict(row: pd.Series) -> str:
    """The verdict, with the per cent of the published effect by which it is missed at least."""
    missed = f" by {row['by']:.2g} %" if row["verdict"] in ("weaker", "stronger") else ""
    return f"{row['verdict']}{missed}"


def shown(values: pd.Series, digits: int = 3) -> list[str]:
    """Numbers as text; empty where there is none."""
    return [f"{value:.{digits}g}" if np.isfinite(value) else "" for value in values]


def board(rows: pd.DataFrame) -> HTML:
    """A sortable table of claims; tooltips: the part, and the value of no effect."""
    without = [f"{a} ({b})" if a else "" for a, b in zip(shown(rows["without"]), rows["telling"])]
    columns = {
        "chapter": rows["page"].str.extract(r"0*(\w+?)_", expand=False),
        "claim": rows["claim"],
        "verdict": rows.apply(verdict, axis=1),
        "the paper": rows["published"].map(number),
        "here [95 % interval]": rows.apply(measured, axis=1),
        "p, Holm": shown(rows["holm"], 2),
        "median": shown(rows["median"]),
        "mean without": without,
        "from": rows["n"].astype(str) + " " + rows["of"],
    }
    table = pd.DataFrame(columns).set_index("chapter")
    if (rows["asked_by"] == CONTROL).all():
        table = table.drop(columns="the paper")
    hover = pd.DataFrame("", index=table.index, columns=table.columns)
    hover["claim"] = rows["part"].to_numpy()
    hover["verdict"] = [f"without effect: {row.nothing:.3g}" for row in rows.itertuples()]
    return sortable(table, hover)


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """How many of the paper's claims, by part, and of the comparisons with controls, say what."""
    of = table["part"].where(table["asked_by"] == PAPER, "beside controls")
    counted = pd.crosstab(of, table["says"]).reindex(columns=list(SAYS), fill_value=0)
    return counted.reindex([*table["part"].unique(), "beside controls"])


def after_holm(table: pd.DataFrame) -> pd.DataFrame:
    """How many intervals leave no effect out, before and after `statistics.holm`, by who asks."""
    with_p = table.dropna(subset="holm").groupby("asked_by", sort=False)
    counted = with_p.agg(
        intervals=("p", "size"), decided=("p", lambda p: (p < 0.05).sum()),
        still=("holm", lambda p: (p < 0.05).sum()),
    )  # fmt: skip
    counted["by chance"] = 0.05 * counted["intervals"]
    names = {"decided": "p < 0.05", "still": "after Holm"}
    return counted.rename(columns=names).rename_axis("asked by")


def answer(table: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the chapter's answer, by name."""
    by = counts(table)
    own, controls = by.loc[INFERENCE], by.loc["beside controls"]
    rest = by.drop(index=[INFERENCE, "beside controls"]).sum()
    claims = table.set_index("claim")["measured"]
    return {
        "inference": own.sum(), "inference_out": own["borne out"],
        "inference_weaker": own["weaker"], "inference_not": own["not borne out"],
        "inference_none": own["not contradicted"],
        "inference_undecided": own["undecided"],
        "others": rest.sum(), "others_out": rest["borne out"], "others_not": rest["not borne out"],
        "others_none": rest["not contradicted"],
        "others_undecided": rest["undecided"], "others_untested": rest["not tested"],
        "controls": controls.sum(), "better": controls["borne out"],
        "worse": controls["not borne out"], "level": controls["undecided"],
        "below_degree": 100 - claims["EPR above TF-degree, % of benchmarks"],
    }  # fmt: skip


def introduction(table: pd.DataFrame) -> pd.DataFrame:
    """What reproduces, in a row per claim with a headline: verdict, page, the paper's and our
    number. The paper's claims first, in the order of `claims.PARTS`."""
    rows = table[table["headline"] != ""].sort_values("asked_by", kind="stable", ascending=False)
    return pd.DataFrame({
        "asked_by": rows["asked_by"], "claim": rows["headline"],
        "verdict": rows.apply(verdict, axis=1),
        "page": rows["page"], "paper": rows["published"].map(number),
        "here": rows.apply(measured, axis=1),
    })  # fmt: skip


def share_of_lead() -> pd.DataFrame:
    """Score x control: the share (%) of DeepSEM's lead over Pearson that the control has too.

    From geometric means over the benchmarks that have a score of all; `benchmarks` counts them.
    """
    methods = ["DeepSEM", "Pearson", *(name for name in CONTROLS if name != "TF-degree")]
    summary, rows = benchmark_table.summarise(benchmark_table.recorded()), {}
    for name, column in SCORES.items():
        scores = benchmark_table.matrix(summary, column, methods).dropna()
        lead = np.log(scores.div(scores["Pearson"], axis=0)).mean()
        shares = (100 * lead / lead["DeepSEM"]).drop(["DeepSEM", "Pearson"])
        rows[name] = {"benchmarks": str(len(scores))} | {
            control: f"{share:.0f} %" for control, share in shares.items()
        }
    return pd.DataFrame(rows).T.rename_axis("score")


def needed(undecided: pd.DataFrame) -> Iterator[tuple[str, int, str, int]]:
    """(claim, n, of, the n that would decide it with the same mean and scatter, at most 10⁶)."""
    n = np.unique(np.geomspace(2, 1e6, 4000).astype(int))
    for row in undecided.itertuples():
        half, effect = (row.high - row.low) / 2, abs(row.measured - row.nothing)
        sd = half * np.sqrt(row.n) / student.ppf(0.975, row.n - 1)
        enough = n[student.ppf(0.975, n - 1) * sd / np.sqrt(n) < effect]
        yield row.claim, row.n, row.of, int(enough[0]) if len(enough) else n[-1]


def best_share(epr: pd.DataFrame) -> pd.Series:
    """Per cent of the benchmarks (rows with all scores) on which each method (column) is best."""
    best = epr.dropna().idxmax(axis=1)
    return (best.value_counts(normalize=True) * 100).round(0)
