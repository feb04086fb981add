"""The tables and sentences of the last chapter, from `claims.scorecard()`."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from IPython.display import HTML
from scipy.stats import t as student

from .. import benchmark_table
from ..sortable_table import sortable
from .claim import CONTROL
from .claims import CONTROLS, SCORES


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


def board(rows: pd.DataFrame) -> HTML:
    """A sortable table of claims; tooltips: the part, and the value of no effect."""
    columns = {
        "chapter": rows["page"].str[:2].astype(int),
        "claim": rows["claim"],
        "verdict": rows["verdict"],
        "the paper": rows["published"].map(number),
        "here [95 % interval]": rows.apply(measured, axis=1),
        "from": rows["n"].astype(str) + " " + rows["of"],
    }
    shown = pd.DataFrame(columns).set_index("chapter")
    if (rows["asked_by"] == CONTROL).all():
        shown = shown.drop(columns="the paper")
    hover = pd.DataFrame("", index=shown.index, columns=shown.columns)
    hover["claim"] = rows["part"].to_numpy()
    hover["verdict"] = [f"without effect: {row.nothing:.3g}" for row in rows.itertuples()]
    return sortable(shown, hover)


def by_part(rows: pd.DataFrame) -> str:
    """One line per part of the paper: its chapters and how many claims have which verdict."""
    counts = rows.groupby("part", sort=False)["verdict"].value_counts().unstack(fill_value=0)
    lines = []
    for part, row in counts.iterrows():
        pages = rows.loc[rows["part"] == part, "page"].unique()
        chapters = "chapter" + "s" * (len(pages) > 1)
        numbers = " and ".join(str(int(page[:2])) for page in pages)
        verdicts = ", ".join(f"{n} {verdict}" for verdict, n in row[row > 0].items())
        lines.append(f"- **{part}** ({chapters} {numbers}): {verdicts}")
    return "\n".join(lines)


def listed(rows: pd.DataFrame) -> str:
    """The claims of some rows, with our mean, in one line."""
    return "; ".join(f"{row.claim}: {row.measured:.3g}" for row in rows.itertuples()) or "none"


def counted(rows: pd.DataFrame) -> str:
    """How many claims have which verdict, the most frequent first."""
    counts = rows["verdict"].value_counts()
    verdicts = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    return f"of {len(rows)} claims {verdicts}"


def summary(asked: pd.DataFrame, controls: pd.DataFrame) -> str:
    """The verdicts of the paper's own comparisons, and those beside controls."""
    is_inference = asked["part"] == "GRN inference"
    above, below, undecided = (
        controls[controls["verdict"] == word]
        for word in ("same direction", "opposite", "undecided")
    )
    return (
        f"- **GRN inference**: {counted(asked[is_inference])}.\n"
        f"- **The other parts**: {counted(asked[~is_inference])}.\n"
        f"- **Against controls without a network**: of {len(controls)} comparisons DeepSEM is "
        f"better in {len(above)}, worse in {len(below)}, and {len(undecided)} are undecided."
        + (f" Worse: {listed(below)}." if len(below) else "")
    )


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


def needed(undecided: pd.DataFrame) -> Iterator[tuple[str, int, str, int | None]]:
    """(claim, n, of, the n that would decide it with the same mean and scatter, None: > 10⁶)."""
    n = np.unique(np.geomspace(2, 1e6, 4000).astype(int))
    for row in undecided.itertuples():
        half, effect = (row.high - row.low) / 2, abs(row.measured - row.nothing)
        sd = half * np.sqrt(row.n) / student.ppf(0.975, row.n - 1)
        enough = n[student.ppf(0.975, n - 1) * sd / np.sqrt(n) < effect]
        yield row.claim, row.n, row.of, int(enough[0]) if len(enough) else None


def best_share(epr: pd.DataFrame) -> pd.Series:
    """Per cent of the benchmarks (rows with all scores) on which each method (column) is best."""
    best = epr.dropna().idxmax(axis=1)
    return (best.value_counts(normalize=True) * 100).round(0)
