"""DeepSEM's counts and gains on the recorded grid beside those that the paper prints."""

import pandas as pd

from .. import datasets
from ..benchmark_table import gains, leads, shown_name
from ..statistics import bootstrap_over_data_sets, holm, p_over_data_sets, share_over_data_sets
from .comparison import SCORES, Comparison, base

WITH_GAIN = ["PIDC", "GENIE3", "GRNBoost2"]  # methods for which the paper prints a gain


def counts_and_gains(comparison: Comparison) -> pd.DataFrame:
    """(score, claim) x the paper, here, 95 % interval, whether the paper is inside, bootstrap.

    p (Holm): two-sided, of the paper's number, corrected for all rows.
    """
    table = pd.DataFrame([*count_rows(comparison), *gain_rows(comparison)])
    table["p (Holm)"] = [f"{p:.2g}" for p in holm(table["p (Holm)"])]
    return table.set_index(["score", "DeepSEM"]).replace({True: "yes", False: "no"})


def count_rows(comparison: Comparison) -> list[dict[str, object]]:
    """On how many benchmarks DeepSEM is best, and best by a margin."""
    rows: list[dict[str, object]] = []
    published = datasets.published()
    n = int(published["benchmarks"])
    for score, column in SCORES.items():
        for margin, key in ((0.0, "best"), (0.1, "best_by_margin")):
            count = int(published[f"{column}_{key}"])
            ahead = leads(comparison.beside_rivals(score), "DeepSEM", margin)
            low, high, p = share_over_data_sets(ahead, count / n)
            rows.append(
                {
                    "score": score,
                    "DeepSEM": "10 % above the second best" if margin else "best",
                    "the paper": f"{count} of {n} ({count / n:.0%})",
                    "here": f"{ahead.sum()} of {len(ahead)} ({ahead.mean():.0%})",
                    "95 % interval": f"{low:.0%} to {high:.0%}",
                    "paper inside": low <= count / n <= high,
                    "p (Holm)": p,
                    "bootstrap": "{:.0%} to {:.0%}".format(*bootstrap_over_data_sets(ahead)),
                }
            )
    return rows


def gain_rows(comparison: Comparison) -> list[dict[str, object]]:
    """The mean gain over the methods for which the paper prints one."""
    rows: list[dict[str, object]] = []
    published = datasets.published()
    n = int(published["benchmarks"])
    run_as = {base(name): name for name in comparison.rivals}
    for other in (name for name in WITH_GAIN if name in run_as):
        gain = published[f"gain_over_{other.lower()}"]
        at_least = int(published[f"not_below_{other.lower()}"])
        for score, scores in comparison.scores.items():
            pair = scores[["DeepSEM", run_as[other]]]
            pair = pair[pair[run_as[other]] > 0]
            [r] = gains(pair, "DeepSEM").itertuples()
            percent = (100 * (pair["DeepSEM"] / pair[run_as[other]] - 1)).dropna()
            rows.append(
                {
                    "score": score,
                    "DeepSEM": f"mean gain over {shown_name(run_as[other])}",
                    "the paper": f"{gain:+.1f} %, {at_least} of {n} equal or better",
                    "here": f"{r.gain:+.1f} %, {r.at_least} of {r.n} equal or better",
                    "95 % interval": f"{r.low:+.1f} to {r.high:+.1f} %",
                    "paper inside": r.low <= gain <= r.high,
                    "p (Holm)": p_over_data_sets(percent - gain),
                    "bootstrap": f"{r.drawn_low:+.1f} to {r.drawn_high:+.1f} %",
                }
            )
    return rows
